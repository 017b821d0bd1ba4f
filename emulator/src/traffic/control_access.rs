//! Who may use the control routes and the inbox: programs, and the emulator's own page. Other web pages may
//! not, or any page that a developer visits could read the inbox.
//!
//! A page sends its origin with what could change something or be read. By DNS rebinding, a page can make
//! a name of its own stand for 127.0.0.1: then the `Host` is that name. An image or a frame of a page is fetched
//! without its origin. The page cannot read it, but how long it takes would tell whether a message arrived:
//! `Sec-Fetch-Site` says where such a request comes from. Browsers send it to `https` and to this machine.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header::{HOST, HeaderName, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{self, HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use url::Host;

use crate::net::loopback::loopback_addresses;

/// The health check shows nothing, and container engines call it by any name.
const OPEN_PATH: &str = "/healthz";

/// The path of the inbox page.
pub(crate) const INBOX_PATH: &str = "/";

/// The path of the landing page.
pub(crate) const LANDING_PATH: &str = "/_emulator/landing";

/// Pages that links may lead to.
const PAGES: [&str; 2] = [INBOX_PATH, LANDING_PATH];

/// Where a request comes from, and what for. Browsers set these headers, pages cannot: <https://www.w3.org/TR/fetch-metadata/>.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// Hosts that the emulator may be addressed by, besides those that are this machine.
pub(crate) struct AllowedHosts {
    names: Vec<Host>,
    /// Whether all IP addresses are allowed. No page can make one stand for another machine.
    any_address: bool,
}

impl AllowedHosts {
    /// Parses host names or addresses. An error says what a name must be.
    /// `any_address` is for an emulator that other machines can reach.
    pub(crate) fn parse(names: &[String], any_address: bool) -> Result<AllowedHosts, String> {
        let hosts = names.iter().map(|name| {
            Host::parse(name).map_err(|_| {
                format!("must be a host name or address, without scheme and port: `{name}` is not")
            })
        });
        Ok(AllowedHosts {
            names: hosts.collect::<Result<_, _>>()?,
            any_address,
        })
    }

    fn allows(&self, host: &str) -> bool {
        let Ok(host) = Host::parse(host) else {
            return false;
        };
        let is_address = !matches!(host, Host::Domain(_));
        loopback_addresses(&host).is_some()
            || self.names.contains(&host)
            || (self.any_address && is_address)
    }
}

/// Serves a request of a program or of the emulator's own page, and rejects all others.
pub(crate) async fn refuse_other_pages(
    State(allowed): State<Arc<AllowedHosts>>,
    request: Request,
    next: Next,
) -> Response {
    match refusal(&allowed, &request) {
        None => next.run(request).await,
        Some(problem) => (StatusCode::FORBIDDEN, Json(json!({"error": problem}))).into_response(),
    }
}

/// Why a request to a control route or to the inbox is rejected. `None` if it is not.
pub(crate) fn refusal<B>(allowed: &AllowedHosts, request: &http::Request<B>) -> Option<String> {
    if request.uri().path() == OPEN_PATH {
        return None;
    }
    let host = header(request.headers(), HOST);
    let named = request.uri().authority().map(Authority::as_str);
    for authority in host.into_iter().chain(named) {
        let parsed: Option<Authority> = authority.parse().ok();
        if !parsed.is_some_and(|authority| allowed.allows(authority.host())) {
            let name = authority
                .rsplit_once(':')
                .map_or(authority, |(name, _)| name);
            return Some(format!(
                "the control routes and the inbox do not answer to the host `{name}`, which may be the name of a web page: use 127.0.0.1 or localhost, or start the emulator with --allow-host {name}"
            ));
        }
    }
    let sender = other_page(request, host)?;
    Some(format!(
        "the control routes and the inbox are not for web pages, and {sender} has sent this request: call them from a test program or with curl"
    ))
}

/// The other web page that a request comes from. `None` if it comes from a program, from the emulator's own page
/// or from what the user has typed, or if it follows a link to a page of the emulator.
fn other_page<B>(request: &http::Request<B>, host: Option<&str>) -> Option<String> {
    let headers = request.headers();
    if let Some(origin) = header(headers, ORIGIN) {
        let page = origin.split_once("://").map(|(_, page)| page);
        return (page.is_none() || page != host).then(|| format!("the page of `{origin}`"));
    }
    let site = header(headers, SEC_FETCH_SITE)?;
    let follows_link = request.method() == Method::GET
        && header(headers, SEC_FETCH_MODE) == Some("navigate")
        && PAGES.contains(&request.uri().path());
    let is_own = matches!(site, "same-origin" | "none");
    (!is_own && !follows_link).then(|| format!("a page of another site or port (`{site}`)"))
}

/// A header as text. One that is not text counts as empty, which no host and no origin is.
fn header(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let value = headers.get(name)?;
    Some(value.to_str().unwrap_or_default())
}
