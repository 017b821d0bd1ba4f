//! Where the calls of a project go, and as whom: the heads of its requests.

use std::borrow::Cow;
use std::sync::Arc;

use once_cell::race::OnceBox;
use ureq::http::Uri;
use ureq::http::uri::Authority;

use crate::bearer;
use crate::config::{BaseUrl, ProjectId, Settings};
use crate::document::Fields;
use crate::error::Error;
use crate::operation::{Bearer, Endpoint, Method, OPERATIONS, Operation};
use crate::token::Keyring;

/// A project that calls are made for.
pub(crate) struct Destination {
    project: ProjectId,
    base_url: BaseUrl,
    user_agent: String,
    /// The bearer without a token.
    bearer: String,
    /// The operations, each made when first needed.
    routes: [OnceBox<Route>; OPERATIONS.len()],
    pub(crate) keys: Keyring,
}

/// Where the requests of an operation go.
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    /// The head of a request without a token; see [`Destination::head_of`].
    pub(crate) head: String,
}

/// The destination of a request: the client's own project, or the one that the request names.
pub(crate) enum To<'a> {
    Home(&'a Destination),
    Other(Arc<Destination>),
}

impl std::ops::Deref for To<'_> {
    type Target = Destination;

    fn deref(&self) -> &Destination {
        match self {
            To::Home(home) => home,
            To::Other(other) => other,
        }
    }
}

impl Destination {
    pub(crate) fn new(
        project: ProjectId,
        settings: &Settings,
        is_pinned: bool,
    ) -> Result<Destination, Error> {
        let own_key = settings.auth_management_key.as_deref();
        let bearer = bearer::value(
            &project,
            [None, own_key.map(|key| ("authManagementKey", key))],
        )?;
        let base_url = settings.base_url.clone();
        let pinned = settings.public_keys.clone().filter(|_| is_pinned);
        Ok(Destination {
            base_url: base_url.unwrap_or_else(|| BaseUrl::of_project(&project)),
            project,
            user_agent: settings.user_agent.clone(),
            bearer,
            routes: std::array::from_fn(|_| OnceBox::new()),
            keys: match pinned {
                Some(keys) => Keyring::pinned(settings.keys, keys),
                None => Keyring::new(settings.keys),
            },
        })
    }

    pub(crate) fn project(&self) -> &ProjectId {
        &self.project
    }

    /// The route of an operation's requests.
    pub(crate) fn route(
        &self,
        operation: &Operation,
        endpoint: &Endpoint,
    ) -> Result<&Route, Error> {
        let cell = operation.index().and_then(|index| self.routes.get(index));
        let cell = cell.ok_or_else(|| Error::internal("while choosing an operation"))?;
        cell.get_or_try_init(|| {
            let route = self.route_to(endpoint.method, endpoint.path)?;
            Ok(Box::new(route))
        })
    }

    /// The route to the project's public keys. API: `GET /v2/keys/{projectId}`.
    pub(crate) fn keys_route(&self) -> Result<Route, Error> {
        self.route_to(Method::Get, &format!("/v2/keys/{}", self.project.as_str()))
    }

    fn route_to(&self, method: Method, path: &str) -> Result<Route, Error> {
        let uri = self.base_url.join(path)?;
        Ok(Route {
            method,
            head: self.head(method, &uri, &self.bearer),
            uri,
        })
    }

    /// The head of a request.
    pub(crate) fn head_of<'a>(
        &self,
        route: &'a Route,
        request: &Fields<'_>,
        bearer: Bearer,
        settings: &Settings,
    ) -> Result<Cow<'a, str>, Error> {
        Ok(match self.bearer_of(request, bearer, settings)? {
            Some(bearer) => Cow::Owned(self.head(route.method, &route.uri, &bearer)),
            None => Cow::Borrowed(&route.head),
        })
    }

    /// The request line and all headers but the length of the body, without the empty line behind
    /// them. Nothing in it can hold a line end: each part has been checked where it came from.
    fn head(&self, method: Method, uri: &Uri, bearer: &str) -> String {
        let content_type = match method {
            Method::Post => "content-type: application/json\r\n",
            Method::Get | Method::Delete => "",
        };
        format!(
            "{} {} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {bearer}\r\n{content_type}\
             x-descope-project-id: {}\r\nx-descope-sdk-name: libdescope_ml\r\n\
             x-descope-sdk-version: {}\r\nuser-agent: {}\r\n",
            method.as_str(),
            uri.path(),
            host(uri),
            self.project.as_str(),
            crate::VERSION,
            self.user_agent,
        )
    }

    /// The bearer of a request, where it is not the project's own.
    fn bearer_of(
        &self,
        request: &Fields<'_>,
        bearer: Bearer,
        settings: &Settings,
    ) -> Result<Option<String>, Error> {
        let token = |key: &'static str| request.text(key).map(|token| (key, token));
        let part = match bearer {
            Bearer::Project => match token("refreshToken") {
                Some(token) => token,
                None => return Ok(None),
            },
            Bearer::Refresh | Bearer::CheckedRefresh => {
                ("refreshToken", request.needed("refreshToken")?)
            }
            Bearer::Session => ("sessionToken", request.needed("sessionToken")?),
            Bearer::Management => {
                let Some(key) = settings.management_key.as_deref() else {
                    return Err(Error::config(
                        "there is no management key: set DESCOPE_MANAGEMENT_KEY, or give `managementKey` in the configuration",
                    ));
                };
                let part = Some(("managementKey", key));
                return bearer::value(&self.project, [part, None]).map(Some);
            }
        };
        let own_key = settings.auth_management_key.as_deref();
        let own_key = own_key.map(|key| ("authManagementKey", key));
        bearer::value(&self.project, [Some(part), own_key]).map(Some)
    }
}

/// `host[:port]`, without the scheme's usual port. RFC 9110, 7.2.
fn host(uri: &Uri) -> &str {
    let usual = match uri.scheme_str() {
        Some("https") => 443,
        _ => 80,
    };
    let host = match uri.port_u16() {
        Some(port) if port != usual => uri.authority().map(Authority::as_str),
        _ => uri.host(),
    };
    host.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn head(base_url: &str, method: Method) -> String {
        let config = Config::new().project_id("P1").base_url(base_url);
        let settings = config.user_agent("app/1").resolve().unwrap();
        let project = settings.project.clone().unwrap();
        let to = Destination::new(project, &settings, true).unwrap();
        to.route_to(method, "/v1/x").unwrap().head
    }

    #[test]
    fn a_head_is_all_but_the_length() {
        assert_eq!(
            head("https://api.example:8443/prefix", Method::Post),
            format!(
                "POST /prefix/v1/x HTTP/1.1\r\nhost: api.example:8443\r\nauthorization: Bearer P1\r\n\
                 content-type: application/json\r\nx-descope-project-id: P1\r\n\
                 x-descope-sdk-name: libdescope_ml\r\nx-descope-sdk-version: {}\r\nuser-agent: app/1\r\n",
                crate::VERSION
            )
        );
        assert!(!head("https://api.example", Method::Get).contains("content-"));
    }

    #[test]
    fn the_host_has_no_usual_port() {
        for (url, line) in [
            ("https://api.example", "\r\nhost: api.example\r\n"),
            ("https://api.example:443", "\r\nhost: api.example\r\n"),
            ("https://api.example:80", "\r\nhost: api.example:80\r\n"),
            ("http://127.0.0.1:80", "\r\nhost: 127.0.0.1\r\n"),
            ("http://[::1]:443", "\r\nhost: [::1]:443\r\n"),
            ("http://[::1]", "\r\nhost: [::1]\r\n"),
        ] {
            assert!(head(url, Method::Delete).contains(line), "{url}");
        }
    }
}
