//! The request that deletes a user.

use std::borrow::Cow;
use std::time::Duration;

use super::parse;
use crate::error::Error;
use crate::json::{Object, Value};
use crate::operations::DELETE_USER_SCHEMA;

/// Deletes a user. `Debug` shows no value.
#[derive(Clone, Debug)]
pub struct DeleteUserRequest<'a>(pub(crate) Object<'a>);

impl<'a> DeleteUserRequest<'a> {
    /// Deletes the user with this login ID.
    #[must_use]
    pub fn new(login_id: impl Into<Cow<'a, str>>) -> Self {
        DeleteUserRequest(Object::new(&DELETE_USER_SCHEMA).with(
            const { DELETE_USER_SCHEMA.field("loginId") },
            Value::string(login_id),
        ))
    }

    /// Parses a JSON document.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for anything but a JSON object with known keys and values of the right types.
    pub fn from_json(json: &'a str) -> Result<DeleteUserRequest<'a>, Error> {
        parse(&DELETE_USER_SCHEMA, json).map(DeleteUserRequest)
    }

    /// The project, if it is not that of the client.
    #[must_use]
    pub fn project_id(self, id: impl Into<Cow<'a, str>>) -> Self {
        DeleteUserRequest(self.0.with(
            const { DELETE_USER_SCHEMA.field("projectId") },
            Value::string(id),
        ))
    }

    /// The timeout of this call, if it is not that of the client.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        DeleteUserRequest(self.0.with(
            const { DELETE_USER_SCHEMA.field("timeoutMs") },
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
        Ok(DeleteUserRequest(
            self.0
                .with(const { DELETE_USER_SCHEMA.field("extra") }, value),
        ))
    }
}
