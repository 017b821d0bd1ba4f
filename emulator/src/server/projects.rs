//! The projects of one emulator, each with routes and a state of its own. Without `--any-project` there is
//! one. With it, a request that names a new project creates it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Json;
use axum::Router;
use axum::http::header::AUTHORIZATION;
use axum::http::uri::{PathAndQuery, Uri};
use axum::http::{Request, StatusCode};
use serde_json::json;
use url::form_urlencoded;

use super::project_config::is_bearer_part;
use super::routes::router;
use crate::domain::project::{Project, ProjectConfig};
use crate::traffic::control_access::AllowedHosts;
use crate::traffic::webhook::Webhook;
use crate::traffic::{AppState, is_api_path};

/// How many projects can be created.
const MAX_PROJECTS: usize = 1000;

/// The parameter of control routes and of the inbox that names a project.
const PROJECT_PARAMETER: &str = "project";

/// The header in which SDKs send the project ID.
const PROJECT_HEADER: &str = "x-descope-project-id";

/// What the routes of each project are made of.
pub(super) struct Shared {
    pub(super) allowed_hosts: Arc<AllowedHosts>,
    pub(super) webhook: Option<Webhook>,
    pub(super) keep_requests: usize,
}

/// All projects.
pub(super) struct Projects {
    first: Arc<Project>,
    first_router: Router,
    shared: Shared,
    /// The configuration of the first project, for those that are created on demand. `None` if none are.
    template: Option<ProjectConfig>,
    created: Mutex<HashMap<String, Router>>,
}

impl Projects {
    pub(super) fn new(
        first: &AppState,
        shared: Shared,
        template: Option<ProjectConfig>,
    ) -> Projects {
        Projects {
            first: first.project.clone(),
            first_router: router(first, &shared.allowed_hosts),
            shared,
            template,
            created: Mutex::default(),
        }
    }

    /// The routes for a request: those of the project that it names. The parameter that names the project is
    /// removed, since the routes do not know it.
    pub(super) fn router_for<B>(&self, request: &mut Request<B>) -> Router {
        let named = take_parameter(request.uri_mut());
        let Some(template) = &self.template else {
            return match named {
                Some(id) if id != self.first.id() => unusable(format!(
                    "the project `{id}` does not exist: start the emulator with --any-project, or with --project-id {id}"
                )),
                _ => self.first_router.clone(),
            };
        };
        let named = named.as_deref();
        match named.or_else(|| named_project(request)) {
            Some(id) if id != self.first.id() => self.created_router(id, template),
            _ => self.first_router.clone(),
        }
    }

    fn created_router(&self, id: &str, template: &ProjectConfig) -> Router {
        let mut created = self.created.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(router) = created.get(id) {
            return router.clone();
        }
        if !is_bearer_part(id) {
            return unusable(
                "a project ID may contain only letters, digits, `-` and `_`".to_owned(),
            );
        }
        if created.len() >= MAX_PROJECTS {
            return unusable(format!(
                "there are {MAX_PROJECTS} projects already: restart the emulator"
            ));
        }
        // New keys would take long for each test.
        let project = Project::with_keys(template.with_id(id), self.first.keys());
        let app = AppState::new(
            project,
            None,
            self.shared.keep_requests,
            self.shared.webhook.clone(),
        );
        let router = router(&app, &self.shared.allowed_hosts);
        created.insert(id.to_owned(), router.clone());
        router
    }
}

/// Takes the parameter that names a project out of a URL of a control route or of the inbox.
fn take_parameter(uri: &mut Uri) -> Option<String> {
    let query = uri.query().filter(|_| !is_api_path(uri.path()))?;
    let is_ours = |(key, _): &(_, _)| *key == PROJECT_PARAMETER;
    let pairs = form_urlencoded::parse(query.as_bytes());
    let id = pairs.clone().find(is_ours)?.1.into_owned();
    let others = pairs.filter(|pair| !is_ours(pair));
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(others)
        .finish();
    let mut parts = uri.clone().into_parts();
    let path_and_query = format!("{}?{query}", uri.path());
    parts.path_and_query = PathAndQuery::try_from(path_and_query).ok();
    *uri = Uri::from_parts(parts).ok()?;
    Some(id)
}

/// The project that a request names as it does to the service: in its bearer, in the path of the keys, or in
/// a header that SDKs send.
fn named_project<B>(request: &Request<B>) -> Option<&str> {
    let headers = request.headers();
    let bearer = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let bearer = bearer.and_then(|value| value.split_once(' '));
    let bearer = bearer.and_then(|(_, bearer)| bearer.trim().split(':').next());
    let path = request.uri().path();
    let mut key_paths = ["/v1/keys/", "/v2/keys/"].iter();
    let keys_of = key_paths.find_map(|prefix| path.strip_prefix(prefix));
    let header = headers.get(PROJECT_HEADER).and_then(|id| id.to_str().ok());
    let mut ids = [bearer, keys_of, header].into_iter().flatten();
    ids.find(|id| !id.is_empty())
}

/// The routes for a request whose project cannot be used. The error document is that of the API and that
/// of the control routes.
fn unusable(problem: String) -> Router {
    let body = json!({
        "error": problem,
        "errorCode": "E071001",
        "errorDescription": "Invalid project ID",
        "errorMessage": problem,
    });
    Router::new().fallback(async move || (StatusCode::UNAUTHORIZED, Json(body)))
}
