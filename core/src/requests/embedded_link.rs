//! Requests for embedded links: tokens that the program delivers itself.

use std::borrow::Cow;
use std::time::Duration;

use super::parse;
use super::{LoginOptions, User};
use crate::error::Error;
use crate::json::{Object, Value};
use crate::operations::{EMBEDDED_LINK_SCHEMA, EMBEDDED_LINK_SIGN_UP_SCHEMA};

/// Requests a token that signs an existing user in. `Debug` shows no value.
#[derive(Clone, Debug)]
pub struct EmbeddedLinkRequest<'a>(pub(crate) Object<'a>);

impl<'a> EmbeddedLinkRequest<'a> {
    /// A request for the user with this login ID.
    #[must_use]
    pub fn new(login_id: impl Into<Cow<'a, str>>) -> Self {
        EmbeddedLinkRequest(Object::new(&EMBEDDED_LINK_SCHEMA).with(
            const { EMBEDDED_LINK_SCHEMA.field("loginId") },
            Value::string(login_id),
        ))
    }

    /// Parses a JSON document.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for anything but a JSON object with known keys and values of the right types.
    pub fn from_json(json: &'a str) -> Result<EmbeddedLinkRequest<'a>, Error> {
        parse(&EMBEDDED_LINK_SCHEMA, json).map(EmbeddedLinkRequest)
    }

    /// Custom claims of the session token, as a JSON object.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for anything but a JSON object.
    pub fn custom_claims(self, json: &'a str) -> Result<Self, Error> {
        let value = Value::any_object("customClaims", json)?;
        Ok(EmbeddedLinkRequest(self.0.with(
            const { EMBEDDED_LINK_SCHEMA.field("customClaims") },
            value,
        )))
    }

    /// How long the token is valid, in whole seconds. Default: the setting of the project.
    #[must_use]
    pub fn expires_after(self, time: Duration) -> Self {
        EmbeddedLinkRequest(self.0.with(
            const { EMBEDDED_LINK_SCHEMA.field("timeout") },
            Value::seconds(time),
        ))
    }

    /// The project, if it is not that of the client.
    #[must_use]
    pub fn project_id(self, id: impl Into<Cow<'a, str>>) -> Self {
        EmbeddedLinkRequest(self.0.with(
            const { EMBEDDED_LINK_SCHEMA.field("projectId") },
            Value::string(id),
        ))
    }

    /// The timeout of this call, if it is not that of the client.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        EmbeddedLinkRequest(self.0.with(
            const { EMBEDDED_LINK_SCHEMA.field("timeoutMs") },
            Value::duration(timeout),
        ))
    }

    /// More fields of the request body, as a JSON object. They are merged in unchecked.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for anything but a JSON object.
    pub fn extra(self, json: &'a str) -> Result<Self, Error> {
        let value = Value::any_object("extra", json)?;
        Ok(EmbeddedLinkRequest(self.0.with(
            const { EMBEDDED_LINK_SCHEMA.field("extra") },
            value,
        )))
    }
}

/// Requests a token that signs a new user up. `Debug` shows no value.
#[derive(Clone, Debug)]
pub struct SignUpEmbeddedLinkRequest<'a>(pub(crate) Object<'a>);

impl<'a> SignUpEmbeddedLinkRequest<'a> {
    /// A request for a new user with this login ID.
    #[must_use]
    pub fn new(login_id: impl Into<Cow<'a, str>>) -> Self {
        SignUpEmbeddedLinkRequest(Object::new(&EMBEDDED_LINK_SIGN_UP_SCHEMA).with(
            const { EMBEDDED_LINK_SIGN_UP_SCHEMA.field("loginId") },
            Value::string(login_id),
        ))
    }

    /// Parses a JSON document.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for anything but a JSON object with known keys and values of the right types.
    pub fn from_json(json: &'a str) -> Result<SignUpEmbeddedLinkRequest<'a>, Error> {
        parse(&EMBEDDED_LINK_SIGN_UP_SCHEMA, json).map(SignUpEmbeddedLinkRequest)
    }

    /// Details of the user, such as the name.
    #[must_use]
    pub fn user(self, user: User<'a>) -> Self {
        SignUpEmbeddedLinkRequest(self.0.with(
            const { EMBEDDED_LINK_SIGN_UP_SCHEMA.field("user") },
            Value::Object(user.0),
        ))
    }

    /// Whether the user's email address counts as verified.
    #[must_use]
    pub fn email_verified(self, flag: bool) -> Self {
        SignUpEmbeddedLinkRequest(self.0.with(
            const { EMBEDDED_LINK_SIGN_UP_SCHEMA.field("emailVerified") },
            Value::Bool(flag),
        ))
    }

    /// Whether the user's phone number counts as verified.
    #[must_use]
    pub fn phone_verified(self, flag: bool) -> Self {
        SignUpEmbeddedLinkRequest(self.0.with(
            const { EMBEDDED_LINK_SIGN_UP_SCHEMA.field("phoneVerified") },
            Value::Bool(flag),
        ))
    }

    /// Options of the session.
    #[must_use]
    pub fn login_options(self, options: LoginOptions<'a>) -> Self {
        SignUpEmbeddedLinkRequest(self.0.with(
            const { EMBEDDED_LINK_SIGN_UP_SCHEMA.field("loginOptions") },
            Value::Object(options.0),
        ))
    }

    /// How long the token is valid, in whole seconds. Default: the setting of the project.
    #[must_use]
    pub fn expires_after(self, time: Duration) -> Self {
        SignUpEmbeddedLinkRequest(self.0.with(
            const { EMBEDDED_LINK_SIGN_UP_SCHEMA.field("timeout") },
            Value::seconds(time),
        ))
    }

    /// The project, if it is not that of the client.
    #[must_use]
    pub fn project_id(self, id: impl Into<Cow<'a, str>>) -> Self {
        SignUpEmbeddedLinkRequest(self.0.with(
            const { EMBEDDED_LINK_SIGN_UP_SCHEMA.field("projectId") },
            Value::string(id),
        ))
    }

    /// The timeout of this call, if it is not that of the client.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        SignUpEmbeddedLinkRequest(self.0.with(
            const { EMBEDDED_LINK_SIGN_UP_SCHEMA.field("timeoutMs") },
            Value::duration(timeout),
        ))
    }

    /// More fields of the request body, as a JSON object. They are merged in unchecked.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for anything but a JSON object.
    pub fn extra(self, json: &'a str) -> Result<Self, Error> {
        let value = Value::any_object("extra", json)?;
        Ok(SignUpEmbeddedLinkRequest(self.0.with(
            const { EMBEDDED_LINK_SIGN_UP_SCHEMA.field("extra") },
            value,
        )))
    }
}
