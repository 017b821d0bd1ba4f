//! Embedded links: tokens for programs that deliver them on their own. No message is sent. Verifying such
//! a token proves no address.

use std::time::Duration;

use serde_json::{Map, Value};

use super::send_link::{LoginOptions, link_options};
use super::sign_in::join_tenant;
use super::{Project, State};
use crate::domain::delivery_method::DeliveryMethod;
use crate::domain::links::LinkOptions;
use crate::domain::project_error::ProjectError;
use crate::domain::user::{User, UserProfile};

/// A request for a token that signs a new user up.
pub(crate) struct EmbeddedSignUpRequest {
    pub(crate) login_id: String,
    pub(crate) profile: UserProfile,
    pub(crate) email_verified: bool,
    pub(crate) phone_verified: bool,
    pub(crate) options: LoginOptions,
    pub(crate) ttl: Option<Duration>,
}

impl Project {
    /// Makes a token that signs an existing user in.
    pub(crate) fn generate_embedded_link(
        &self,
        login_id: &str,
        custom_claims: Map<String, Value>,
        ttl: Option<Duration>,
    ) -> Result<String, ProjectError> {
        let mut state = self.lock();
        state.check_embedded_links_enabled()?;
        let user = state.users.by_login_id(login_id);
        let user = user.ok_or(ProjectError::UserNotFound)?;
        if !user.is_enabled() {
            return Err(ProjectError::InvalidField("The user is disabled"));
        }
        let user_id = user.user_id.clone();
        let options = LinkOptions {
            custom_claims,
            ..LinkOptions::default()
        };
        Ok(state.add_embedded_link(user_id, options, ttl))
    }

    /// Makes a token that signs a new user up. It is not documented whether the service creates the user
    /// now or when the token is verified; here it is now, as in every other sign-up.
    pub(crate) fn generate_sign_up_embedded_link(
        &self,
        request: &EmbeddedSignUpRequest,
    ) -> Result<String, ProjectError> {
        let mut state = self.lock();
        state.check_embedded_links_enabled()?;
        let login_id = request.login_id.as_str();
        let mut user = User::new(login_id, state.clock.seconds());
        user.apply_profile(&request.profile);
        for method in [DeliveryMethod::Email, DeliveryMethod::Sms] {
            if user.address(method) == Some(login_id) {
                user.set_address(method, login_id);
            }
        }
        user.verified_email = request.email_verified;
        user.verified_phone = request.phone_verified;
        join_tenant(&mut user, &request.options);
        let options = link_options(&request.options, &user)?;
        let user_id = user.user_id.clone();
        state.add_user(user)?;
        Ok(state.add_embedded_link(user_id, options, request.ttl))
    }
}

impl State {
    fn add_embedded_link(
        &mut self,
        user_id: String,
        options: LinkOptions,
        ttl: Option<Duration>,
    ) -> String {
        let default_ttl = self.settings.authentication.embedded_link.expiration_time;
        self.add_link(user_id, None, ttl.unwrap_or(default_ttl), options)
    }

    pub(super) fn check_embedded_links_enabled(&self) -> Result<(), ProjectError> {
        match self.settings.authentication.embedded_link.disabled {
            true => Err(ProjectError::MethodDisabled("Embedded links are disabled")),
            false => Ok(()),
        }
    }
}
