//! `JWTResponse`: the response that carries the tokens of a session, in its body or in cookies.

use axum::Json;
use axum::http::header::{HeaderMap, HeaderValue, SET_COOKIE};
use serde_json::{Value, json};

use super::error::ApiError;
use crate::domain::jwt::SESSION_TTL;
use crate::domain::project::IssuedSession;
use crate::domain::settings::{Settings, TokenResponseMethod};

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
        settings,
    } = issued;
    let max_age = session.expires.saturating_sub(now).saturating_sub(1);
    let mut headers = HeaderMap::new();
    let (session_jwt, refresh_jwt) = match settings.token_response_method {
        TokenResponseMethod::Body => (tokens.session, tokens.refresh),
        TokenResponseMethod::Cookies => {
            for (name, token, max_age) in [
                (&settings.session_cookie, tokens.session, SESSION_TTL),
                (&settings.refresh_cookie, tokens.refresh, max_age),
            ] {
                headers.append(SET_COOKIE, cookie(&settings, name, &token, max_age)?);
            }
            (String::new(), String::new())
        }
    };
    let mut body = json!({
        "sessionJwt": session_jwt,
        "refreshJwt": refresh_jwt,
        "cookieMaxAge": max_age,
        "cookieExpiration": now + max_age,
        "user": user.to_json(),
        "firstSeen": first_seen,
        "sessionExpiration": now + SESSION_TTL,
        "claims": session.custom_claims,
    });
    add_common_fields(&mut body, &settings);
    Ok((headers, Json(body)))
}

/// The response to a logout: no tokens, and cookies that delete the existing ones.
pub(super) fn logout_response(settings: &Settings) -> SessionResult {
    let mut headers = HeaderMap::new();
    if settings.token_response_method == TokenResponseMethod::Cookies {
        for name in [&settings.session_cookie, &settings.refresh_cookie] {
            headers.append(SET_COOKIE, cookie(settings, name, "", 0)?);
        }
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
    body["cookieDomain"] = json!(settings.cookie_domain);
    body["cookiePath"] = json!("/");
    body["cookieName"] = json!(settings.refresh_cookie);
    body["sessionCookieName"] = json!(settings.session_cookie);
    body["sessionCookieDomain"] = json!(settings.cookie_domain);
    body["externalToken"] = json!("");
    body["tenantSSOID"] = json!("");
    body["trustedDeviceJwt"] = json!("");
    body["nextRefreshSeconds"] = json!(0);
    body["unsavedSSO"] = json!(false);
}

fn cookie(
    settings: &Settings,
    name: &str,
    token: &str,
    max_age: u64,
) -> Result<HeaderValue, ApiError> {
    let domain = match settings.cookie_domain.is_empty() {
        true => String::new(),
        false => format!("; Domain={}", settings.cookie_domain),
    };
    let text = format!(
        "{name}={token}; Path=/{domain}; Max-Age={max_age}; HttpOnly; Secure; SameSite=Strict"
    );
    HeaderValue::from_str(&text).map_err(|_| ApiError::malformed("A cookie cannot be written"))
}
