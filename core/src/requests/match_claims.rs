//! The request of a permission or role check.

use std::borrow::Cow;
use std::fmt;

use crate::error::Error;
use crate::json::{JsonString, Object, Schema, StringArray, Value};

/// A permission or role check. `Debug` shows no value.
#[derive(Clone)]
pub struct MatchRequest<'a> {
    claims: &'a str,
    names: Vec<JsonString<'a>>,
    tenant: Option<JsonString<'a>>,
}

impl<'a> MatchRequest<'a> {
    /// Compares the claims of a session, a JSON object, with these names.
    #[must_use]
    pub fn new<T: Into<Cow<'a, str>>>(
        claims: &'a str,
        names: impl IntoIterator<Item = T>,
    ) -> MatchRequest<'a> {
        let names = names.into_iter().map(|name| JsonString(name.into()));
        MatchRequest {
            claims,
            names: names.collect(),
            tenant: None,
        }
    }

    /// Checks the permissions or roles in this tenant instead of those at project level.
    #[must_use]
    pub fn tenant(mut self, tenant: impl Into<Cow<'a, str>>) -> Self {
        self.tenant = Some(JsonString(tenant.into()));
        self
    }

    /// The request as an object. `names_key` is `permissions` or `roles`.
    pub(crate) fn into_object(
        self,
        schema: &'static Schema,
        names_key: &str,
    ) -> Result<Object<'a>, Error> {
        let claims = Value::any_object("claims", self.claims)?;
        let mut object = Object::new(schema)
            .with(schema.field("claims"), claims)
            .with(
                schema.field(names_key),
                Value::StringArray(StringArray(self.names)),
            );
        if let Some(tenant) = self.tenant {
            object.set(schema.field("tenant"), Value::String(tenant));
        }
        Ok(object)
    }
}

impl fmt::Debug for MatchRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MatchRequest").finish_non_exhaustive()
    }
}
