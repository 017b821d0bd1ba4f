//! `/v1/auth/magiclink/…`: sign-up and sign-in by SMS, email and WhatsApp, and verification.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Map, Value, json};

use super::bearer::Bearer;
use super::body::Body;
use super::error::Refusal;
use super::jwt;
use crate::id;
use crate::link::{self, Redirect};
use crate::method::Method;
use crate::service::Service;
use crate::store::{Membership, Purpose, Session, User};
use crate::token::REFRESH_TTL;

type Answer = Result<Json<Value>, Refusal>;
type Project = State<Arc<Service>>;

/// `POST /v1/auth/magiclink/signin/{method}`.
pub(crate) async fn sign_in(
    method: Method,
    State(service): Project,
    bearer: Bearer,
    body: Body,
) -> Answer {
    let login_id = body.required("loginId")?;
    let user = service.store.lock().users.find(login_id).cloned();
    let user = user.ok_or_else(Refusal::unknown_user)?;
    let sending = prepare(&service, method, &bearer, &body, &user)?;
    Ok(send(&service, method, &user, sending))
}

/// `POST /v1/auth/magiclink/signup-in/{method}`: who does not exist yet does from now on, unless the
/// request is refused.
pub(crate) async fn sign_up_or_in(
    method: Method,
    State(service): Project,
    bearer: Bearer,
    body: Body,
) -> Answer {
    let login_id = body.required("loginId")?;
    let known = service.store.lock().users.find(login_id).cloned();
    if known.is_some() {
        return sign_in(method, State(service), bearer, body).await;
    }
    if !method.reaches(login_id) {
        return Err(Refusal::no_address());
    }
    let mut user = User::new(login_id, service.clock.seconds());
    set_address(&mut user, method, login_id);
    join_tenant(&mut user, &body.object("loginOptions")?)?;
    let sending = prepare(&service, method, &bearer, &body, &user)?;
    if !service.store.lock().users.add(user.clone()) {
        // Another request has just signed this user up.
        return sign_in(method, State(service), bearer, body).await;
    }
    Ok(send(&service, method, &user, sending))
}

/// `POST /v1/auth/magiclink/signup/{method}`. The user exists from now on; the address counts as theirs
/// once the link is verified.
pub(crate) async fn sign_up(
    method: Method,
    State(service): Project,
    _: Bearer,
    body: Body,
) -> Answer {
    let details = body.object("user")?;
    // SDKs name the number by the method.
    let (top, inner): (&[&str], &[&str]) = match method {
        Method::Email => (&["email"], &["email"]),
        Method::Sms | Method::Whatsapp => (&["phone", "whatsapp", "voice"], &["phone"]),
    };
    let address = match body.first_text(top)? {
        Some(address) => Some(address),
        None => details.first_text(inner)?,
    };
    let login_id = body
        .text("loginId")?
        .or(details.text("loginId")?)
        .or(address);
    let login_id = login_id.ok_or_else(|| Refusal::invalid("The loginId field is required"))?;
    let options = body.object("loginOptions")?;
    let redirect = redirect(&service, &body)?;
    let mut user = User::new(login_id, service.clock.seconds());
    describe(&mut user, &details)?;
    if let Some(address) = address.or_else(|| method.reaches(login_id).then_some(login_id)) {
        set_address(&mut user, method, address);
    }
    join_tenant(&mut user, &options)?;
    let to = user.address(method).ok_or_else(Refusal::no_address)?;
    let sending = Sending {
        to: to.to_owned(),
        redirect,
        purpose: purpose(&options, &user)?,
    };
    if !service.store.lock().users.add(user.clone()) {
        return Err(Refusal::taken_user());
    }
    Ok(send(&service, method, &user, sending))
}

/// `POST /v1/auth/magiclink/verify`: the token, once, becomes a session.
pub(crate) async fn verify(State(service): Project, _: Bearer, body: Body) -> jwt::Answer {
    let token = body.required("token")?;
    let now = service.clock.seconds();
    let (session, user, first_seen) = {
        let mut state = service.store.lock();
        let link = state.links.take(token, service.clock.now());
        let link = link.ok_or_else(Refusal::dead_token)?;
        let user = state.users.by_id(&link.user_id);
        if !user.is_some_and(|user| user.is_enabled()) {
            return Err(Refusal::dead_token());
        }
        if let Some(update) = &link.purpose.update {
            // Somebody may have come by the address since the link was asked for.
            if update.fail_on_conflict && state.is_anothers(&link.user_id, &update.address) {
                return Err(Refusal::conflict());
            }
            state.change_address(&link.user_id, link.method, update);
        }
        let user = state.users.by_id(&link.user_id);
        let user = user.ok_or_else(Refusal::dead_token)?;
        let first_seen = user.followed_link(link.method, link.purpose.recovery);
        let user = user.clone();
        let purpose = link.purpose;
        let mut factors = purpose.earlier_factors;
        factors.retain(|factor| factor != link.method.name() && factor != "mfa");
        factors.push(link.method.name().to_owned());
        factors.extend(purpose.mfa.then(|| "mfa".to_owned()));
        let session = Session {
            id: id::session(),
            user_id: user.user_id.clone(),
            factors,
            custom_claims: purpose.custom_claims,
            tenant: purpose.tenant,
            stepup: purpose.stepup,
            expires: now + REFRESH_TTL,
            is_revoked: false,
        };
        if let Some(types) = purpose.revoke {
            state.sessions.revoke(&user.user_id, &types);
        }
        state.sessions.begin(session.clone(), now);
        // A new address that is confirmed is no sign-in.
        if purpose.update.is_none() {
            state.sessions.note(&session, now);
        }
        (session, user, first_seen)
    };
    jwt::signed(&service, &session, &user, first_seen)
}

/// A link that is about to be sent.
struct Sending {
    to: String,
    redirect: String,
    purpose: Purpose,
}

/// Reads what a sign-in asks for, and refuses what it cannot have.
fn prepare(
    service: &Service,
    method: Method,
    bearer: &Bearer,
    body: &Body,
    user: &User,
) -> Result<Sending, Refusal> {
    let options = body.object("loginOptions")?;
    let redirect = redirect(service, body)?;
    if !user.is_enabled() {
        return Err(Refusal::invalid("The user is disabled"));
    }
    let mut purpose = purpose(&options, user)?;
    if purpose.stepup || purpose.mfa {
        let caller = bearer.by_refresh_token(service)?;
        if caller.session.user_id != user.user_id {
            return Err(Refusal::wrong_refresh_token());
        }
        purpose.earlier_factors = caller.session.factors;
    }
    purpose.recovery = body.flag("useRecovery");
    let to = match purpose.recovery {
        true => user.recovery_address(method),
        false => user.address(method),
    };
    Ok(Sending {
        to: to.ok_or_else(Refusal::no_address)?.to_owned(),
        redirect,
        purpose,
    })
}

fn send(service: &Service, method: Method, user: &User, sending: Sending) -> Json<Value> {
    let Sending {
        to,
        redirect,
        purpose,
    } = sending;
    service.send(&user.user_id, &to, &redirect, method, purpose);
    Json(json!({method.masked_key(): mask(&to)}))
}

/// Makes a new user a member of the tenant that a sign-up names. Whether the service does so is
/// documented nowhere; without it, no sign-up could name a tenant.
fn join_tenant(user: &mut User, options: &Body) -> Result<(), Refusal> {
    if let Some(tenant) = options.text("tenantId")? {
        user.user_tenants.push(Membership {
            tenant_id: tenant.to_owned(),
            ..Membership::default()
        });
    }
    Ok(())
}

fn set_address(user: &mut User, method: Method, address: &str) {
    match method {
        Method::Email => address.clone_into(&mut user.email),
        Method::Sms | Method::Whatsapp => address.clone_into(&mut user.phone),
    }
}

/// Takes over what a request says of a user.
pub(super) fn describe(user: &mut User, details: &Body) -> Result<(), Refusal> {
    for (field, keys) in [
        (&mut user.name, &["name", "displayName"][..]),
        (&mut user.given_name, &["givenName"]),
        (&mut user.middle_name, &["middleName"]),
        (&mut user.family_name, &["familyName"]),
        (&mut user.email, &["email"]),
        (&mut user.phone, &["phone"]),
        (&mut user.recovery_email, &["recoveryEmail"]),
        (&mut user.recovery_phone, &["recoveryPhone"]),
        (&mut user.picture, &["picture"]),
    ] {
        if let Some(text) = details.first_text(keys)? {
            text.clone_into(field);
        }
    }
    Ok(())
}

/// Where the link is to lead: `redirectUrl`, or `URI` as several SDKs spell it, or the project's own.
pub(super) fn redirect(service: &Service, body: &Body) -> Result<String, Refusal> {
    let settings = service.settings.get();
    let Some(url) = body.first_text(&["redirectUrl", "URI"])? else {
        return Ok(settings.redirect_url);
    };
    match link::check(url, &settings.approved_domains) {
        Redirect::Approved => Ok(url.to_owned()),
        Redirect::NoHost => Err(Refusal::invalid("The redirectUrl must have a hostname")),
        Redirect::NotApproved => Err(Refusal::domain_not_approved()),
    }
}

/// What a link is for, by the login options.
pub(super) fn purpose(options: &Body, user: &User) -> Result<Purpose, Refusal> {
    let tenant = options.text("tenantId")?;
    if tenant.is_some_and(|tenant| user.tenant(tenant).is_none()) {
        return Err(Refusal::invalid(
            "The user is not in the tenant of tenantId",
        ));
    }
    let types = options.texts("revokeOtherSessionsTypes")?;
    Ok(Purpose {
        custom_claims: claims(options)?,
        mfa: options.flag("mfa"),
        stepup: options.flag("stepup"),
        tenant: tenant.map(str::to_owned),
        revoke: options.flag("revokeOtherSessions").then_some(types),
        ..Purpose::default()
    })
}

fn claims(options: &Body) -> Result<Map<String, Value>, Refusal> {
    Ok(options.object("customClaims")?.into_inner())
}

/// An address with all but its ends hidden; of an email address, the ends of both parts.
pub(super) fn mask(address: &str) -> String {
    match address.split_once('@') {
        Some((name, domain)) => format!("{}@{}", masked(name, 1, 0), masked(domain, 1, 4)),
        None => masked(address, usize::from(address.starts_with('+')) + 1, 2),
    }
}

fn masked(text: &str, front: usize, back: usize) -> String {
    let count = text.chars().count();
    let shown = |at: usize| at < front || at + back >= count;
    let numbered = text.chars().enumerate();
    numbered
        .map(|(at, c)| if shown(at) { c } else { '*' })
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_masked_address_shows_its_ends_only() {
        assert_eq!(super::mask("+14155550123"), "+1********23");
        assert_eq!(super::mask("ada@example.com"), "a**@e******.com");
    }
}
