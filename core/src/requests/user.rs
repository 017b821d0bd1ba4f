//! Requests about the user of a session.

use std::borrow::Cow;
use std::time::Duration;

use super::parse;
use crate::error::Error;
use crate::json::{Object, Value};
use crate::operations::REFRESH_TOKEN_ONLY_SCHEMA;

/// Requests the user of a session. `Debug` shows no value.
#[derive(Clone, Debug)]
pub struct MeRequest<'a>(pub(crate) Object<'a>);

impl<'a> MeRequest<'a> {
    /// A request with the refresh JWT of the session.
    #[must_use]
    pub fn new(token: impl Into<Cow<'a, str>>) -> Self {
        MeRequest(Object::new(&REFRESH_TOKEN_ONLY_SCHEMA).with(
            const { REFRESH_TOKEN_ONLY_SCHEMA.field("refreshToken") },
            Value::string(token),
        ))
    }

    /// Parses a JSON document.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for anything but a JSON object with known keys and values of the right types.
    pub fn from_json(json: &'a str) -> Result<MeRequest<'a>, Error> {
        parse(&REFRESH_TOKEN_ONLY_SCHEMA, json).map(MeRequest)
    }

    /// The project, if it is not that of the client.
    #[must_use]
    pub fn project_id(self, id: impl Into<Cow<'a, str>>) -> Self {
        MeRequest(self.0.with(
            const { REFRESH_TOKEN_ONLY_SCHEMA.field("projectId") },
            Value::string(id),
        ))
    }

    /// The timeout of this call, if it is not that of the client.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        MeRequest(self.0.with(
            const { REFRESH_TOKEN_ONLY_SCHEMA.field("timeoutMs") },
            Value::duration(timeout),
        ))
    }
}

/// Requests the sign-ins of the user of a session. `Debug` shows no value.
#[derive(Clone, Debug)]
pub struct HistoryRequest<'a>(pub(crate) Object<'a>);

impl<'a> HistoryRequest<'a> {
    /// A request with the refresh JWT of the session.
    #[must_use]
    pub fn new(token: impl Into<Cow<'a, str>>) -> Self {
        HistoryRequest(Object::new(&REFRESH_TOKEN_ONLY_SCHEMA).with(
            const { REFRESH_TOKEN_ONLY_SCHEMA.field("refreshToken") },
            Value::string(token),
        ))
    }

    /// Parses a JSON document.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for anything but a JSON object with known keys and values of the right types.
    pub fn from_json(json: &'a str) -> Result<HistoryRequest<'a>, Error> {
        parse(&REFRESH_TOKEN_ONLY_SCHEMA, json).map(HistoryRequest)
    }

    /// The project, if it is not that of the client.
    #[must_use]
    pub fn project_id(self, id: impl Into<Cow<'a, str>>) -> Self {
        HistoryRequest(self.0.with(
            const { REFRESH_TOKEN_ONLY_SCHEMA.field("projectId") },
            Value::string(id),
        ))
    }

    /// The timeout of this call, if it is not that of the client.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        HistoryRequest(self.0.with(
            const { REFRESH_TOKEN_ONLY_SCHEMA.field("timeoutMs") },
            Value::duration(timeout),
        ))
    }
}
