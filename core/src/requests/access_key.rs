//! Requests for the session of an access key.

use std::borrow::Cow;
use std::time::Duration;

use super::parse;
use crate::error::Error;
use crate::json::{Object, Value};
use crate::operations::{ACCESS_KEY_LOGIN_OPTIONS, EXCHANGE_ACCESS_KEY_SCHEMA};

/// Exchanges an access key for a session token. `Debug` shows no value.
#[derive(Clone, Debug)]
pub struct ExchangeAccessKeyRequest<'a>(pub(crate) Object<'a>);

impl<'a> ExchangeAccessKeyRequest<'a> {
    /// A request with an access key of the project.
    #[must_use]
    pub fn new(access_key: impl Into<Cow<'a, str>>) -> Self {
        ExchangeAccessKeyRequest(Object::new(&EXCHANGE_ACCESS_KEY_SCHEMA).with(
            const { EXCHANGE_ACCESS_KEY_SCHEMA.field("accessKey") },
            Value::string(access_key),
        ))
    }

    /// Parses a JSON document.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for anything but a JSON object with known keys and values of the right types.
    pub fn from_json(json: &'a str) -> Result<ExchangeAccessKeyRequest<'a>, Error> {
        parse(&EXCHANGE_ACCESS_KEY_SCHEMA, json).map(ExchangeAccessKeyRequest)
    }

    /// Options of the session.
    #[must_use]
    pub fn login_options(self, options: AccessKeyLoginOptions<'a>) -> Self {
        ExchangeAccessKeyRequest(self.0.with(
            const { EXCHANGE_ACCESS_KEY_SCHEMA.field("loginOptions") },
            Value::Object(options.0),
        ))
    }

    /// Accepted audiences of the token. At least one must match.
    #[must_use]
    pub fn audience<T: Into<Cow<'a, str>>>(self, items: impl IntoIterator<Item = T>) -> Self {
        ExchangeAccessKeyRequest(self.0.with(
            const { EXCHANGE_ACCESS_KEY_SCHEMA.field("audience") },
            Value::string_array(items),
        ))
    }

    /// The project, if it is not that of the client.
    #[must_use]
    pub fn project_id(self, id: impl Into<Cow<'a, str>>) -> Self {
        ExchangeAccessKeyRequest(self.0.with(
            const { EXCHANGE_ACCESS_KEY_SCHEMA.field("projectId") },
            Value::string(id),
        ))
    }

    /// The timeout of this call, if it is not that of the client.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        ExchangeAccessKeyRequest(self.0.with(
            const { EXCHANGE_ACCESS_KEY_SCHEMA.field("timeoutMs") },
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
        Ok(ExchangeAccessKeyRequest(self.0.with(
            const { EXCHANGE_ACCESS_KEY_SCHEMA.field("extra") },
            value,
        )))
    }
}

/// Options of the session of an access key. `Debug` shows no value.
#[derive(Clone, Debug)]
pub struct AccessKeyLoginOptions<'a>(pub(crate) Object<'a>);

impl<'a> AccessKeyLoginOptions<'a> {
    /// Without any option.
    #[must_use]
    pub fn new() -> Self {
        AccessKeyLoginOptions(Object::new(&ACCESS_KEY_LOGIN_OPTIONS))
    }

    /// Parses a JSON document.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for anything but a JSON object with known keys and values of the right types.
    pub fn from_json(json: &'a str) -> Result<AccessKeyLoginOptions<'a>, Error> {
        parse(&ACCESS_KEY_LOGIN_OPTIONS, json).map(AccessKeyLoginOptions)
    }

    /// The tenant of the session. It becomes the claim `dct`.
    #[must_use]
    pub fn selected_tenant(self, id: impl Into<Cow<'a, str>>) -> Self {
        AccessKeyLoginOptions(self.0.with(
            const { ACCESS_KEY_LOGIN_OPTIONS.field("selectedTenant") },
            Value::string(id),
        ))
    }

    /// Custom claims of the session token, as a JSON object.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for anything but a JSON object.
    pub fn custom_claims(self, json: &'a str) -> Result<Self, Error> {
        let value = Value::any_object("customClaims", json)?;
        Ok(AccessKeyLoginOptions(self.0.with(
            const { ACCESS_KEY_LOGIN_OPTIONS.field("customClaims") },
            value,
        )))
    }
}

impl Default for AccessKeyLoginOptions<'_> {
    fn default() -> Self {
        AccessKeyLoginOptions::new()
    }
}
