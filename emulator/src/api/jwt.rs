//! `JWTResponse`: the answer that brings the tokens of a session, in the body or in cookies.

use axum::Json;
use axum::http::header::{HeaderMap, HeaderValue, SET_COOKIE};
use serde_json::{Value, json};

use super::error::Refusal;
use crate::service::Service;
use crate::settings::{Settings, Tokens};
use crate::store::{Session, User};
use crate::token::SESSION_TTL;

/// An answer, with its cookies.
pub(crate) type Answer = Result<(HeaderMap, Json<Value>), Refusal>;

/// Signs the tokens of a session and answers with them.
pub(crate) fn signed(
    service: &Service,
    session: &Session,
    user: &User,
    first_seen: bool,
) -> Answer {
    let now = service.clock.seconds();
    let settings = service.settings.get();
    let pair = service
        .signer
        .sign(session, user, now)
        .map_err(|e| Refusal::internal(&e))?;
    let age = session.expires.saturating_sub(now).saturating_sub(1);
    let mut headers = HeaderMap::new();
    let (in_body, refresh_in_body) = match settings.tokens {
        Tokens::Body => (pair.session, pair.refresh),
        Tokens::Cookies => {
            for (name, token, age) in [
                (&settings.session_cookie, pair.session, SESSION_TTL),
                (&settings.refresh_cookie, pair.refresh, age),
            ] {
                headers.append(SET_COOKIE, cookie(&settings, name, &token, age)?);
            }
            (String::new(), String::new())
        }
    };
    let mut body = json!({
        "sessionJwt": in_body,
        "refreshJwt": refresh_in_body,
        "cookieMaxAge": age,
        "cookieExpiration": now + age,
        "user": user.to_json(),
        "firstSeen": first_seen,
        "sessionExpiration": now + SESSION_TTL,
        "claims": session.custom_claims,
    });
    fill(&mut body, &settings);
    Ok((headers, Json(body)))
}

/// The answer to a logout: no tokens, and cookies that clear those that there are.
pub(crate) fn cleared(service: &Service) -> Answer {
    let settings = service.settings.get();
    let mut headers = HeaderMap::new();
    if settings.tokens == Tokens::Cookies {
        for name in [&settings.session_cookie, &settings.refresh_cookie] {
            headers.append(SET_COOKIE, cookie(&settings, name, "", 0)?);
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
    fill(&mut body, &settings);
    Ok((headers, Json(body)))
}

/// Adds what every answer of this kind says.
fn fill(body: &mut Value, settings: &Settings) {
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

fn cookie(settings: &Settings, name: &str, token: &str, age: u64) -> Result<HeaderValue, Refusal> {
    let domain = match settings.cookie_domain.is_empty() {
        true => String::new(),
        false => format!("; Domain={}", settings.cookie_domain),
    };
    let text =
        format!("{name}={token}; Path=/{domain}; Max-Age={age}; HttpOnly; Secure; SameSite=Strict");
    HeaderValue::from_str(&text).map_err(|_| Refusal::malformed("A cookie cannot be written"))
}
