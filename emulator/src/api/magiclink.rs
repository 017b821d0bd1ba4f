//! `/v1/auth/magiclink/…`: sign-up, sign-in and verification by SMS.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Map, Value, json};

use super::bearer::Bearer;
use super::body::Body;
use super::error::Refusal;
use crate::link::{self, Redirect};
use crate::service::Service;
use crate::store::User;
use crate::token::{REFRESH_TTL, SESSION_TTL};

/// `POST /v1/auth/magiclink/signin/sms`.
pub(crate) async fn sign_in(
    State(service): State<Arc<Service>>,
    bearer: Bearer,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    let login_id = body.required("loginId")?;
    let options = body.object("loginOptions")?;
    let redirect = redirect(&service, &body)?;
    let second_step = options.flag("stepup") || options.flag("mfa");
    let current = second_step.then(|| bearer.user_id(&service)).transpose()?;
    let user = service.store.lock().users.find(login_id).cloned();
    let user = user.ok_or_else(Refusal::unknown_user)?;
    if !user.has_number() {
        return Err(Refusal::no_address());
    }
    if current.is_some_and(|id| id != user.user_id) {
        return Err(Refusal::wrong_refresh_token());
    }
    service.send_sms(&user, &redirect, claims(&options)?, options.flag("mfa"));
    Ok(Json(json!({"maskedPhone": mask(user.address())})))
}

/// `POST /v1/auth/magiclink/signup/sms`. The user exists from now on; the number counts as theirs
/// once the link is verified.
pub(crate) async fn sign_up(
    State(service): State<Arc<Service>>,
    _: Bearer,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    let details = body.object("user")?;
    let phone = match (body.text("phone")?, details.text("phone")?) {
        (Some(phone), _) | (None, Some(phone)) => Some(phone),
        _ => None,
    };
    let login_id = match (body.text("loginId")?, phone) {
        (Some(id), _) | (None, Some(id)) => id,
        _ => return Err(Refusal::invalid("The loginId field is required")),
    };
    let options = body.object("loginOptions")?;
    let redirect = redirect(&service, &body)?;
    let field = |key| Ok(details.text(key)?.unwrap_or_default().to_owned());
    let mut user = User::new(login_id, service.clock.seconds());
    user.phone = phone.unwrap_or(login_id).to_owned();
    user.email = field("email")?;
    user.name = field("name")?;
    user.given_name = field("givenName")?;
    user.middle_name = field("middleName")?;
    user.family_name = field("familyName")?;
    if !user.has_number() {
        return Err(Refusal::no_address());
    }
    let claims = claims(&options)?;
    {
        let mut state = service.store.lock();
        if !state.users.add(user.clone()) {
            return Err(Refusal::taken_user());
        }
    }
    service.send_sms(&user, &redirect, claims, false);
    Ok(Json(json!({"maskedPhone": mask(user.address())})))
}

/// `POST /v1/auth/magiclink/verify`: the token, once, becomes a session.
pub(crate) async fn verify(
    State(service): State<Arc<Service>>,
    _: Bearer,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    let token = body.required("token")?;
    let now = service.clock.seconds();
    let (link, user, first_seen) = {
        let mut state = service.store.lock();
        let link = state.links.take(token, service.clock.now());
        let link = link.ok_or_else(Refusal::dead_token)?;
        let user = state
            .users
            .by_id(&link.user_id)
            .ok_or_else(Refusal::dead_token)?;
        let first_seen = user.followed_link(link.method);
        (link, user.clone(), first_seen)
    };
    let mut factors = vec![link.method.name()];
    factors.extend(link.mfa.then_some("mfa"));
    let pair = service
        .signer
        .sign(&user.user_id, &link.custom_claims, &factors, now)
        .map_err(|e| Refusal::internal(&e))?;
    Ok(Json(json!({
        "sessionJwt": pair.session,
        "refreshJwt": pair.refresh,
        "cookieDomain": "",
        "cookiePath": "/",
        "cookieMaxAge": REFRESH_TTL - 1,
        "cookieExpiration": now + REFRESH_TTL - 1,
        "user": user.to_json(),
        "firstSeen": first_seen,
        "sessionExpiration": now + SESSION_TTL,
        "externalToken": "",
        "claims": link.custom_claims,
        "tenantSSOID": "",
        "trustedDeviceJwt": "",
        "nextRefreshSeconds": 0,
        "cookieName": "DSR",
        "sessionCookieName": "DS",
        "sessionCookieDomain": "",
        "unsavedSSO": false,
    })))
}

/// Where the link is to lead: `redirectUrl`, or `URI` as several SDKs spell it, or the project's own.
pub(super) fn redirect(service: &Service, body: &Body) -> Result<String, Refusal> {
    let given = match body.text("redirectUrl")? {
        Some(url) => Some(url),
        None => body.text("URI")?,
    };
    let Some(url) = given else {
        return Ok(service.settings.get().redirect_url);
    };
    match link::check(url, &service.settings.get().approved_domains) {
        Redirect::Approved => Ok(url.to_owned()),
        Redirect::NoHost => Err(Refusal::invalid("The redirectUrl must have a hostname")),
        Redirect::NotApproved => Err(Refusal::domain_not_approved()),
    }
}

/// The claims that the session is to carry.
pub(super) fn claims(options: &Body) -> Result<Map<String, Value>, Refusal> {
    Ok(options.object("customClaims")?.into_inner())
}

/// An address with all but its ends hidden.
fn mask(address: &str) -> String {
    let count = address.chars().count();
    let kept_front = usize::from(address.starts_with('+')) + 1;
    let shown = |at: usize| at < kept_front || at + 2 >= count;
    let masked = address.chars().enumerate();
    masked
        .map(|(at, c)| if shown(at) { c } else { '*' })
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_masked_number_shows_its_ends_only() {
        assert_eq!(super::mask("+14155550123"), "+1********23");
    }
}
