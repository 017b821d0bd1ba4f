//! The base URL of the API. Validated so that no secret leaves over plain http by mistake.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ureq::http::Uri;

use super::ProjectId;
use super::url::{has_valid_port, without_brackets};
use crate::error::Error;

/// `scheme://host[:port][/prefix]`, without a trailing slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BaseUrl(String);

impl BaseUrl {
    /// Validates a URL.
    ///
    /// # Errors
    ///
    /// What is wrong, as the predicate of a sentence.
    pub(crate) fn parse(url: &str, allow_insecure_http: bool) -> Result<BaseUrl, &'static str> {
        // Different parsers treat such characters differently.
        if !url.bytes().all(is_allowed_in_url) {
            return Err(
                "contains a character that is not allowed in a URL (such as a space, a line break, a backslash or a non-ASCII letter): percent-encode or remove it",
            );
        }
        if url.contains('@') {
            return Err("must not contain a user name or password: remove everything before `@`");
        }
        if url.contains(['?', '#']) {
            return Err("must not contain a query or fragment");
        }
        let Ok(uri) = url.parse::<Uri>() else {
            return Err("is not a valid URL: use, for example, https://api.descope.com");
        };
        let Some(host) = uri.host().filter(|host| !host.is_empty()) else {
            return Err("has no host: use a URL such as https://api.descope.com");
        };
        if host.contains(['[', ']']) && parse_ipv6(host).is_none() {
            return Err("has brackets that do not enclose an IPv6 address: remove them");
        }
        if !has_valid_port(&uri) {
            return Err("has an invalid port: use a number from 1 to 65535");
        }
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if allow_insecure_http || is_loopback(host) => {}
            Some("http") => {
                return Err(
                    "uses http, which is allowed only for this machine: use https or set `allowInsecureHttp`",
                );
            }
            _ => return Err("must start with https:// (or http:// for this machine)"),
        }
        // The `http` crate has converted the scheme to lower case.
        let scheme = uri.scheme_str().unwrap_or_default();
        let rest = url.get(scheme.len()..).unwrap_or_default();
        Ok(BaseUrl(format!("{scheme}{}", rest.trim_end_matches('/'))))
    }

    /// The URL of a project's API, if the configuration has no other.
    pub(crate) fn for_project(project: &ProjectId) -> BaseUrl {
        BaseUrl(project.api_url())
    }

    /// The URL of an API path such as `/v1/auth/magiclink/signin/sms`.
    pub(crate) fn join(&self, path: &str) -> Result<Uri, Error> {
        format!("{}{path}", self.0)
            .parse()
            .map_err(|_| Error::config("`baseUrl` cannot be combined with the path of the API"))
    }

    pub(crate) fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }

    /// Whether the host is this machine, or a name whose address is not known yet.
    pub(crate) fn may_be_loopback(&self) -> bool {
        let url = self.0.parse::<Uri>().unwrap_or_default();
        let address = without_brackets(url.host().unwrap_or_default()).parse::<IpAddr>();
        address.map_or(true, |address| address.to_canonical().is_loopback())
    }
}

/// Whether a host is this machine: `localhost`, 127.0.0.0/8 or `[::1]`.
pub(crate) fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<Ipv4Addr>().is_ok_and(|v4| v4.is_loopback())
        || parse_ipv6(host).is_some_and(|v6| v6.is_loopback())
}

/// Parses an IPv6 address in brackets.
fn parse_ipv6(host: &str) -> Option<Ipv6Addr> {
    let inner = host.strip_prefix('[')?.strip_suffix(']')?;
    inner.parse().ok()
}

/// Whether a byte may occur in a URL. All others must be percent-encoded (RFC 3986, 2).
fn is_allowed_in_url(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(
            byte,
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}'
        )
}
