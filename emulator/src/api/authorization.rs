//! The `Authorization` header: `Bearer <Project ID>[:<token or key>]…`, and the cookie with the refresh token
//! of browsers that have no other access to it.

use std::sync::Arc;

use axum::extract::{FromRequestParts, State};
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::http::request::Parts;

use super::error::ApiError;
use crate::domain::project::{Caller, Credentials, Project};

/// Names the cookie with the refresh token, if it is not the one of the settings.
const COOKIE_NAME_HEADER: &str = "x-descope-refresh-cookie-name";

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
        let headers = &parts.headers;
        let header = headers.get(AUTHORIZATION);
        let bearer = header
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map_or("", |(_, bearer)| bearer);
        let mut parts = bearer.trim().split(':');
        if parts.next() != Some(project.id()) {
            return Err(ApiError::wrong_project());
        }
        let sent = parts.filter(|part| !part.is_empty());
        let sent: Vec<String> = sent.map(str::to_owned).collect();
        let kept_refresh_tokens = match sent.is_empty() {
            true => refresh_cookies(headers, project),
            false => Vec::new(),
        };
        Ok(Bearer(Credentials {
            sent,
            kept_refresh_tokens,
        }))
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

/// The values of the cookies with the refresh token. A browser sends several if they were set for different
/// domains.
fn refresh_cookies(headers: &HeaderMap, project: &Project) -> Vec<String> {
    let mut pairs = cookies(headers).peekable();
    if pairs.peek().is_none() {
        return Vec::new();
    }
    let named = headers.get(COOKIE_NAME_HEADER);
    let named = named.and_then(|name| name.to_str().ok());
    let name = named.filter(|name| !name.is_empty()).map_or_else(
        || project.settings().emulator.refresh_token_cookie_name,
        str::to_owned,
    );
    let values = pairs.filter(|(cookie, _)| *cookie == name);
    values.map(|(_, value)| value.to_owned()).collect()
}

/// The names and values of the cookies of a request.
fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let headers = headers.get_all(COOKIE).iter();
    let pairs = headers.filter_map(|header| header.to_str().ok());
    let pairs = pairs.flat_map(|header| header.split(';'));
    pairs.filter_map(|pair| pair.trim().split_once('='))
}
