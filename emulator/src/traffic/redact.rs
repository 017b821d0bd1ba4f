//! Redaction of requests: secrets never appear in the log; personal data only on request.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use url::Url;

use crate::domain::project::Project;

/// Replaces a redacted value.
const REDACTED: &str = "<redacted>";

/// Keys whose values are secrets, in lower case.
const SECRET_KEYS: [&str; 14] = [
    "t",
    "token",
    "externaltoken",
    "sessiontoken",
    "refreshtoken",
    "sessionjwt",
    "refreshjwt",
    "password",
    "hashedpassword",
    "pkcechallenge",
    "code",
    "secret",
    "key",
    "managementkey",
];

/// Keys whose values are personal data, in lower case.
const PERSONAL_KEYS: [&str; 17] = [
    "loginid",
    "loginids",
    "externalids",
    "additionalidentifiers",
    "additionalloginids",
    "email",
    "phone",
    "whatsapp",
    "voice",
    "recoveryemail",
    "recoveryphone",
    "name",
    "displayname",
    "givenname",
    "middlename",
    "familyname",
    "picture",
];

/// Headers without secrets. The values of all others are redacted, because any of them might carry a key.
const HARMLESS_HEADERS: [&str; 16] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "idempotency-key",
    "origin",
    "traceparent",
    "transfer-encoding",
    "user-agent",
    "x-request-id",
];

/// Redacts the secrets in a JSON value.
pub(super) fn redact_secrets(value: Value) -> Value {
    redact_keys(value, &SECRET_KEYS)
}

/// Redacts the personal data in a JSON value.
pub(super) fn redact_personal(value: Value) -> Value {
    redact_keys(value, &PERSONAL_KEYS)
}

fn redact_keys(value: Value, keys: &[&str]) -> Value {
    match value {
        Value::Object(object) => {
            let kept = object.into_iter().map(|(key, value)| {
                // Empty values and nulls stay: they are not secret, and a test may check for them.
                let is_redacted = keys.contains(&key.to_lowercase().as_str());
                let value = match is_redacted && value != json!("") && !value.is_null() {
                    true => REDACTED.into(),
                    false => redact_keys(value, keys),
                };
                (key, value)
            });
            Value::Object(kept.collect())
        }
        Value::Array(list) => list
            .into_iter()
            .map(|item| redact_keys(item, keys))
            .collect(),
        other => other,
    }
}

/// The query as an object, with its secrets redacted.
pub(super) fn redact_query(text: &str) -> Map<String, Value> {
    let pairs = url::form_urlencoded::parse(text.as_bytes());
    let pairs = pairs.map(|(key, value)| (key.into_owned(), Value::from(value.into_owned())));
    match redact_secrets(Value::Object(pairs.collect())) {
        Value::Object(query) => query,
        _ => Map::new(),
    }
}

/// A URL without its secrets: the values of its query, its fragment, a user name and a password, and the
/// token of the link wherever it occurs.
pub(super) fn redact_url(text: &str, token: &str) -> String {
    let Ok(mut url) = Url::parse(text) else {
        return REDACTED.to_owned();
    };
    let names: Vec<String> = url
        .query_pairs()
        .map(|(name, _)| url::form_urlencoded::byte_serialize(name.as_bytes()).collect())
        .map(|name: String| format!("{name}={REDACTED}"))
        .collect();
    url.set_query(None);
    url.set_fragment(None);
    // These fail if the URL cannot have a user name, and then it has none.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    let separator = if names.is_empty() { "" } else { "?" };
    let shown = format!("{url}{separator}{}", names.join("&"));
    match token.is_empty() {
        true => shown,
        false => shown.replace(token, REDACTED),
    }
}

/// The headers. Only the values of headers that are known to be harmless are kept.
pub(super) fn redact_headers(headers: &HeaderMap) -> Map<String, Value> {
    let redacted = headers.keys().map(|name| {
        let is_harmless = HARMLESS_HEADERS.contains(&name.as_str())
            || name.as_str().starts_with("x-descope-")
            || name.as_str().starts_with("sec-");
        let values = headers.get_all(name).iter();
        let texts: Vec<_> = values
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .collect();
        let value = match is_harmless {
            true => texts.join(", "),
            false => REDACTED.to_owned(),
        };
        (name.to_string(), value.into())
    });
    redacted.collect()
}

/// Describes the bearer: the project ID, if it is this project's, and the kinds of its other parts.
/// `null` if there is no bearer.
pub(super) fn describe_bearer(headers: &HeaderMap, project: &Project) -> Value {
    let bearer = headers.get(AUTHORIZATION);
    let bearer = bearer.and_then(|value| value.to_str().ok());
    let bearer = bearer.and_then(|value| value.split_once(' '));
    let Some((_, bearer)) = bearer else {
        return Value::Null;
    };
    let mut parts = bearer.trim().split(':');
    let project_id = match parts.next() {
        Some(id) if id == project.id() => id,
        _ => REDACTED,
    };
    let kinds: Vec<_> = parts.map(|part| part_kind(part, project)).collect();
    json!({"projectId": project_id, "parts": kinds})
}

/// The kind of a part of a bearer. Tokens are not verified.
fn part_kind(part: &str, project: &Project) -> &'static str {
    if part == project.management_key() {
        return "managementKey";
    }
    if project.has_access_key(part) {
        return "accessKey";
    }
    let claims = part.split('.').nth(1);
    let claims = claims.and_then(|claims| BASE64_URL_SAFE_NO_PAD.decode(claims).ok());
    let claims = claims.and_then(|claims| serde_json::from_slice::<Value>(&claims).ok());
    match claims.as_ref().and_then(|claims| claims["drn"].as_str()) {
        Some("DS") => "sessionToken",
        Some("DSR") => "refreshToken",
        _ if part.is_empty() => "empty",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_show_neither_the_token_nor_values_of_the_query() {
        for (url, shown) in [
            (
                "http://a/v?t=T0K&next=%2Fme",
                "http://a/v?t=<redacted>&next=<redacted>",
            ),
            (
                "http://u:p@a/T0K/x?T0K#T0K",
                "http://a/<redacted>/x?<redacted>=<redacted>",
            ),
            ("myapp://open/v?t=T0K", "myapp://open/v?t=<redacted>"),
            ("http://a", "http://a/"),
            ("/v?t=T0K", "<redacted>"),
        ] {
            assert_eq!(redact_url(url, "T0K"), shown);
        }
    }

    #[test]
    fn secrets_and_personal_data_are_redacted_at_any_depth() {
        let body = json!({
            "loginId": "ada", "token": "T", "Password": "", "note": "kept",
            "user": {"name": "Ada", "phones": [{"phone": "+1"}], "email": null},
        });
        let redacted = redact_secrets(body);
        assert_eq!(redacted["token"], REDACTED);
        assert_eq!(
            (&redacted["loginId"], &redacted["Password"]),
            (&json!("ada"), &json!(""))
        );
        let redacted = redact_personal(redacted);
        assert_eq!(
            (&redacted["loginId"], &redacted["note"]),
            (&json!(REDACTED), &json!("kept"))
        );
        assert_eq!(
            redacted["user"],
            json!({"name": REDACTED, "phones": [{"phone": REDACTED}], "email": null})
        );
    }
}
