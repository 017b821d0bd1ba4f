//! Updating an address: a link is sent to the new one. The user gets it when the link is verified.

use super::send_link::OutgoingLink;
use super::{Caller, Project};
use crate::domain::delivery_method::DeliveryMethod;
use crate::domain::links::{LinkOptions, NewAddress};
use crate::domain::project_error::ProjectError;

/// A request to update an address of the caller.
pub(crate) struct UpdateAddressRequest {
    /// A login ID of the caller.
    pub(crate) login_id: String,
    /// The new email address or phone number.
    pub(crate) address: String,
    pub(crate) redirect_url: Option<String>,
    pub(crate) add_to_login_ids: bool,
    pub(crate) on_merge_use_existing: bool,
    pub(crate) fail_on_conflict: bool,
}

impl Project {
    /// Sends a link to the new address. Returns the address.
    pub(crate) fn update_address(
        &self,
        method: DeliveryMethod,
        request: UpdateAddressRequest,
        caller: Caller,
    ) -> Result<String, ProjectError> {
        let mut state = self.lock();
        state.check_magic_links_enabled()?;
        let session = caller.session;
        let redirect_url = state.resolve_redirect(request.redirect_url.as_deref())?;
        if !method.can_reach(&request.address) {
            return Err(match method {
                DeliveryMethod::Email => {
                    ProjectError::InvalidField("The new email address is not valid")
                }
                DeliveryMethod::Sms | DeliveryMethod::Whatsapp => ProjectError::InvalidPhoneNumber,
            });
        }
        match state.users.owner(&request.login_id) {
            None => return Err(ProjectError::UserNotFound),
            Some(owner) if owner != session.user_id => {
                return Err(ProjectError::InvalidRefreshToken);
            }
            Some(_) => {}
        }
        let is_taken = state
            .users
            .belongs_to_other_user(&request.address, &session.user_id);
        if request.fail_on_conflict && is_taken {
            return Err(ProjectError::UpdateConflict);
        }
        let link = OutgoingLink {
            user_id: session.user_id,
            to: request.address.clone(),
            redirect_url,
            method,
            options: LinkOptions {
                earlier_factors: session.factors,
                custom_claims: session.custom_claims,
                tenant: session.tenant,
                new_address: Some(NewAddress {
                    address: request.address,
                    add_to_login_ids: request.add_to_login_ids,
                    on_merge_use_existing: request.on_merge_use_existing,
                    fail_on_conflict: request.fail_on_conflict,
                }),
                ..LinkOptions::default()
            },
        };
        Ok(self.send_link(&mut state, link))
    }
}
