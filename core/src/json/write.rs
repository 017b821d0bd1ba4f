//! Writes documents. Input decides how long they are, so there may be no memory for them.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::error::Error;
use crate::memory::Buffer;
use crate::status::Outcome;

/// Enough for most documents.
const INITIAL_CAPACITY: usize = 128;

/// The JSON of a value.
///
/// # Errors
///
/// [`Error::Memory`]. The values of this library can always be written.
pub(crate) fn to_json(value: &impl Serialize) -> Result<String, Error> {
    String::from_utf8(to_json_bytes(value)?).map_err(|_| writing_failed())
}

/// Like [`to_json`], for what is sent.
///
/// # Errors
///
/// As [`to_json`].
#[inline(always)]
pub(crate) fn to_json_bytes(value: &impl Serialize) -> Result<Vec<u8>, Error> {
    let mut json = Buffer::with_capacity(INITIAL_CAPACITY);
    serde_json::to_writer(&mut json, value).map_err(|_| writing_failed())?;
    json.into_bytes()
        .ok_or_else(|| Error::memory(Outcome::NotSent))
}

/// The JSON of a value, as a value of another document.
///
/// # Errors
///
/// As [`to_json`].
pub(crate) fn to_raw_json(value: &impl Serialize) -> Result<Box<RawValue>, Error> {
    raw_value(to_json(value)?)
}

/// A JSON text that was written here, as a value of another document.
pub(crate) fn raw_value(json: String) -> Result<Box<RawValue>, Error> {
    RawValue::from_string(json).map_err(|_| writing_failed())
}

fn writing_failed() -> Error {
    Error::internal("writing a document")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_written_as_serde_json_writes_it() {
        let value = ("a\"\u{1f600}\n", 7, [Some(true), None]);
        let json = to_json(&value).unwrap();
        assert_eq!(json, serde_json::to_string(&value).unwrap());
        assert_eq!(to_raw_json(&value).unwrap().get(), json);
    }
}
