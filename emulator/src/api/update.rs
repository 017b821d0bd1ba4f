//! `/v1/auth/magiclink/update/…`: a new address, which is the user's once its link is verified.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::bearer::Bearer;
use super::body::Body;
use super::error::Refusal;
use super::magiclink::{mask, redirect};
use crate::method::Method;
use crate::service::Service;
use crate::store::{Purpose, Update};

/// `POST /v1/auth/magiclink/update/email`, `…/phone/{sms,whatsapp}` and, as two SDKs have it, `…/phone`.
pub(crate) async fn update(
    method: Method,
    State(service): State<Arc<Service>>,
    bearer: Bearer,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    let caller = bearer.by_refresh_token(&service)?;
    let login_id = body.required("loginId")?;
    let address = body.required(match method {
        Method::Email => "email",
        Method::Sms | Method::Whatsapp => "phone",
    })?;
    let redirect = redirect(&service, &body)?;
    let fail_on_conflict = body.flag("failOnConflict");
    if !method.reaches(address) {
        return Err(match method {
            Method::Email => Refusal::invalid("The new email address is not valid"),
            Method::Sms | Method::Whatsapp => Refusal::no_phone_number(),
        });
    }
    {
        let state = service.store.lock();
        let user_id = caller.session.user_id.as_str();
        match state.users.owner(login_id) {
            None => return Err(Refusal::unknown_user()),
            Some(owner) if owner != user_id => return Err(Refusal::wrong_refresh_token()),
            Some(_) => {}
        }
        if fail_on_conflict && state.is_anothers(user_id, address) {
            return Err(Refusal::conflict());
        }
    }
    let purpose = Purpose {
        earlier_factors: caller.session.factors,
        custom_claims: caller.session.custom_claims,
        tenant: caller.session.tenant,
        update: Some(Update {
            address: address.to_owned(),
            add_to_login_ids: body.flag("addToLoginIDs"),
            on_merge_use_existing: body.flag("onMergeUseExisting"),
            fail_on_conflict,
        }),
        ..Purpose::default()
    };
    service.send(&caller.session.user_id, address, &redirect, method, purpose);
    Ok(Json(json!({method.masked_key(): mask(address)})))
}
