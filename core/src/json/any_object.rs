//! Objects that are passed on without being parsed.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::limits::check_raw;

/// An object with values of any type. Kept as JSON text, so that no number loses a digit.
#[derive(Clone)]
pub(crate) struct AnyObject<'a>(Cow<'a, RawValue>);

impl<'a> AnyObject<'a> {
    /// Parses JSON text that must be an object.
    pub(crate) fn parse(json: &'a str) -> Result<AnyObject<'a>, serde_json::Error> {
        serde_json::from_str(json)
    }

    pub(crate) fn get(&self) -> &str {
        self.0.get()
    }
}

impl fmt::Debug for AnyObject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{…}")
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for AnyObject<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&'de RawValue>::deserialize(deserializer)?;
        if !raw.get().starts_with('{') {
            return Err(D::Error::custom("must be an object"));
        }
        check_raw(raw).map_err(D::Error::custom)?;
        Ok(AnyObject(Cow::Borrowed(raw)))
    }
}

impl Serialize for AnyObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
