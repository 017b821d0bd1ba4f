//! Sign-in, sign-up and sign-up-or-in: each sends a link. Each returns the address that it was sent to.

use super::send_link::{LoginOptions, OutgoingLink, link_options};
use super::{Caller, Credentials, Project, State};
use crate::domain::delivery_method::DeliveryMethod;
use crate::domain::project_error::ProjectError;
use crate::domain::user::{TenantMembership, User, UserProfile};

/// A request to sign in, or to sign up or in.
pub(crate) struct SignInRequest {
    pub(crate) login_id: String,
    pub(crate) redirect_url: Option<String>,
    /// Whether the link goes to the user's recovery address.
    pub(crate) use_recovery: bool,
    pub(crate) options: LoginOptions,
}

/// A request to sign up.
pub(crate) struct SignUpRequest {
    pub(crate) login_id: String,
    /// The address to send the link to. Without one, the profile's or the login ID is used.
    pub(crate) address: Option<String>,
    pub(crate) redirect_url: Option<String>,
    pub(crate) profile: UserProfile,
    pub(crate) options: LoginOptions,
}

impl Project {
    /// Sends a link to an existing user.
    pub(crate) fn sign_in(
        &self,
        method: DeliveryMethod,
        request: &SignInRequest,
        credentials: &Credentials,
    ) -> Result<String, ProjectError> {
        let caller = self.second_factor_caller(request, credentials);
        let mut state = self.lock();
        state.check_magic_links_enabled()?;
        let user = state.users.by_login_id(&request.login_id);
        let user = user.ok_or(ProjectError::UserNotFound)?;
        let link = state.sign_in_link(method, request, caller, user)?;
        Ok(self.send_link(&mut state, link))
    }

    /// Sends a link to a user, and creates the user if there is none. A rejected request creates no user.
    pub(crate) fn sign_up_or_in(
        &self,
        method: DeliveryMethod,
        request: &SignInRequest,
        credentials: &Credentials,
    ) -> Result<String, ProjectError> {
        let caller = self.second_factor_caller(request, credentials);
        let mut state = self.lock();
        state.check_magic_links_enabled()?;
        let login_id = request.login_id.as_str();
        let link = match state.users.by_login_id(login_id) {
            Some(user) => state.sign_in_link(method, request, caller, user)?,
            None => {
                if !method.can_reach(login_id) {
                    return Err(ProjectError::NoAddress);
                }
                let mut user = User::new(login_id, state.clock.seconds());
                user.set_address(method, login_id);
                join_tenant(&mut user, &request.options);
                let link = state.sign_in_link(method, request, caller, &user)?;
                state.add_user(user)?;
                link
            }
        };
        Ok(self.send_link(&mut state, link))
    }

    /// Creates a user and sends a link. The address counts as verified once the link is verified.
    pub(crate) fn sign_up(
        &self,
        method: DeliveryMethod,
        request: &SignUpRequest,
    ) -> Result<String, ProjectError> {
        let mut state = self.lock();
        state.check_magic_links_enabled()?;
        let redirect_url = state.resolve_redirect(request.redirect_url.as_deref())?;
        let login_id = request.login_id.as_str();
        let mut user = User::new(login_id, state.clock.seconds());
        user.apply_profile(&request.profile);
        let login_id_as_address = method.can_reach(login_id).then_some(login_id);
        if let Some(address) = request.address.as_deref().or(login_id_as_address) {
            user.set_address(method, address);
        }
        join_tenant(&mut user, &request.options);
        let to = user.address(method).ok_or(ProjectError::NoAddress)?;
        let link = OutgoingLink {
            user_id: user.user_id.clone(),
            to: to.to_owned(),
            redirect_url,
            method,
            options: link_options(&request.options, &user)?,
        };
        state.add_user(user)?;
        Ok(self.send_link(&mut state, link))
    }

    /// The caller of a request that adds a factor to an existing session; `None` for all others.
    fn second_factor_caller(
        &self,
        request: &SignInRequest,
        credentials: &Credentials,
    ) -> Option<Result<Caller, ProjectError>> {
        let adds_factor = request.options.stepup || request.options.mfa;
        adds_factor.then(|| self.refresh_token_caller(credentials))
    }
}

impl State {
    /// The link that a request may send to a user.
    fn sign_in_link(
        &self,
        method: DeliveryMethod,
        request: &SignInRequest,
        caller: Option<Result<Caller, ProjectError>>,
        user: &User,
    ) -> Result<OutgoingLink, ProjectError> {
        let redirect_url = self.resolve_redirect(request.redirect_url.as_deref())?;
        if !user.is_enabled() {
            return Err(ProjectError::InvalidField("The user is disabled"));
        }
        let mut options = link_options(&request.options, user)?;
        if let Some(caller) = caller.transpose()? {
            if caller.session.user_id != user.user_id {
                return Err(ProjectError::InvalidRefreshToken);
            }
            options.earlier_factors = caller.session.factors;
        }
        options.recovery = request.use_recovery;
        let to = match request.use_recovery {
            true => user.recovery_address(method),
            false => user.address(method),
        };
        Ok(OutgoingLink {
            user_id: user.user_id.clone(),
            to: to.ok_or(ProjectError::NoAddress)?.to_owned(),
            redirect_url,
            method,
            options,
        })
    }

    /// Adds a new user, who may become a test user by that. Returns the user.
    pub(super) fn add_user(&mut self, mut user: User) -> Result<User, ProjectError> {
        self.settings.mark_test_user(&mut user);
        match self.users.add(user.clone()) {
            true => Ok(user),
            false => Err(ProjectError::UserExists),
        }
    }
}

/// Makes a new user a member of the tenant that the request names. It is not documented whether the
/// service does so; otherwise no sign-up could name a tenant.
pub(super) fn join_tenant(user: &mut User, options: &LoginOptions) {
    if let Some(tenant) = &options.tenant {
        user.user_tenants.push(TenantMembership {
            tenant_id: tenant.clone(),
            ..TenantMembership::default()
        });
    }
}
