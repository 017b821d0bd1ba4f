//! A project as requests need it: its URL, its default bearer, and the request heads, which are the same
//! in every request without a token.

use std::borrow::Cow;

use once_cell::race::OnceBox;
use ureq::http::Uri;
use ureq::http::uri::Authority;

use super::authorization::{bearer_for, default_bearer};
use crate::config::{BaseUrl, ProjectId, Settings, default_port};
use crate::error::Error;
use crate::http::{HttpRequest, Method};
use crate::json::{self, Object};
use crate::operations::{Endpoint, OPERATIONS, Operation};

/// The version of the library in the `x-descope-sdk-version` header.
const SDK_VERSION: &str = env!("CARGO_PKG_VERSION");

/// A project.
pub(crate) struct Project {
    id: ProjectId,
    base_url: BaseUrl,
    user_agent: String,
    /// The bearer of requests without a token.
    bearer: String,
    /// One for each operation, made when it is first needed.
    templates: [OnceBox<RequestTemplate>; OPERATIONS.len()],
}

/// What the requests of an operation have in common.
pub(crate) struct RequestTemplate {
    method: Method,
    url: Uri,
    /// The head of a request without a token; see [`HttpRequest::head`].
    head: String,
}

impl RequestTemplate {
    pub(crate) fn url(&self) -> &Uri {
        &self.url
    }

    /// A request without a token and without a body.
    pub(crate) fn to_request(&self) -> HttpRequest<'_> {
        HttpRequest {
            method: self.method,
            url: &self.url,
            head: Cow::Borrowed(&self.head),
            body: None,
        }
    }
}

impl Project {
    pub(crate) fn new(id: ProjectId, settings: &Settings) -> Result<Project, Error> {
        let base_url = settings.base_url.clone();
        Ok(Project {
            base_url: base_url.unwrap_or_else(|| BaseUrl::for_project(&id)),
            user_agent: settings.user_agent.clone(),
            bearer: default_bearer(&id, settings)?,
            templates: std::array::from_fn(|_| OnceBox::new()),
            id,
        })
    }

    pub(crate) fn id(&self) -> &ProjectId {
        &self.id
    }

    /// The request of an operation.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] or [`Error::Config`] if it cannot be sent.
    pub(crate) fn request(
        &self,
        operation: &Operation,
        endpoint: &Endpoint,
        request: &Object<'_>,
        settings: &Settings,
    ) -> Result<HttpRequest<'_>, Error> {
        let template = self.template(operation, endpoint)?;
        let bearer = bearer_for(endpoint.credential, request, &self.id, settings)?;
        let mut http_request = template.to_request();
        if let Some(bearer) = bearer {
            let head = self.head(template.method, &template.url, &bearer);
            http_request.head = Cow::Owned(head);
        }
        if endpoint.method == Method::Post {
            http_request.body = Some(body(request)?);
        }
        Ok(http_request)
    }

    /// The request for the public keys. API: `GET /v2/keys/{projectId}`.
    pub(crate) fn keys_template(&self) -> Result<RequestTemplate, Error> {
        self.new_template(Method::Get, &format!("/v2/keys/{}", self.id.as_str()))
    }

    fn template(
        &self,
        operation: &Operation,
        endpoint: &Endpoint,
    ) -> Result<&RequestTemplate, Error> {
        let cell = operation
            .index()
            .and_then(|index| self.templates.get(index));
        let cell = cell.ok_or_else(|| Error::internal("looking up an operation"))?;
        cell.get_or_try_init(|| {
            let template = Box::new(self.new_template(endpoint.method, endpoint.path)?);
            Error::check_memory().map(|()| template)
        })
    }

    fn new_template(&self, method: Method, path: &str) -> Result<RequestTemplate, Error> {
        let url = self.base_url.join(path)?;
        Ok(RequestTemplate {
            method,
            head: self.head(method, &url, &self.bearer),
            url,
        })
    }

    /// The request line and the headers; see [`HttpRequest::head`]. No part of it can contain a line
    /// break: each one was validated where it came from.
    fn head(&self, method: Method, url: &Uri, bearer: &str) -> String {
        let content_type = match method {
            Method::Post => "content-type: application/json\r\n",
            Method::Get | Method::Delete => "",
        };
        format!(
            "{} {} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {bearer}\r\n{content_type}\
             x-descope-project-id: {}\r\nx-descope-sdk-name: libdescope_ml\r\n\
             x-descope-sdk-version: {SDK_VERSION}\r\nuser-agent: {}\r\n",
            method.as_str(),
            url.path(),
            host_header(url),
            self.id.as_str(),
            self.user_agent,
        )
    }
}

/// The body of a request: its fields, and `extra` merged into them.
///
/// # Errors
///
/// [`Error::Argument`] if `extra` would replace a field.
pub(crate) fn body(request: &Object<'_>) -> Result<Vec<u8>, Error> {
    match request.any_object("extra") {
        Some(extra) => json::merge(&json::to_json(request)?, extra.get()).map(String::into_bytes),
        None => json::to_json_bytes(request),
    }
}

/// `host[:port]`, without the default port of the scheme (RFC 9110, 7.2).
fn host_header(url: &Uri) -> &str {
    let host = match url.port_u16() {
        Some(port) if port != default_port(url) => url.authority().map(Authority::as_str),
        _ => url.host(),
    };
    host.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn head(base_url: &str, method: Method) -> String {
        let config = Config::new().project_id("P1").base_url(base_url);
        let config = config.user_agent("app/1");
        let settings = config.resolve_without_env().unwrap();
        let project = Project::new(settings.project_id.clone().unwrap(), &settings).unwrap();
        project.new_template(method, "/v1/x").unwrap().head
    }

    #[test]
    fn a_head_has_all_headers_except_the_content_length() {
        assert_eq!(
            head("https://api.example:8443/prefix", Method::Post),
            format!(
                "POST /prefix/v1/x HTTP/1.1\r\nhost: api.example:8443\r\nauthorization: Bearer P1\r\n\
                 content-type: application/json\r\nx-descope-project-id: P1\r\n\
                 x-descope-sdk-name: libdescope_ml\r\nx-descope-sdk-version: {SDK_VERSION}\r\nuser-agent: app/1\r\n"
            )
        );
        assert!(!head("https://api.example", Method::Get).contains("content-"));
    }

    #[test]
    fn the_host_header_leaves_out_the_default_port() {
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
