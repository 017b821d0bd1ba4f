//! Request bodies. Like the service, the emulator ignores unknown keys and treats null as absent.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use serde_json::{Map, Value};

use super::error::ApiError;
use crate::domain::project::LoginOptions;
use crate::domain::user::{TenantMembership, UserProfile};

/// The maximum size of a body, in bytes.
const MAX_BODY_SIZE: usize = 2 << 20;

/// A JSON object. `Content-Type` is ignored.
pub(super) struct RequestBody(Map<String, Value>);

/// The same for paths without required fields. Some SDKs send no body to them; that counts as `{}`.
pub(super) struct OptionalBody(pub(super) RequestBody);

impl RequestBody {
    /// The string under a key; `None` if it is absent, null or empty.
    pub(super) fn text(&self, key: &str) -> Result<Option<&str>, ApiError> {
        text(&self.0, key)
    }

    /// The string under a required key.
    pub(super) fn required_text(&self, key: &str) -> Result<&str, ApiError> {
        self.text(key)?
            .ok_or_else(|| ApiError::invalid(format!("The {key} field is required")))
    }

    /// Whether the key is `true`.
    pub(super) fn flag(&self, key: &str) -> bool {
        self.0.get(key).and_then(Value::as_bool).unwrap_or(false)
    }

    /// Whether there is a value under a key that is not null, `false`, 0 or empty.
    pub(super) fn is_set(&self, key: &str) -> bool {
        match self.0.get(key) {
            None | Some(Value::Null) => false,
            Some(Value::Bool(flag)) => *flag,
            Some(Value::Number(number)) => number.as_f64() != Some(0.0),
            Some(Value::String(text)) => !text.is_empty(),
            Some(Value::Array(list)) => !list.is_empty(),
            Some(Value::Object(object)) => !object.is_empty(),
        }
    }

    /// The whole number under a key; 0 if it is absent or null.
    pub(super) fn number(&self, key: &str) -> Result<u64, ApiError> {
        let number = match self.0.get(key) {
            None | Some(Value::Null) => return Ok(0),
            Some(value) => value.as_u64(),
        };
        number.ok_or_else(|| ApiError::malformed(format!("{key} must be a whole number")))
    }

    /// The object under a key; an empty one if it is absent or null.
    pub(super) fn object(&self, key: &str) -> Result<RequestBody, ApiError> {
        match self.0.get(key) {
            None | Some(Value::Null) => Ok(RequestBody(Map::new())),
            Some(Value::Object(object)) => Ok(RequestBody(object.clone())),
            Some(_) => Err(ApiError::malformed(format!("{key} must be an object"))),
        }
    }

    /// The list of strings under a key; an empty one if it is absent or null.
    pub(super) fn texts(&self, key: &str) -> Result<Vec<String>, ApiError> {
        let list = match self.0.get(key) {
            None | Some(Value::Null) => return Ok(Vec::new()),
            Some(Value::Array(list)) => list.iter(),
            Some(_) => return Err(ApiError::malformed(format!("{key} must be a list"))),
        };
        list.map(|item| item.as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .ok_or_else(|| ApiError::malformed(format!("{key} must be a list of strings")))
    }

    /// The list of objects under a key; an empty one if it is absent or null.
    pub(super) fn objects(&self, key: &str) -> Result<Vec<RequestBody>, ApiError> {
        let invalid = || ApiError::malformed(format!("{key} must be a list of objects"));
        let list = match self.0.get(key) {
            None | Some(Value::Null) => return Ok(Vec::new()),
            Some(Value::Array(list)) => list.iter(),
            Some(_) => return Err(invalid()),
        };
        list.map(|item| item.as_object().cloned().map(RequestBody))
            .collect::<Option<_>>()
            .ok_or_else(invalid)
    }

    /// The memberships in tenants under a key.
    pub(super) fn tenants(&self, key: &str) -> Result<Vec<TenantMembership>, ApiError> {
        let tenants = self.objects(key)?;
        let tenants = tenants.iter().map(|tenant| {
            Ok(TenantMembership {
                tenant_id: tenant.required_text("tenantId")?.to_owned(),
                role_names: tenant.texts("roleNames")?,
                ..TenantMembership::default()
            })
        });
        tenants.collect()
    }

    /// The string under the first of these keys that has one.
    pub(super) fn first_text(&self, keys: &[&str]) -> Result<Option<&str>, ApiError> {
        for key in keys {
            if let Some(text) = self.text(key)? {
                return Ok(Some(text));
            }
        }
        Ok(None)
    }

    /// The redirect URL under `redirectUrl`, or under `URI`, as several SDKs spell it.
    pub(super) fn redirect_url(&self) -> Result<Option<&str>, ApiError> {
        self.first_text(&["redirectUrl", "URI"])
    }

    /// The object under `loginOptions`.
    pub(super) fn login_options(&self) -> Result<LoginOptions, ApiError> {
        let options = self.object("loginOptions")?;
        let revoked_types = options.texts("revokeOtherSessionsTypes")?;
        Ok(LoginOptions {
            tenant: options.text("tenantId")?.map(str::to_owned),
            custom_claims: options.object("customClaims")?.into_map(),
            mfa: options.flag("mfa"),
            stepup: options.flag("stepup"),
            revoke_other_sessions: options.flag("revokeOtherSessions").then_some(revoked_types),
        })
    }

    /// This object, read as the profile of a user.
    pub(super) fn user_profile(&self) -> Result<UserProfile, ApiError> {
        let text = |keys: &[&str]| self.first_text(keys).map(|text| text.map(str::to_owned));
        Ok(UserProfile {
            name: text(&["name", "displayName"])?,
            given_name: text(&["givenName"])?,
            middle_name: text(&["middleName"])?,
            family_name: text(&["familyName"])?,
            email: text(&["email"])?,
            phone: text(&["phone"])?,
            recovery_email: text(&["recoveryEmail"])?,
            recovery_phone: text(&["recoveryPhone"])?,
            picture: text(&["picture"])?,
        })
    }

    /// The whole object.
    pub(super) fn into_map(self) -> Map<String, Value> {
        self.0
    }
}

fn text<'a>(object: &'a Map<String, Value>, key: &str) -> Result<Option<&'a str>, ApiError> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(ApiError::malformed(format!("{key} must be a string"))),
    }
}

impl<S: Send + Sync> FromRequest<S> for RequestBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let bytes = read_body(request, state).await?;
        parse(&bytes)
    }
}

impl<S: Send + Sync> FromRequest<S> for OptionalBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let bytes = read_body(request, state).await?;
        match bytes.is_empty() {
            true => Ok(OptionalBody(RequestBody(Map::new()))),
            false => parse(&bytes).map(OptionalBody),
        }
    }
}

async fn read_body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, ApiError> {
    Bytes::from_request(request, state)
        .await
        .ok()
        .filter(|bytes| bytes.len() <= MAX_BODY_SIZE)
        .ok_or_else(|| ApiError::malformed("The body is too large or was cut short"))
}

fn parse(bytes: &[u8]) -> Result<RequestBody, ApiError> {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(object)) => Ok(RequestBody(object)),
        _ => Err(ApiError::malformed("The body is not a JSON object")),
    }
}
