//! Requests about sessions.

use std::borrow::Cow;
use std::time::Duration;

use super::parse;
use crate::error::Error;
use crate::json::{Object, Value};
use crate::operations::{
    LOGOUT_SCHEMA, REFRESH_SCHEMA, SELECT_TENANT_SCHEMA, VALIDATE_REMOTE_SCHEMA, VALIDATE_SCHEMA,
};

/// Validates a session token on this machine. `Debug` shows no value.
#[derive(Clone, Debug)]
pub struct ValidateRequest<'a>(pub(crate) Object<'a>);

impl<'a> ValidateRequest<'a> {
    /// A request with a session JWT.
    #[must_use]
    pub fn new(token: impl Into<Cow<'a, str>>) -> Self {
        ValidateRequest(Object::new(&VALIDATE_SCHEMA).with(
            const { VALIDATE_SCHEMA.field("sessionToken") },
            Value::string(token),
        ))
    }

    /// Parses a JSON document.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for anything but a JSON object with known keys and values of the right types.
    pub fn from_json(json: &'a str) -> Result<ValidateRequest<'a>, Error> {
        parse(&VALIDATE_SCHEMA, json).map(ValidateRequest)
    }

    /// Accepted audiences of the token. At least one must match.
    #[must_use]
    pub fn audience<T: Into<Cow<'a, str>>>(self, items: impl IntoIterator<Item = T>) -> Self {
        ValidateRequest(self.0.with(
            const { VALIDATE_SCHEMA.field("audience") },
            Value::string_array(items),
        ))
    }

    /// The project, if it is not that of the client.
    #[must_use]
    pub fn project_id(self, id: impl Into<Cow<'a, str>>) -> Self {
        ValidateRequest(self.0.with(
            const { VALIDATE_SCHEMA.field("projectId") },
            Value::string(id),
        ))
    }

    /// The timeout of the key fetch, if it is not that of the client.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        ValidateRequest(self.0.with(
            const { VALIDATE_SCHEMA.field("timeoutMs") },
            Value::duration(timeout),
        ))
    }
}

/// Asks the service whether a session token is valid. `Debug` shows no value.
#[derive(Clone, Debug)]
pub struct ValidateRemoteRequest<'a>(pub(crate) Object<'a>);

impl<'a> ValidateRemoteRequest<'a> {
    /// A request with a session JWT.
    #[must_use]
    pub fn new(token: impl Into<Cow<'a, str>>) -> Self {
        ValidateRemoteRequest(Object::new(&VALIDATE_REMOTE_SCHEMA).with(
            const { VALIDATE_REMOTE_SCHEMA.field("sessionToken") },
            Value::string(token),
        ))
    }

    /// Parses a JSON document.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for anything but a JSON object with known keys and values of the right types.
    pub fn from_json(json: &'a str) -> Result<ValidateRemoteRequest<'a>, Error> {
        parse(&VALIDATE_REMOTE_SCHEMA, json).map(ValidateRemoteRequest)
    }

    /// The project, if it is not that of the client.
    #[must_use]
    pub fn project_id(self, id: impl Into<Cow<'a, str>>) -> Self {
        ValidateRemoteRequest(self.0.with(
            const { VALIDATE_REMOTE_SCHEMA.field("projectId") },
            Value::string(id),
        ))
    }

    /// The timeout of this call, if it is not that of the client.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        ValidateRemoteRequest(self.0.with(
            const { VALIDATE_REMOTE_SCHEMA.field("timeoutMs") },
            Value::duration(timeout),
        ))
    }

    /// The request body, as a JSON object. It is sent unchecked.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for anything but a JSON object.
    pub fn extra(self, json: &'a str) -> Result<Self, Error> {
        let value = Value::any_object("extra", json)?;
        Ok(ValidateRemoteRequest(self.0.with(
            const { VALIDATE_REMOTE_SCHEMA.field("extra") },
            value,
        )))
    }
}

/// Requests a new session token. `Debug` shows no value.
#[derive(Clone, Debug)]
pub struct RefreshRequest<'a>(pub(crate) Object<'a>);

impl<'a> RefreshRequest<'a> {
    /// A request with the refresh JWT of the session.
    #[must_use]
    pub fn new(token: impl Into<Cow<'a, str>>) -> Self {
        RefreshRequest(Object::new(&REFRESH_SCHEMA).with(
            const { REFRESH_SCHEMA.field("refreshToken") },
            Value::string(token),
        ))
    }

    /// Parses a JSON document.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for anything but a JSON object with known keys and values of the right types.
    pub fn from_json(json: &'a str) -> Result<RefreshRequest<'a>, Error> {
        parse(&REFRESH_SCHEMA, json).map(RefreshRequest)
    }

    /// A token of another identity provider that belongs to the session.
    #[must_use]
    pub fn external_token(self, token: impl Into<Cow<'a, str>>) -> Self {
        RefreshRequest(self.0.with(
            const { REFRESH_SCHEMA.field("externalToken") },
            Value::string(token),
        ))
    }

    /// Accepted audiences of the tokens. At least one must match.
    #[must_use]
    pub fn audience<T: Into<Cow<'a, str>>>(self, items: impl IntoIterator<Item = T>) -> Self {
        RefreshRequest(self.0.with(
            const { REFRESH_SCHEMA.field("audience") },
            Value::string_array(items),
        ))
    }

    /// The project, if it is not that of the client.
    #[must_use]
    pub fn project_id(self, id: impl Into<Cow<'a, str>>) -> Self {
        RefreshRequest(self.0.with(
            const { REFRESH_SCHEMA.field("projectId") },
            Value::string(id),
        ))
    }

    /// The timeout of this call, if it is not that of the client.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        RefreshRequest(self.0.with(
            const { REFRESH_SCHEMA.field("timeoutMs") },
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
        Ok(RefreshRequest(
            self.0.with(const { REFRESH_SCHEMA.field("extra") }, value),
        ))
    }
}

/// Requests a session for one of the user's tenants. `Debug` shows no value.
#[derive(Clone, Debug)]
pub struct SelectTenantRequest<'a>(pub(crate) Object<'a>);

impl<'a> SelectTenantRequest<'a> {
    /// A request for this tenant, with the refresh JWT of the current session.
    #[must_use]
    pub fn new(tenant: impl Into<Cow<'a, str>>, refresh_token: impl Into<Cow<'a, str>>) -> Self {
        SelectTenantRequest(
            Object::new(&SELECT_TENANT_SCHEMA)
                .with(
                    const { SELECT_TENANT_SCHEMA.field("tenant") },
                    Value::string(tenant),
                )
                .with(
                    const { SELECT_TENANT_SCHEMA.field("refreshToken") },
                    Value::string(refresh_token),
                ),
        )
    }

    /// Parses a JSON document.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for anything but a JSON object with known keys and values of the right types.
    pub fn from_json(json: &'a str) -> Result<SelectTenantRequest<'a>, Error> {
        parse(&SELECT_TENANT_SCHEMA, json).map(SelectTenantRequest)
    }

    /// Accepted audiences of the tokens. At least one must match.
    #[must_use]
    pub fn audience<T: Into<Cow<'a, str>>>(self, items: impl IntoIterator<Item = T>) -> Self {
        SelectTenantRequest(self.0.with(
            const { SELECT_TENANT_SCHEMA.field("audience") },
            Value::string_array(items),
        ))
    }

    /// The project, if it is not that of the client.
    #[must_use]
    pub fn project_id(self, id: impl Into<Cow<'a, str>>) -> Self {
        SelectTenantRequest(self.0.with(
            const { SELECT_TENANT_SCHEMA.field("projectId") },
            Value::string(id),
        ))
    }

    /// The timeout of this call, if it is not that of the client.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        SelectTenantRequest(self.0.with(
            const { SELECT_TENANT_SCHEMA.field("timeoutMs") },
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
        Ok(SelectTenantRequest(self.0.with(
            const { SELECT_TENANT_SCHEMA.field("extra") },
            value,
        )))
    }
}

/// Ends a session, or all sessions of a user. `Debug` shows no value.
#[derive(Clone, Debug)]
pub struct LogoutRequest<'a>(pub(crate) Object<'a>);

impl<'a> LogoutRequest<'a> {
    /// A request with the refresh JWT of the session.
    #[must_use]
    pub fn new(token: impl Into<Cow<'a, str>>) -> Self {
        LogoutRequest(Object::new(&LOGOUT_SCHEMA).with(
            const { LOGOUT_SCHEMA.field("refreshToken") },
            Value::string(token),
        ))
    }

    /// Parses a JSON document.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for anything but a JSON object with known keys and values of the right types.
    pub fn from_json(json: &'a str) -> Result<LogoutRequest<'a>, Error> {
        parse(&LOGOUT_SCHEMA, json).map(LogoutRequest)
    }

    /// The types of sessions to end. Default: all.
    #[must_use]
    pub fn logout_type<T: Into<Cow<'a, str>>>(self, items: impl IntoIterator<Item = T>) -> Self {
        LogoutRequest(self.0.with(
            const { LOGOUT_SCHEMA.field("logoutType") },
            Value::string_array(items),
        ))
    }

    /// The project, if it is not that of the client.
    #[must_use]
    pub fn project_id(self, id: impl Into<Cow<'a, str>>) -> Self {
        LogoutRequest(self.0.with(
            const { LOGOUT_SCHEMA.field("projectId") },
            Value::string(id),
        ))
    }

    /// The timeout of this call, if it is not that of the client.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        LogoutRequest(self.0.with(
            const { LOGOUT_SCHEMA.field("timeoutMs") },
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
        Ok(LogoutRequest(
            self.0.with(const { LOGOUT_SCHEMA.field("extra") }, value),
        ))
    }
}
