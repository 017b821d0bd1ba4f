//! Reads the values of settings. An error says what a value must be; `patch.rs` adds the key.

use regex_lite::Regex;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::domain::redirect_url::{RedirectCheck, check_redirect_url, parse_approved_domain};

pub(super) fn approved_domains<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<String>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let domains = texts.iter().map(|text| parse_approved_domain(text));
    domains.collect::<Result<_, _>>().map_err(D::Error::custom)
}

/// The name of a cookie.
pub(super) fn cookie_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    checked_text(deserializer, |text| match text {
        "" => Err("must not be empty".to_owned()),
        name => check_cookie_part(name),
    })
}

/// The domain of a cookie, or nothing.
pub(super) fn cookie_domain<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<String, D::Error> {
    checked_text(deserializer, check_cookie_part)
}

/// The default redirect URL, which may have any host, or nothing.
pub(super) fn redirect_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    checked_text(deserializer, |text| {
        match text.is_empty() || check_redirect_url(text, &[]) == RedirectCheck::Approved {
            true => Ok(()),
            false => Err("must be a URL with a host".to_owned()),
        }
    })
}

/// A regular expression, or nothing.
pub(super) fn pattern<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    checked_text(deserializer, |text| match Regex::new(text) {
        Ok(_) => Ok(()),
        Err(problem) => Err(format!("must be a regular expression: {problem}")),
    })
}

/// A one-time password of six digits, or nothing.
pub(super) fn static_otp<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    checked_text(deserializer, |text| {
        let is_otp = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
        match text.is_empty() || is_otp {
            true => Ok(()),
            false => Err("must have six digits".to_owned()),
        }
    })
}

fn checked_text<'de, D: Deserializer<'de>>(
    deserializer: D,
    check: impl Fn(&str) -> Result<(), String>,
) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    check(&text).map_err(D::Error::custom)?;
    Ok(text)
}

/// Checks a cookie's name or domain. It must not need quotes.
fn check_cookie_part(text: &str) -> Result<(), String> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    match text.chars().all(is_allowed) {
        true => Ok(()),
        false => Err("may contain only letters, digits, `-`, `_` and `.`".to_owned()),
    }
}
