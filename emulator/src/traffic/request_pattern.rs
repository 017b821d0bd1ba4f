//! Which requests a fault applies to, or the request log lists: by their path and their connection.

use axum::http::request::Parts;

use crate::net::connection::Connection;

/// A request to the API, as it arrived.
pub(super) struct ReceivedRequest<'a> {
    pub(super) connection: &'a Connection,
    pub(super) head: &'a Parts,
    /// `None` if it could not be read.
    pub(super) body: Option<&'a [u8]>,
}

/// Which requests a fault applies to.
#[derive(Clone)]
pub(super) struct RequestPattern {
    pub(super) path: PathPattern,
    /// How many responses their connection has had at least.
    pub(super) min_responses: u64,
    /// The number of the newest connection that they may come on.
    pub(super) newest_connection: Option<u64>,
}

impl RequestPattern {
    pub(super) fn matches(&self, request: &ReceivedRequest<'_>) -> bool {
        let connection = request.connection;
        self.path.matches(request.head.uri.path())
            && connection.responses() >= self.min_responses
            && self
                .newest_connection
                .is_none_or(|newest| connection.number() <= newest)
    }
}

/// One path of the API, or all with a prefix.
#[derive(Clone)]
pub(crate) enum PathPattern {
    Exact(String),
    Prefix(String),
}

impl PathPattern {
    pub(crate) fn parse(text: &str) -> Result<PathPattern, String> {
        let prefix = text.strip_suffix('*');
        let path = prefix.unwrap_or(text);
        if !path.starts_with('/') || path.contains('*') {
            return Err(
                "`path` must be a path such as /v1/auth/magiclink/verify, or a prefix such as /v1/auth/*"
                    .to_owned(),
            );
        }
        // `/*` stands for all paths of the API.
        if !is_api_path(path) && text != "/*" {
            return Err(
                "`path` must be a path of the API: faults do not apply to the inbox, /_emulator and /healthz, and their requests are not recorded"
                    .to_owned(),
            );
        }
        Ok(match prefix {
            Some(prefix) => PathPattern::Prefix(prefix.to_owned()),
            None => PathPattern::Exact(text.to_owned()),
        })
    }

    pub(super) fn matches(&self, path: &str) -> bool {
        match self {
            PathPattern::Exact(exact) => path == exact,
            PathPattern::Prefix(prefix) => path.starts_with(prefix),
        }
    }
}

/// Whether a path is one of the API, and not one of the emulator's own.
pub(crate) fn is_api_path(path: &str) -> bool {
    !(path == "/" || path == "/healthz" || path == "/_emulator" || path.starts_with("/_emulator/"))
}
