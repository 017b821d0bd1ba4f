//! Requests about test users.

use std::borrow::Cow;
use std::time::Duration;

use super::LoginOptions;
use super::parse;
use crate::error::Error;
use crate::json::{Object, Value};
use crate::operations::{CREATE_USER_SCHEMA, GENERATE_MAGIC_LINK_SCHEMA};

/// Creates a test user. `Debug` shows no value.
#[derive(Clone, Debug)]
pub struct CreateUserRequest<'a>(pub(crate) Object<'a>);

impl<'a> CreateUserRequest<'a> {
    /// A test user with this login ID.
    #[must_use]
    pub fn new(login_id: impl Into<Cow<'a, str>>) -> Self {
        CreateUserRequest(Object::new(&CREATE_USER_SCHEMA).with(
            const { CREATE_USER_SCHEMA.field("loginId") },
            Value::string(login_id),
        ))
    }

    /// Parses a JSON document.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for anything but a JSON object with known keys and values of the right types.
    pub fn from_json(json: &'a str) -> Result<CreateUserRequest<'a>, Error> {
        parse(&CREATE_USER_SCHEMA, json).map(CreateUserRequest)
    }

    /// The email address.
    #[must_use]
    pub fn email(self, email: impl Into<Cow<'a, str>>) -> Self {
        CreateUserRequest(self.0.with(
            const { CREATE_USER_SCHEMA.field("email") },
            Value::string(email),
        ))
    }

    /// The phone number, for example `+14155550123`.
    #[must_use]
    pub fn phone(self, phone: impl Into<Cow<'a, str>>) -> Self {
        CreateUserRequest(self.0.with(
            const { CREATE_USER_SCHEMA.field("phone") },
            Value::string(phone),
        ))
    }

    /// Whether the email address counts as verified.
    #[must_use]
    pub fn verified_email(self, flag: bool) -> Self {
        CreateUserRequest(self.0.with(
            const { CREATE_USER_SCHEMA.field("verifiedEmail") },
            Value::Bool(flag),
        ))
    }

    /// Whether the phone number counts as verified.
    #[must_use]
    pub fn verified_phone(self, flag: bool) -> Self {
        CreateUserRequest(self.0.with(
            const { CREATE_USER_SCHEMA.field("verifiedPhone") },
            Value::Bool(flag),
        ))
    }

    /// The full name.
    #[must_use]
    pub fn name(self, value: impl Into<Cow<'a, str>>) -> Self {
        CreateUserRequest(self.0.with(
            const { CREATE_USER_SCHEMA.field("name") },
            Value::string(value),
        ))
    }

    /// The given name.
    #[must_use]
    pub fn given_name(self, value: impl Into<Cow<'a, str>>) -> Self {
        CreateUserRequest(self.0.with(
            const { CREATE_USER_SCHEMA.field("givenName") },
            Value::string(value),
        ))
    }

    /// The middle name.
    #[must_use]
    pub fn middle_name(self, value: impl Into<Cow<'a, str>>) -> Self {
        CreateUserRequest(self.0.with(
            const { CREATE_USER_SCHEMA.field("middleName") },
            Value::string(value),
        ))
    }

    /// The family name.
    #[must_use]
    pub fn family_name(self, value: impl Into<Cow<'a, str>>) -> Self {
        CreateUserRequest(self.0.with(
            const { CREATE_USER_SCHEMA.field("familyName") },
            Value::string(value),
        ))
    }

    /// The roles of the user at project level.
    #[must_use]
    pub fn role_names<T: Into<Cow<'a, str>>>(self, items: impl IntoIterator<Item = T>) -> Self {
        CreateUserRequest(self.0.with(
            const { CREATE_USER_SCHEMA.field("roleNames") },
            Value::string_array(items),
        ))
    }

    /// More login IDs.
    #[must_use]
    pub fn additional_identifiers<T: Into<Cow<'a, str>>>(
        self,
        items: impl IntoIterator<Item = T>,
    ) -> Self {
        CreateUserRequest(self.0.with(
            const { CREATE_USER_SCHEMA.field("additionalIdentifiers") },
            Value::string_array(items),
        ))
    }

    /// Custom attributes of the project, as a JSON object.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for anything but a JSON object.
    pub fn custom_attributes(self, json: &'a str) -> Result<Self, Error> {
        let value = Value::any_object("customAttributes", json)?;
        Ok(CreateUserRequest(self.0.with(
            const { CREATE_USER_SCHEMA.field("customAttributes") },
            value,
        )))
    }

    /// The project, if it is not that of the client.
    #[must_use]
    pub fn project_id(self, id: impl Into<Cow<'a, str>>) -> Self {
        CreateUserRequest(self.0.with(
            const { CREATE_USER_SCHEMA.field("projectId") },
            Value::string(id),
        ))
    }

    /// The timeout of this call, if it is not that of the client.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        CreateUserRequest(self.0.with(
            const { CREATE_USER_SCHEMA.field("timeoutMs") },
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
        Ok(CreateUserRequest(
            self.0
                .with(const { CREATE_USER_SCHEMA.field("extra") }, value),
        ))
    }
}

/// Requests a magic link for a test user. `Debug` shows no value.
#[derive(Clone, Debug)]
pub struct GenerateMagicLinkRequest<'a>(pub(crate) Object<'a>);

impl<'a> GenerateMagicLinkRequest<'a> {
    /// A link for the test user with this login ID, as if it were sent by `sms`, `email` or `whatsapp`.
    #[must_use]
    pub fn new(
        login_id: impl Into<Cow<'a, str>>,
        delivery_method: impl Into<Cow<'a, str>>,
    ) -> Self {
        GenerateMagicLinkRequest(
            Object::new(&GENERATE_MAGIC_LINK_SCHEMA)
                .with(
                    const { GENERATE_MAGIC_LINK_SCHEMA.field("loginId") },
                    Value::string(login_id),
                )
                .with(
                    const { GENERATE_MAGIC_LINK_SCHEMA.field("deliveryMethod") },
                    Value::string(delivery_method),
                ),
        )
    }

    /// Parses a JSON document.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for anything but a JSON object with known keys and values of the right types.
    pub fn from_json(json: &'a str) -> Result<GenerateMagicLinkRequest<'a>, Error> {
        parse(&GENERATE_MAGIC_LINK_SCHEMA, json).map(GenerateMagicLinkRequest)
    }

    /// The URL that the link points to. The service appends `?t=<token>`. Default: the project's URL.
    #[must_use]
    pub fn redirect_url(self, url: impl Into<Cow<'a, str>>) -> Self {
        GenerateMagicLinkRequest(self.0.with(
            const { GENERATE_MAGIC_LINK_SCHEMA.field("redirectUrl") },
            Value::string(url),
        ))
    }

    /// Options of the sign-in.
    #[must_use]
    pub fn login_options(self, options: LoginOptions<'a>) -> Self {
        GenerateMagicLinkRequest(self.0.with(
            const { GENERATE_MAGIC_LINK_SCHEMA.field("loginOptions") },
            Value::Object(options.0),
        ))
    }

    /// The project, if it is not that of the client.
    #[must_use]
    pub fn project_id(self, id: impl Into<Cow<'a, str>>) -> Self {
        GenerateMagicLinkRequest(self.0.with(
            const { GENERATE_MAGIC_LINK_SCHEMA.field("projectId") },
            Value::string(id),
        ))
    }

    /// The timeout of this call, if it is not that of the client.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        GenerateMagicLinkRequest(self.0.with(
            const { GENERATE_MAGIC_LINK_SCHEMA.field("timeoutMs") },
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
        Ok(GenerateMagicLinkRequest(self.0.with(
            const { GENERATE_MAGIC_LINK_SCHEMA.field("extra") },
            value,
        )))
    }
}
