//! The request of a permission or role check.

use std::borrow::Cow;
use std::fmt;

use crate::error::Error;
use crate::json::{FieldIndex, JsonString, Object, Schema, StringArray, Value};
use crate::operations::{MATCH_PERMISSIONS_SCHEMA, MATCH_ROLES_SCHEMA};

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

    /// The request of the permission check.
    pub(crate) fn into_permissions_object(self) -> Result<Object<'a>, Error> {
        const SCHEMA: &Schema = &MATCH_PERMISSIONS_SCHEMA;
        self.into_object(
            SCHEMA,
            const { SCHEMA.field("claims") },
            const { SCHEMA.field("permissions") },
            const { SCHEMA.field("tenant") },
        )
    }

    /// The request of the role check.
    pub(crate) fn into_roles_object(self) -> Result<Object<'a>, Error> {
        const SCHEMA: &Schema = &MATCH_ROLES_SCHEMA;
        self.into_object(
            SCHEMA,
            const { SCHEMA.field("claims") },
            const { SCHEMA.field("roles") },
            const { SCHEMA.field("tenant") },
        )
    }

    fn into_object(
        self,
        schema: &'static Schema,
        claims: FieldIndex,
        names: FieldIndex,
        tenant: FieldIndex,
    ) -> Result<Object<'a>, Error> {
        let mut object = Object::new(schema)
            .with(claims, Value::any_object("claims", self.claims)?)
            .with(names, Value::StringArray(StringArray(self.names)));
        if let Some(name) = self.tenant {
            object.set(tenant, Value::String(name));
        }
        Ok(object)
    }
}

impl fmt::Debug for MatchRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MatchRequest").finish_non_exhaustive()
    }
}
