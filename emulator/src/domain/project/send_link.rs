//! Making a link: where it leads, what it is for, when it expires; and delivering it to the inbox.

use std::time::Duration;

use serde_json::{Map, Value};

use super::{Project, State};
use crate::domain::delivery_method::DeliveryMethod;
use crate::domain::ids;
use crate::domain::links::{Link, LinkOptions};
use crate::domain::messages::Message;
use crate::domain::project_error::ProjectError;
use crate::domain::redirect_url::{RedirectCheck, append_token, check_redirect_url};
use crate::domain::user::User;

/// The `loginOptions` of a request.
pub(crate) struct LoginOptions {
    pub(crate) custom_claims: Map<String, Value>,
    pub(crate) mfa: bool,
    pub(crate) stepup: bool,
    pub(crate) tenant: Option<String>,
    /// Which other sessions end: those with one of these factors, or all if the list is empty.
    pub(crate) revoke_other_sessions: Option<Vec<String>>,
}

/// A link that is ready to be sent.
pub(super) struct OutgoingLink {
    pub(super) user_id: String,
    /// The address that it is sent to.
    pub(super) to: String,
    pub(super) redirect_url: String,
    pub(super) method: DeliveryMethod,
    pub(super) options: LinkOptions,
}

impl Project {
    /// Makes a link and delivers it. Returns the address that it was sent to.
    pub(super) fn send_link(&self, state: &mut State, outgoing: OutgoingLink) -> String {
        let OutgoingLink {
            user_id,
            to,
            redirect_url,
            method,
            options,
        } = outgoing;
        let text = match options.new_address {
            Some(_) => "Your link to confirm this address",
            None => "Your sign-in link",
        };
        let (link, token) = state.make_link(user_id, &redirect_url, method, options);
        let message = Message {
            id: ids::message_id(),
            to: to.clone(),
            channel: method.name().to_owned(),
            text: format!("{text}: {link}"),
            link,
            token,
            created_time: state.clock.seconds(),
        };
        self.deliver(state, message);
        to
    }
}

impl State {
    /// Makes a link that expires when the settings say so. Returns the link and its token.
    pub(super) fn make_link(
        &mut self,
        user_id: String,
        redirect_url: &str,
        method: DeliveryMethod,
        options: LinkOptions,
    ) -> (String, String) {
        let ttl = self.settings.authentication.magic_link.expiration_time;
        let token = self.add_link(user_id, Some(method), ttl, options);
        (append_token(redirect_url, &token), token)
    }

    /// Makes the token of a link that expires after this time.
    pub(super) fn add_link(
        &mut self,
        user_id: String,
        method: Option<DeliveryMethod>,
        ttl: Duration,
        options: LinkOptions,
    ) -> String {
        let token = ids::link_token();
        let now = self.clock.now();
        let link = Link {
            user_id,
            expires: now.saturating_add(ttl),
            method,
            options,
        };
        self.links.add(token.clone(), link, now);
        token
    }

    pub(super) fn check_magic_links_enabled(&self) -> Result<(), ProjectError> {
        match self.settings.authentication.magic_link.disabled {
            true => Err(ProjectError::MethodDisabled("Magic links are disabled")),
            false => Ok(()),
        }
    }

    /// The redirect URL of a request, if it is approved, or the project's own if the request has none.
    pub(super) fn resolve_redirect(&self, requested: Option<&str>) -> Result<String, ProjectError> {
        let Some(url) = requested else {
            let own = &self.settings.authentication.magic_link.redirect_url;
            return Ok(match own.is_empty() {
                true => self.landing_url.clone(),
                false => own.clone(),
            });
        };
        match check_redirect_url(url, &self.settings.project_settings.approved_domains) {
            RedirectCheck::Approved => Ok(url.to_owned()),
            RedirectCheck::NoHost => Err(ProjectError::InvalidField(
                "The redirectUrl must have a hostname",
            )),
            RedirectCheck::NotApproved => Err(ProjectError::RedirectNotApproved),
        }
    }
}

/// The options of a link to a user, from the login options of the request.
pub(super) fn link_options(
    options: &LoginOptions,
    user: &User,
) -> Result<LinkOptions, ProjectError> {
    let tenant = options.tenant.as_deref();
    if tenant.is_some_and(|tenant| user.membership(tenant).is_none()) {
        return Err(ProjectError::InvalidField(
            "The user is not in the tenant of tenantId",
        ));
    }
    Ok(LinkOptions {
        custom_claims: options.custom_claims.clone(),
        mfa: options.mfa,
        stepup: options.stepup,
        tenant: options.tenant.clone(),
        revoke: options.revoke_other_sessions.clone(),
        ..LinkOptions::default()
    })
}
