//! Who calls: `Authorization: Bearer <Project ID>[:<token or key>]…`.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use serde_json::{Map, Value};

use super::error::Refusal;
use crate::service::Service;
use crate::store::Session;

/// A caller of this project; what stands after the project ID is looked at by those who need it.
pub(crate) struct Bearer {
    parts: Vec<String>,
}

/// A caller with this project's management key.
pub(crate) struct Manager;

/// A session that a caller's token belongs to, and the token's claims.
pub(crate) struct Caller {
    pub(crate) session: Session,
    pub(crate) claims: Map<String, Value>,
}

impl Bearer {
    /// The session whose valid refresh token the caller sent.
    pub(crate) fn by_refresh_token(&self, service: &Service) -> Result<Caller, Refusal> {
        self.by_token(service, "DSR")
            .ok_or_else(Refusal::wrong_refresh_token)?
    }

    /// The session whose valid session token the caller sent.
    pub(crate) fn by_session_token(&self, service: &Service) -> Result<Caller, Refusal> {
        self.by_token(service, "DS")
            .ok_or_else(Refusal::wrong_session_token)?
    }

    fn by_token(&self, service: &Service, kind: &str) -> Option<Result<Caller, Refusal>> {
        let now = service.clock.seconds();
        let mut parts = self.parts.iter();
        let claims = parts.find_map(|part| service.signer.read(part, kind, now))?;
        let id = claims.get("jti").and_then(Value::as_str)?;
        let session = service.store.lock().sessions.find(id)?.clone();
        Some(match session.is_revoked {
            true => Err(Refusal::ended_session()),
            false => Ok(Caller { session, claims }),
        })
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
