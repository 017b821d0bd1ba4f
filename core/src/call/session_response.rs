//! Responses with a session: finds the tokens in the body or the cookies, and adds the validated session.

use std::borrow::Cow;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::value::RawValue;

use super::response::ApiResponse;
use crate::error::Error;
use crate::json::{self, RawObject};
use crate::status::Outcome;

/// Where a response has a token.
struct TokenSource {
    /// The key in the body.
    key: &'static str,
    /// The key in the body for the name of the cookie.
    cookie_name_key: &'static str,
    default_cookie_name: &'static str,
}

const SESSION_TOKEN: TokenSource = TokenSource {
    key: "sessionJwt",
    cookie_name_key: "sessionCookieName",
    default_cookie_name: "DS",
};

const REFRESH_TOKEN: TokenSource = TokenSource {
    key: "refreshJwt",
    cookie_name_key: "cookieName",
    default_cookie_name: "DSR",
};

/// The message about a response that cannot be used.
const UNUSABLE_RESPONSE: &str = "the service processed the request, but its response is not usable";

/// A response with a session.
pub(crate) struct SessionResponse<'a> {
    members: RawObject<'a>,
    pub(crate) session_token: String,
    pub(crate) refresh_token: Option<String>,
}

impl<'a> SessionResponse<'a> {
    /// Finds the tokens.
    ///
    /// # Errors
    ///
    /// [`Error::Protocol`] without a session token.
    pub(crate) fn parse(response: &'a ApiResponse) -> Result<SessionResponse<'a>, Error> {
        let members =
            json::parse_raw(&response.json).ok_or_else(|| Error::internal("reading a response"))?;
        let session_token = SESSION_TOKEN.find(&members, &response.cookies);
        let session_token = session_token.ok_or_else(|| {
            Error::protocol(
                "the response has no session token (neither `sessionJwt` nor a session cookie)",
                Outcome::Unknown,
            )
        })?;
        Ok(SessionResponse {
            refresh_token: REFRESH_TOKEN.find(&members, &response.cookies),
            session_token,
            members,
        })
    }

    /// The response document, with both tokens in it, the session under `session`, the claims of the
    /// refresh token under `refreshClaims`, and the time of the service under `serverTime`.
    ///
    /// `refresh` is the refresh token and its claims.
    pub(crate) fn into_document(
        mut self,
        session_document: String,
        refresh: Option<(&str, String)>,
        date: Option<SystemTime>,
    ) -> Result<String, Error> {
        let token = json::to_raw_json(&self.session_token)?;
        self.insert(SESSION_TOKEN.key, token);
        if let Some((token, claims)) = refresh {
            self.insert(REFRESH_TOKEN.key, json::to_raw_json(&token)?);
            self.insert("refreshClaims", json::raw_value(claims)?);
        }
        self.insert("session", json::raw_value(session_document)?);
        if let Some(time) = date.and_then(|date| date.duration_since(UNIX_EPOCH).ok()) {
            self.insert("serverTime", json::to_raw_json(&time.as_secs())?);
        }
        json::to_json(&self.members)
    }

    fn insert(&mut self, key: &'static str, value: Box<RawValue>) {
        self.members.insert(Cow::Borrowed(key), Cow::Owned(value));
    }
}

/// Turns an error about the contents of a response into the error of the call.
pub(crate) fn unusable_response(error: Error, response: &ApiResponse, attempts: u32) -> Error {
    error.in_response(
        UNUSABLE_RESPONSE,
        response.status,
        response.request_id.clone(),
        attempts,
    )
}

impl TokenSource {
    /// The token in the body, else in the cookie that the body names, else in the default cookie.
    fn find(&self, members: &RawObject<'_>, cookies: &[String]) -> Option<String> {
        let string = |key| members.string(key).filter(|text| !text.is_empty());
        if let Some(token) = string(self.key) {
            return Some(token.into_owned());
        }
        let named = string(self.cookie_name_key).and_then(|name| find_cookie(cookies, &name));
        named.or_else(|| find_cookie(cookies, self.default_cookie_name))
    }
}

/// The last cookie with this name. An empty value means that the cookie is cleared.
fn find_cookie(cookies: &[String], name: &str) -> Option<String> {
    let mut values = cookies.iter().rev().filter_map(|cookie| {
        let pair = cookie.split(';').next()?;
        let (key, value) = pair.split_once('=')?;
        (key.trim() == name).then(|| value.trim().trim_matches('"'))
    });
    let value = values.next()?;
    (!value.is_empty()).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_by_its_exact_name_and_the_last_one_counts() {
        let cookies = ["DSR=a; Path=/", "XDSR=b", "DSR=\"c\"; Secure", "DS="];
        let cookies = cookies.map(str::to_owned);
        assert_eq!(find_cookie(&cookies, "DSR").as_deref(), Some("c"));
        assert_eq!(find_cookie(&cookies, "DS"), None);
        assert_eq!(find_cookie(&cookies, "dsr"), None);
    }
}
