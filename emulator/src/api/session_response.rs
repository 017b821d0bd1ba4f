//! `JWTResponse`: the response that carries the tokens of a session, in its body or in cookies.

use axum::Json;
use axum::http::header::{HeaderMap, HeaderValue, SET_COOKIE};
use serde_json::{Value, json};

use super::error::ApiError;
use crate::domain::project::IssuedSession;
use crate::domain::settings::{CookiePolicy, ResponseMethod, Settings};

/// The response with its cookies.
pub(super) type SessionResult = Result<(HeaderMap, Json<Value>), ApiError>;

/// The response to a request that gets tokens.
pub(super) fn session_response(issued: IssuedSession) -> SessionResult {
    let IssuedSession {
        tokens,
        session,
        user,
        first_seen,
        issued_at: now,
        session_expires,
        settings,
    } = issued;
    let max_age = session.expires.saturating_sub(now).saturating_sub(1);
    let mut headers = HeaderMap::new();
    let [session_cookie, refresh_cookie] = token_cookies(&settings);
    let session_max_age = session_expires.saturating_sub(now);
    let session_jwt = session_cookie.deliver(tokens.session, session_max_age, &mut headers)?;
    let refresh_jwt = refresh_cookie.deliver(tokens.refresh, max_age, &mut headers)?;
    let mut body = json!({
        "sessionJwt": session_jwt,
        "refreshJwt": refresh_jwt,
        "cookieMaxAge": max_age,
        "cookieExpiration": now.saturating_add(max_age),
        "user": user.to_json(),
        "firstSeen": first_seen,
        "sessionExpiration": session_expires,
        // Documentation of the React SDK: "custom claims & common Descope claims from the token".
        "claims": tokens.session_claims,
    });
    add_common_fields(&mut body, &settings);
    Ok((headers, Json(body)))
}

/// The response to a logout: no tokens, and cookies that delete the existing ones.
pub(super) fn logout_response(settings: &Settings) -> SessionResult {
    let mut headers = HeaderMap::new();
    for cookie in token_cookies(settings) {
        cookie.deliver(String::new(), 0, &mut headers)?;
    }
    let mut body = json!({
        "sessionJwt": "",
        "refreshJwt": "",
        "cookieMaxAge": 0,
        "cookieExpiration": 0,
        "firstSeen": false,
        "sessionExpiration": 0,
        "claims": {},
    });
    add_common_fields(&mut body, settings);
    Ok((headers, Json(body)))
}

/// Adds the fields that both responses have.
fn add_common_fields(body: &mut Value, settings: &Settings) {
    let [session, refresh] = token_cookies(settings);
    body["cookieDomain"] = json!(refresh.domain);
    body["cookiePath"] = json!("/");
    body["cookieName"] = json!(refresh.name);
    body["sessionCookieName"] = json!(session.name);
    body["sessionCookieDomain"] = json!(session.domain);
    body["externalToken"] = json!("");
    body["tenantSSOID"] = json!("");
    body["trustedDeviceJwt"] = json!("");
    body["nextRefreshSeconds"] = json!(0);
    body["unsavedSSO"] = json!(false);
}

/// How a token is delivered, and its cookie.
struct TokenCookie<'a> {
    method: ResponseMethod,
    name: &'a str,
    domain: &'a str,
    policy: CookiePolicy,
}

/// The cookies of the session token and of the refresh token.
fn token_cookies(settings: &Settings) -> [TokenCookie<'_>; 2] {
    let names = &settings.emulator;
    let settings = &settings.project_settings;
    [
        TokenCookie {
            method: settings.session_token_response_method,
            name: &names.session_token_cookie_name,
            domain: &settings.session_token_cookie_domain,
            policy: settings.session_token_cookie_policy,
        },
        TokenCookie {
            method: settings.refresh_token_response_method,
            name: &names.refresh_token_cookie_name,
            domain: &settings.refresh_token_cookie_domain,
            policy: settings.refresh_token_cookie_policy,
        },
    ]
}

impl TokenCookie<'_> {
    /// Returns the token for the body. If it is delivered as a cookie, adds that, and returns nothing.
    fn deliver(
        &self,
        token: String,
        max_age: u64,
        headers: &mut HeaderMap,
    ) -> Result<String, ApiError> {
        if self.method == ResponseMethod::ResponseBody {
            return Ok(token);
        }
        let domain = match self.domain.is_empty() {
            true => String::new(),
            false => format!("; Domain={}", self.domain),
        };
        let text = format!(
            "{}={token}; Path=/{domain}; Max-Age={max_age}; HttpOnly; Secure; SameSite={}",
            self.name,
            self.policy.same_site()
        );
        let cookie = HeaderValue::from_str(&text);
        let cookie = cookie.map_err(|_| ApiError::malformed("A cookie cannot be written"))?;
        headers.append(SET_COOKIE, cookie);
        Ok(String::new())
    }
}
