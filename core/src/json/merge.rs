//! Merges the `extra` object of a request into its body.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::value::RawValue;

use super::escape::escaped;
use super::raw_object::RawObject;
use super::write::{raw_value, to_json};
use crate::error::Error;

/// Merges the object `extra` into the object `body`, recursively. New keys go to the end.
///
/// # Errors
///
/// [`Error::Argument`] if `extra` would replace a value of the body, and [`Error::Memory`].
pub(crate) fn merge(body: &str, extra: &str) -> Result<String, Error> {
    let raw =
        |text| serde_json::from_str::<&RawValue>(text).map_err(|e| Error::argument(e.to_string()));
    merge_at("", raw(body)?, raw(extra)?)
}

fn merge_at(path: &str, body: &RawValue, extra: &RawValue) -> Result<String, Error> {
    let (Some(mut body), Some(extra)) = (RawObject::from_raw(body), RawObject::from_raw(extra))
    else {
        return Err(Error::argument(format!(
            "`extra.{path}` is already set in the request: remove one of the two"
        )));
    };
    let mut indexes: HashMap<String, usize> = HashMap::new();
    indexes.try_reserve(body.0.len())?;
    let members = body.0.iter().enumerate();
    indexes.extend(members.map(|(index, (key, _))| (key.clone().into_owned(), index)));
    for (key, value) in extra.0 {
        match indexes
            .get(key.as_ref())
            .and_then(|index| body.0.get_mut(*index))
        {
            Some((_, old)) => {
                let dot = if path.is_empty() { "" } else { "." };
                let inner = format!("{path}{dot}{}", escaped(&key));
                *old = Cow::Owned(raw_value(merge_at(&inner, old, &value)?)?);
            }
            None => {
                body.0.try_reserve(1)?;
                body.0.push((key, value));
            }
        }
    }
    to_json(&body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merge_adds_new_members_at_every_level_and_keeps_numbers_exact() {
        let merged = merge(
            r#"{"loginId":"u","loginOptions":{"locale":"pl"}}"#,
            r#"{"loginOptions": {"new": 1e400}, "n": 12345678901234567890123}"#,
        );
        assert_eq!(
            merged.as_deref().ok(),
            Some(
                r#"{"loginId":"u","loginOptions":{"locale":"pl","new":1e400},"n":12345678901234567890123}"#
            )
        );
    }

    #[test]
    fn merge_does_not_replace_values_of_the_body() {
        let merged = merge(
            r#"{"loginOptions":{"locale":"pl"}}"#,
            r#"{"loginOptions":{"locale":"en"}}"#,
        );
        assert!(
            merged.is_err_and(|error| error.to_string().contains("`extra.loginOptions.locale`"))
        );
    }
}
