//! The JSON form of an error, the same in C, C++ and Python.

use serde::Serialize;

use super::{Error, Reason};
use crate::memory::Buffer;

/// Enough for most errors, and for any that [`Error::memory`] makes.
const INITIAL_CAPACITY: usize = 512;

/// Keys without a value are left out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    status: i32,
    name: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempts: Option<u32>,
}

impl Error {
    /// The error document: `{"error": {"status": 20, "name": "DESCOPE_E_API", …}}`.
    #[must_use]
    pub fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct Outer<'a> {
            error: Document<'a>,
        }
        let message = self.to_string();
        let document = Outer {
            error: Document {
                status: self.status().code(),
                name: self.status().name(),
                message: &message,
                http_status: self.http_status(),
                error_code: self.error_code(),
                error_description: self.error_description(),
                error_message: self.error_message(),
                retry_after: self.retry_after(),
                request_id: self.request_id(),
                reason: self.reason().map(Reason::as_str),
                outcome: Some(self.outcome().as_str()),
                attempts: self.attempts(),
            },
        };
        let mut json = Buffer::with_capacity(INITIAL_CAPACITY);
        // Strings and integers only, so nothing but memory can lack. Not for the error that says so.
        let written = serde_json::to_writer(&mut json, &document).ok();
        written
            .and_then(|()| String::from_utf8(json.into_bytes()?).ok())
            .unwrap_or_else(|| {
                let error = Error::memory(self.outcome());
                error.with_attempts(self.attempts().unwrap_or(0)).to_json()
            })
    }
}
