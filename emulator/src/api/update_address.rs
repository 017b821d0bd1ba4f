//! `/v1/auth/magiclink/update/…`: a new email address or phone number for a signed-in user.

use axum::Json;
use axum::extract::State;

use super::authorization::{Bearer, ProjectState};
use super::error::ApiResult;
use super::masking::masked_address_response;
use super::request_body::RequestBody;
use crate::domain::delivery_method::DeliveryMethod;
use crate::domain::project::UpdateAddressRequest;

/// `POST /v1/auth/magiclink/update/email` and `…/update/phone/{sms,whatsapp}`. Two SDKs use
/// `…/update/phone` for SMS.
pub(super) async fn update_address(
    method: DeliveryMethod,
    State(project): ProjectState,
    bearer: Bearer,
    body: RequestBody,
) -> ApiResult {
    let caller = bearer.refresh_token_caller(&project)?;
    let login_id = body.required_text("loginId")?;
    let address = body.required_text(match method {
        DeliveryMethod::Email => "email",
        DeliveryMethod::Sms | DeliveryMethod::Whatsapp => "phone",
    })?;
    let request = UpdateAddressRequest {
        login_id: login_id.to_owned(),
        address: address.to_owned(),
        redirect_url: body.redirect_url()?.map(str::to_owned),
        add_to_login_ids: body.flag("addToLoginIDs"),
        on_merge_use_existing: body.flag("onMergeUseExisting"),
        fail_on_conflict: body.flag("failOnConflict"),
    };
    let to = project.update_address(method, request, caller)?;
    Ok(Json(masked_address_response(method, &to)))
}
