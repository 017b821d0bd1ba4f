//! Answers that bring a session: tokens from the body or the cookies, checked, and told of.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::rules;
use super::validate::describe;
use crate::answer::Promised;
use crate::client::Client;
use crate::destination::Destination;
use crate::document::{self, Fields, Members};
use crate::error::{Error, Failure};
use crate::operation::Fetch;
use crate::status::Outcome;
use crate::token::{self, Use, Wanted};

/// A token of an answer: the key of the body that holds it, the one that names its cookie, and the
/// name that the cookie has otherwise.
struct Place {
    used_as: Use,
    key: &'static str,
    cookie_key: &'static str,
    cookie: &'static str,
}

const SESSION: Place = Place {
    used_as: Use::Session,
    key: "sessionJwt",
    cookie_key: "sessionCookieName",
    cookie: "DS",
};

const REFRESH: Place = Place {
    used_as: Use::Refresh,
    key: "refreshJwt",
    cookie_key: "cookieName",
    cookie: "DSR",
};

/// What messages say of an answer that cannot be used.
const USED_UP: &str =
    "the service answered, and has acted on the request, but what it sent cannot be used";

/// The answer with both tokens in it, the session described under `session`, and the claims of the
/// refresh token under `refreshClaims`.
pub(crate) fn complete(
    client: &Client,
    to: &Destination,
    request: &Fields<'_>,
    answer: &Promised,
    fetch: Fetch,
) -> Result<String, Error> {
    let completed = (|| {
        let mut members = document::object(&answer.json)
            .ok_or_else(|| Error::internal("while reading an answer"))?;
        let session = SESSION
            .find(&members, &answer.cookies)
            .ok_or_else(no_session)?;
        let refresh = REFRESH.find(&members, &answer.cookies);
        let find = |id: Option<&str>| {
            let keys = client.keys_for(to, Wanted::Issued(id), fetch)?;
            keys.ok_or_else(|| Error::internal("while fetching keys"))
        };
        let of_session = rules(client, to, request, SESSION.used_as);
        let described = token::check(&session, &to.keys, &of_session, find, |claims| {
            raw(describe(&session, claims, to.project()))
        })?;
        let of_refresh = rules(client, to, request, REFRESH.used_as);
        let refresh_claims = |token: &str| {
            token::check(token, &to.keys, &of_refresh, find, |claims| {
                raw(claims.json.to_owned())
            })
        };
        put(&mut members, SESSION.key, &session)?;
        let refresh = match refresh {
            Some(new) => Some((refresh_claims(&new)?, new)),
            // An answer without a new refresh token leaves the old one in force. It is the caller's: what
            // may be wrong with it is no reason to lose the session.
            None => request.text("refreshToken").and_then(|old| {
                let claims = refresh_claims(old).ok()?;
                Some((claims, old.to_owned()))
            }),
        };
        if let Some((claims, refresh)) = refresh {
            put(&mut members, REFRESH.key, &refresh)?;
            members.insert(Cow::Borrowed("refreshClaims"), Cow::Owned(claims));
        }
        members.insert(Cow::Borrowed("session"), Cow::Owned(described));
        serde_json::to_string(&members).map_err(|_| Error::internal("while writing an answer"))
    })();
    completed.map_err(|error: Error| {
        error.in_answer(
            USED_UP,
            answer.status,
            answer.request_id.clone(),
            answer.attempts,
        )
    })
}

fn no_session() -> Error {
    Error::Protocol(Failure::new(
        "the answer lacks a session token (`sessionJwt`, or the cookie in its place)",
        Outcome::Unknown,
    ))
}

/// JSON that is put together from what has been read.
fn raw(json: String) -> Result<Box<RawValue>, Error> {
    RawValue::from_string(json).map_err(|_| Error::internal("while writing an answer"))
}

fn put(members: &mut Members<'_>, key: &'static str, value: &impl Serialize) -> Result<(), Error> {
    let value = to_raw_value(value).map_err(|_| Error::internal("while writing an answer"))?;
    members.insert(Cow::Borrowed(key), Cow::Owned(value));
    Ok(())
}

impl Place {
    /// The token, from the body or else from the cookie that the answer names, or its usual one.
    fn find(&self, members: &Members<'_>, cookies: &[String]) -> Option<String> {
        let given = |text: &Cow<'_, str>| !text.is_empty();
        let in_body = members.text(self.key).filter(given);
        in_body.map(Cow::into_owned).or_else(|| {
            let named = members.text(self.cookie_key).filter(given);
            let named = named.and_then(|name| cookie(cookies, &name));
            named.or_else(|| cookie(cookies, self.cookie))
        })
    }
}

/// The value of a cookie, of several the last; one that is empty clears it and is none.
fn cookie(cookies: &[String], name: &str) -> Option<String> {
    let mut latest_first = cookies.iter().rev().filter_map(|cookie| {
        let pair = cookie.split(';').next()?;
        let (key, value) = pair.split_once('=')?;
        (key.trim() == name).then(|| value.trim().trim_matches('"'))
    });
    let value = latest_first.next()?;
    (!value.is_empty()).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_by_its_whole_name_and_the_last_one_counts() {
        let cookies = ["DSR=a; Path=/", "XDSR=b", "DSR=\"c\"; Secure", "DS="];
        let cookies = cookies.map(str::to_owned);
        assert_eq!(cookie(&cookies, "DSR").as_deref(), Some("c"));
        assert_eq!(cookie(&cookies, "DS"), None);
        assert_eq!(cookie(&cookies, "dsr"), None);
    }
}
