//! Merges one JSON object into another, for the fields that a caller adds to a request.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::value::{RawValue, to_raw_value};

use super::members::Members;
use super::shown;

/// Merges the object `extra` into the object `body`: objects into objects, new keys at the end.
///
/// # Errors
///
/// A sentence, when a member of `extra` would replace one that the body already has.
pub(crate) fn merge(body: &str, extra: &str) -> Result<String, String> {
    let raw = |text| serde_json::from_str::<&RawValue>(text).map_err(|e| e.to_string());
    let merged = merge_at("", raw(body)?, raw(extra)?)?;
    Ok(merged.get().to_owned())
}

fn merge_at(path: &str, body: &RawValue, extra: &RawValue) -> Result<Box<RawValue>, String> {
    let (Some(mut body), Some(extra)) = (Members::of(body), Members::of(extra)) else {
        return Err(format!(
            "`extra` repeats `{path}`, which the request already sets: leave it out of one of them"
        ));
    };
    let numbered = body.0.iter().enumerate();
    let places: HashMap<String, usize> = numbered
        .map(|(place, (key, _))| (key.clone().into_owned(), place))
        .collect();
    for (key, value) in extra.0 {
        match places
            .get(key.as_ref())
            .and_then(|place| body.0.get_mut(*place))
        {
            Some((_, old)) => {
                let dot = if path.is_empty() { "" } else { "." };
                let inner = format!("{path}{dot}{}", shown(&key));
                *old = Cow::Owned(merge_at(&inner, old, &value)?);
            }
            None => body.0.push((key, value)),
        }
    }
    to_raw_value(&body).map_err(|e| e.to_string())
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
            merged.as_deref(),
            Ok(
                r#"{"loginId":"u","loginOptions":{"locale":"pl","new":1e400},"n":12345678901234567890123}"#
            )
        );
    }

    #[test]
    fn merge_refuses_to_replace_what_the_body_has() {
        let merged = merge(
            r#"{"loginOptions":{"locale":"pl"}}"#,
            r#"{"loginOptions":{"locale":"en"}}"#,
        );
        assert!(merged.is_err_and(|message| message.contains("`loginOptions.locale`")));
    }
}
