//! What of a request can be shown: not what signs anybody in, and not who they are unless asked for.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use crate::service::Service;

/// What stands where a value was.
const REDACTED: &str = "<redacted>";

/// Keys whose values sign somebody in, in small letters.
const SECRET: [&str; 14] = [
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

/// Keys whose values say who somebody is, in small letters.
const PERSONAL: [&str; 17] = [
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

/// Headers that are the HTTP library's or a client's own words; the values of others are not shown,
/// since any of them might carry a key.
const PLAIN_HEADERS: [&str; 15] = [
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
    "traceparent",
    "transfer-encoding",
    "user-agent",
    "x-request-id",
];

/// A JSON value without its secrets.
pub(super) fn secrets(value: Value) -> Value {
    without(value, &SECRET)
}

/// A JSON value without those whom it is about.
pub(super) fn people(value: Value) -> Value {
    without(value, &PERSONAL)
}

fn without(value: Value, keys: &[&str]) -> Value {
    match value {
        Value::Object(object) => {
            let kept = object.into_iter().map(|(key, value)| {
                // What is empty or absent hides nothing, and a test may want to know.
                let hidden = keys.contains(&key.to_lowercase().as_str());
                let value = match hidden && value != json!("") && !value.is_null() {
                    true => REDACTED.into(),
                    false => without(value, keys),
                };
                (key, value)
            });
            Value::Object(kept.collect())
        }
        Value::Array(list) => list.into_iter().map(|item| without(item, keys)).collect(),
        other => other,
    }
}

/// The query as an object, without its secrets.
pub(super) fn query(text: &str) -> Map<String, Value> {
    let pairs = url::form_urlencoded::parse(text.as_bytes());
    let pairs = pairs.map(|(key, value)| (key.into_owned(), Value::from(value.into_owned())));
    match secrets(Value::Object(pairs.collect())) {
        Value::Object(query) => query,
        _ => Map::new(),
    }
}

/// The headers; those of which it is not known that they are harmless are there by name.
pub(super) fn headers(headers: &HeaderMap) -> Map<String, Value> {
    let shown = headers.keys().map(|name| {
        let harmless = PLAIN_HEADERS.contains(&name.as_str())
            || name.as_str().starts_with("x-descope-")
            || name.as_str().starts_with("sec-");
        let values = headers.get_all(name).iter();
        let texts: Vec<_> = values
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .collect();
        let value = match harmless {
            true => texts.join(", "),
            false => REDACTED.to_owned(),
        };
        (name.to_string(), value.into())
    });
    shown.collect()
}

/// The bearer: its project ID, if it is this project's, and what stood after it. `null` when there is none.
pub(super) fn bearer(headers: &HeaderMap, service: &Service) -> Value {
    let bearer = headers.get(AUTHORIZATION);
    let bearer = bearer.and_then(|value| value.to_str().ok());
    let bearer = bearer.and_then(|value| value.split_once(' '));
    let Some((_, bearer)) = bearer else {
        return Value::Null;
    };
    let mut parts = bearer.trim().split(':');
    let project_id = match parts.next() {
        Some(id) if id == service.project_id => id,
        _ => REDACTED,
    };
    let kinds: Vec<_> = parts.map(|part| kind(part, service)).collect();
    json!({"projectId": project_id, "parts": kinds})
}

/// What a part of a bearer is.
fn kind(part: &str, service: &Service) -> &'static str {
    if part == service.management_key {
        return "managementKey";
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
    fn secrets_and_people_are_hidden_wherever_they_stand() {
        let body = json!({
            "loginId": "ada", "token": "T", "Password": "", "note": "kept",
            "user": {"name": "Ada", "phones": [{"phone": "+1"}], "email": null},
        });
        let shown = secrets(body);
        assert_eq!(shown["token"], REDACTED);
        assert_eq!(
            (&shown["loginId"], &shown["Password"]),
            (&json!("ada"), &json!(""))
        );
        let shown = people(shown);
        assert_eq!(
            (&shown["loginId"], &shown["note"]),
            (&json!(REDACTED), &json!("kept"))
        );
        assert_eq!(
            shown["user"],
            json!({"name": REDACTED, "phones": [{"phone": REDACTED}], "email": null})
        );
    }
}
