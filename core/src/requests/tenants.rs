//! Requests about the tenants of the user of a session.

use std::borrow::Cow;
use std::time::Duration;

use super::parse;
use crate::error::Error;
use crate::json::{FieldIndex, Object, Value};
use crate::operations::TENANTS_SCHEMA;

/// Requests tenants of the user: the selected one, or those with given IDs. `Debug` shows no value.
#[derive(Clone, Debug)]
pub struct TenantsRequest<'a>(pub(crate) Object<'a>);

impl<'a> TenantsRequest<'a> {
    /// A request for the tenant that is selected in the session (the claim `dct`), with the refresh JWT
    /// of the session.
    #[must_use]
    pub fn selected(refresh_token: impl Into<Cow<'a, str>>) -> Self {
        TenantsRequest::new(
            refresh_token,
            const { TENANTS_SCHEMA.field("dct") },
            Value::Bool(true),
        )
    }

    /// A request for the tenants with these IDs, with the refresh JWT of the session.
    #[must_use]
    pub fn with_ids<T: Into<Cow<'a, str>>>(
        refresh_token: impl Into<Cow<'a, str>>,
        ids: impl IntoIterator<Item = T>,
    ) -> Self {
        TenantsRequest::new(
            refresh_token,
            const { TENANTS_SCHEMA.field("ids") },
            Value::string_array(ids),
        )
    }

    fn new(refresh_token: impl Into<Cow<'a, str>>, selector: FieldIndex, value: Value<'a>) -> Self {
        TenantsRequest(Object::new(&TENANTS_SCHEMA).with(selector, value).with(
            const { TENANTS_SCHEMA.field("refreshToken") },
            Value::string(refresh_token),
        ))
    }

    /// Parses a JSON document.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for anything but a JSON object with known keys and values of the right types.
    pub fn from_json(json: &'a str) -> Result<TenantsRequest<'a>, Error> {
        parse(&TENANTS_SCHEMA, json).map(TenantsRequest)
    }

    /// The project, if it is not that of the client.
    #[must_use]
    pub fn project_id(self, id: impl Into<Cow<'a, str>>) -> Self {
        TenantsRequest(self.0.with(
            const { TENANTS_SCHEMA.field("projectId") },
            Value::string(id),
        ))
    }

    /// The timeout of this call, if it is not that of the client.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        TenantsRequest(self.0.with(
            const { TENANTS_SCHEMA.field("timeoutMs") },
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
        Ok(TenantsRequest(
            self.0.with(const { TENANTS_SCHEMA.field("extra") }, value),
        ))
    }
}
