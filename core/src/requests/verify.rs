//! The request that exchanges the token of a link for a session.

use std::borrow::Cow;
use std::time::Duration;

use super::parse;
use crate::error::Error;
use crate::json::{Object, Value};
use crate::operations::VERIFY_SCHEMA;

/// Exchanges the token of a link for a session. `Debug` shows no value.
#[derive(Clone, Debug)]
pub struct VerifyRequest<'a>(pub(crate) Object<'a>);

impl<'a> VerifyRequest<'a> {
    /// A request with the token of a link, the value of `t` in its query.
    #[must_use]
    pub fn new(token: impl Into<Cow<'a, str>>) -> Self {
        VerifyRequest(
            Object::new(&VERIFY_SCHEMA)
                .with(const { VERIFY_SCHEMA.field("token") }, Value::string(token)),
        )
    }

    /// Parses a JSON document.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for anything but a JSON object with known keys and values of the right types.
    pub fn from_json(json: &'a str) -> Result<VerifyRequest<'a>, Error> {
        parse(&VERIFY_SCHEMA, json).map(VerifyRequest)
    }

    /// Accepted audiences of the tokens. At least one must match.
    #[must_use]
    pub fn audience<T: Into<Cow<'a, str>>>(self, items: impl IntoIterator<Item = T>) -> Self {
        VerifyRequest(self.0.with(
            const { VERIFY_SCHEMA.field("audience") },
            Value::string_array(items),
        ))
    }

    /// The project, if it is not that of the client.
    #[must_use]
    pub fn project_id(self, id: impl Into<Cow<'a, str>>) -> Self {
        VerifyRequest(self.0.with(
            const { VERIFY_SCHEMA.field("projectId") },
            Value::string(id),
        ))
    }

    /// The timeout of this call, if it is not that of the client.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        VerifyRequest(self.0.with(
            const { VERIFY_SCHEMA.field("timeoutMs") },
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
        Ok(VerifyRequest(
            self.0.with(const { VERIFY_SCHEMA.field("extra") }, value),
        ))
    }
}
