//! The `Authorization` header: `Bearer <Project ID>[:<token or key>]…`.

use std::sync::Arc;

use axum::extract::{FromRequestParts, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use super::error::ApiError;
use crate::domain::project::{Caller, Credentials, Project};

/// The project, as handlers receive it.
pub(super) type ProjectState = State<Arc<Project>>;

/// The bearer of a request to this project. Each handler verifies the tokens that it needs.
pub(super) struct Bearer(pub(super) Credentials);

/// Proof that the request carries this project's management key.
pub(super) struct ManagementAccess;

impl Bearer {
    /// The caller who sent a valid refresh token.
    pub(super) fn refresh_token_caller(&self, project: &Project) -> Result<Caller, ApiError> {
        Ok(project.refresh_token_caller(&self.0)?)
    }

    /// The caller who sent a valid session token.
    pub(super) fn session_token_caller(&self, project: &Project) -> Result<Caller, ApiError> {
        Ok(project.session_token_caller(&self.0)?)
    }
}

impl FromRequestParts<Arc<Project>> for Bearer {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        project: &Arc<Project>,
    ) -> Result<Self, ApiError> {
        let header = parts.headers.get(AUTHORIZATION);
        let bearer = header
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map_or("", |(_, bearer)| bearer);
        let mut parts = bearer.trim().split(':');
        if parts.next() != Some(project.id()) {
            return Err(ApiError::wrong_project());
        }
        Ok(Bearer(Credentials(parts.map(str::to_owned).collect())))
    }
}

impl FromRequestParts<Arc<Project>> for ManagementAccess {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        project: &Arc<Project>,
    ) -> Result<Self, ApiError> {
        let Bearer(credentials) = Bearer::from_request_parts(parts, project).await?;
        project.check_management_key(&credentials)?;
        Ok(ManagementAccess)
    }
}
