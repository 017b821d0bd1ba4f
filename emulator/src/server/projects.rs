//! The projects of one emulator, each with routes and a state of its own. Without `--any-project` there is
//! one. With it, a request that names a new project creates it. If there are too many, the one that was not used
//! for the longest time is removed.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Json;
use axum::Router;
use axum::http::header::AUTHORIZATION;
use axum::http::uri::{PathAndQuery, Uri};
use axum::http::{Request, StatusCode};
use serde_json::json;
use url::form_urlencoded;

use super::project_config::is_bearer_part;
use super::recently_used::RecentlyUsed;
use super::routes::router;
use crate::domain::project::{Project, ProjectConfig};
use crate::traffic::control_access::{AllowedHosts, refusal};
use crate::traffic::webhook::Webhook;
use crate::traffic::{AppState, is_api_path};

/// How many created projects are kept; and as many that were only read.
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
    created: Mutex<Created>,
}

/// The routes of the projects that were created on demand.
struct Created {
    /// Projects that a request may have changed.
    changed: RecentlyUsed<Router>,
    /// Projects that were only read. They are counted separately: a web page can send GET requests that look
    /// like those of a program, and they must not remove the projects of tests. A test that waits for the first
    /// message of its project reads it first.
    unchanged: RecentlyUsed<Router>,
}

impl Created {
    /// The routes of a project, if it was created. `is_change` says whether the request may change it.
    fn get(&mut self, id: &str, is_change: bool) -> Option<Router> {
        if let Some(router) = self.changed.get(id) {
            return Some(router);
        }
        if !is_change {
            return self.unchanged.get(id);
        }
        let router = self.unchanged.remove(id)?;
        self.changed.insert(id, router.clone());
        Some(router)
    }

    fn insert(&mut self, id: &str, is_change: bool, router: Router) {
        let projects = match is_change {
            true => &mut self.changed,
            false => &mut self.unchanged,
        };
        projects.insert(id, router);
    }
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
            created: Mutex::new(Created {
                changed: RecentlyUsed::new(MAX_PROJECTS),
                unchanged: RecentlyUsed::new(MAX_PROJECTS),
            }),
        }
    }

    /// The routes for a request: those of the project that it names. The parameter that names the project is
    /// removed, since the routes do not know it.
    pub(super) fn router_for<B>(&self, request: &mut Request<B>) -> Router {
        let is_refused = !is_api_path(request.uri().path())
            && refusal(&self.shared.allowed_hosts, request).is_some();
        if is_refused {
            // These routes refuse it too. No project is created, and nothing is said about projects.
            return self.first_router.clone();
        }
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
        let is_change = !request.method().is_safe();
        match named.or_else(|| named_project(request)) {
            Some(id) if id != self.first.id() => self.created_router(id, is_change, template),
            _ => self.first_router.clone(),
        }
    }

    fn created_router(&self, id: &str, is_change: bool, template: &ProjectConfig) -> Router {
        if !is_bearer_part(id) {
            return unusable(
                "a project ID may contain only letters, digits, `-` and `_`".to_owned(),
            );
        }
        let mut created = self.created.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(router) = created.get(id, is_change) {
            return router;
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
        created.insert(id, is_change, router.clone());
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
