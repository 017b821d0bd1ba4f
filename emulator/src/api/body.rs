//! Request bodies, read as the service reads them: unknown keys and nulls are let be.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use serde_json::{Map, Value};

use super::error::Refusal;

/// The largest body that is accepted, in bytes.
const MAX_BODY: usize = 2 << 20;

/// A JSON object; `Content-Type` is not asked for.
pub(crate) struct Body(Map<String, Value>);

/// The same where no field is required: some SDKs send nothing at all then.
pub(crate) struct OptionalBody(pub(crate) Body);

impl Body {
    /// The text under a key; absent, null and empty are the same.
    pub(crate) fn text(&self, key: &str) -> Result<Option<&str>, Refusal> {
        text(&self.0, key)
    }

    /// The text under a key that must be there.
    pub(crate) fn required(&self, key: &str) -> Result<&str, Refusal> {
        self.text(key)?
            .ok_or_else(|| Refusal::invalid(format!("The {key} field is required")))
    }

    /// Whether the key is true.
    pub(crate) fn flag(&self, key: &str) -> bool {
        self.0.get(key).and_then(Value::as_bool).unwrap_or(false)
    }

    /// The object under a key; an empty one when it is absent or null.
    pub(crate) fn object(&self, key: &str) -> Result<Body, Refusal> {
        match self.0.get(key) {
            None | Some(Value::Null) => Ok(Body(Map::new())),
            Some(Value::Object(object)) => Ok(Body(object.clone())),
            Some(_) => Err(Refusal::malformed(format!("{key} must be an object"))),
        }
    }

    /// The texts under a key; none when it is absent or null.
    pub(crate) fn texts(&self, key: &str) -> Result<Vec<String>, Refusal> {
        let list = match self.0.get(key) {
            None | Some(Value::Null) => return Ok(Vec::new()),
            Some(Value::Array(list)) => list.iter(),
            Some(_) => return Err(Refusal::malformed(format!("{key} must be a list"))),
        };
        list.map(|item| item.as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .ok_or_else(|| Refusal::malformed(format!("{key} must be a list of strings")))
    }

    /// The objects under a key; none when it is absent or null.
    pub(crate) fn objects(&self, key: &str) -> Result<Vec<Body>, Refusal> {
        let wrong = || Refusal::malformed(format!("{key} must be a list of objects"));
        let list = match self.0.get(key) {
            None | Some(Value::Null) => return Ok(Vec::new()),
            Some(Value::Array(list)) => list.iter(),
            Some(_) => return Err(wrong()),
        };
        list.map(|item| item.as_object().cloned().map(Body))
            .collect::<Option<_>>()
            .ok_or_else(wrong)
    }

    /// The first of these keys that has a text.
    pub(crate) fn first_text(&self, keys: &[&str]) -> Result<Option<&str>, Refusal> {
        for key in keys {
            if let Some(text) = self.text(key)? {
                return Ok(Some(text));
            }
        }
        Ok(None)
    }

    /// All of the object.
    pub(crate) fn into_inner(self) -> Map<String, Value> {
        self.0
    }
}

fn text<'a>(object: &'a Map<String, Value>, key: &str) -> Result<Option<&'a str>, Refusal> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Refusal::malformed(format!("{key} must be a string"))),
    }
}

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let bytes = read(request, state).await?;
        parse(&bytes)
    }
}

impl<S: Send + Sync> FromRequest<S> for OptionalBody {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let bytes = read(request, state).await?;
        match bytes.is_empty() {
            true => Ok(OptionalBody(Body(Map::new()))),
            false => parse(&bytes).map(OptionalBody),
        }
    }
}

async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Refusal> {
    Bytes::from_request(request, state)
        .await
        .ok()
        .filter(|bytes| bytes.len() <= MAX_BODY)
        .ok_or_else(|| Refusal::malformed("The body is too large or was cut short"))
}

fn parse(bytes: &[u8]) -> Result<Body, Refusal> {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(object)) => Ok(Body(object)),
        _ => Err(Refusal::malformed("The body is not a JSON object")),
    }
}
