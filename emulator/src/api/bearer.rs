//! Who calls: `Authorization: Bearer <Project ID>[:<token or key>]…`.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use super::error::Refusal;
use crate::service::Service;

/// A caller of this project; what stands after the project ID is looked at by those who need it.
pub(crate) struct Bearer {
    parts: Vec<String>,
}

/// A caller with this project's management key.
pub(crate) struct Manager;

impl Bearer {
    /// The user whose valid refresh token the caller sent.
    pub(crate) fn user_id(&self, service: &Service) -> Result<String, Refusal> {
        let now = service.clock.seconds();
        self.parts
            .iter()
            .find_map(|part| service.signer.user_of_refresh(part, now))
            .ok_or_else(Refusal::wrong_refresh_token)
    }
}

impl FromRequestParts<Arc<Service>> for Bearer {
    type Rejection = Refusal;

    async fn from_request_parts(
        parts: &mut Parts,
        service: &Arc<Service>,
    ) -> Result<Self, Refusal> {
        let header = parts.headers.get(AUTHORIZATION);
        let bearer = header
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map_or("", |(_, bearer)| bearer);
        let mut parts = bearer.trim().split(':');
        if parts.next() != Some(&service.project_id) {
            return Err(Refusal::wrong_project());
        }
        Ok(Bearer {
            parts: parts.map(str::to_owned).collect(),
        })
    }
}

impl FromRequestParts<Arc<Service>> for Manager {
    type Rejection = Refusal;

    async fn from_request_parts(
        parts: &mut Parts,
        service: &Arc<Service>,
    ) -> Result<Self, Refusal> {
        let bearer = Bearer::from_request_parts(parts, service).await?;
        match bearer.parts.contains(&service.management_key) {
            true => Ok(Manager),
            false => Err(Refusal::wrong_management_key()),
        }
    }
}
