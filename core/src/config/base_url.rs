//! Base URLs: where the API is, checked so that nothing secret leaves over plain http by mistake.

use std::net::{Ipv4Addr, Ipv6Addr};

use ureq::http::Uri;

use super::ProjectId;
use crate::error::Error;

/// `scheme://host[:port][/prefix]`, without a trailing slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BaseUrl(String);

impl BaseUrl {
    /// Checks an address that the caller or the environment gave.
    pub(crate) fn parse(url: &str, insecure: bool) -> Result<BaseUrl, Error> {
        let refuse = |why: &str| Err(Error::config(format!("`baseUrl` {why}")));
        // Else it would go out as it is, or be read in one way here and in another elsewhere.
        if !url.bytes().all(is_of_a_url) {
            return refuse(
                "holds a character that no URL may hold, such as a space, a line end, a backslash or a letter beyond ASCII: write it as %XX, or leave it out",
            );
        }
        if url.contains('@') {
            return refuse("holds credentials: leave out what stands before `@`");
        }
        if url.contains(['?', '#']) {
            return refuse("holds a query or a fragment: end it with the path");
        }
        let Ok(uri) = url.parse::<Uri>() else {
            return refuse("is not a URL: it looks like https://api.descope.com");
        };
        let Some(host) = uri.host().filter(|host| !host.is_empty()) else {
            return refuse("has no host: it looks like https://api.descope.com");
        };
        if host.contains(['[', ']']) && ipv6(host).is_none() {
            return refuse("has brackets around what is no IPv6 address: leave them out");
        }
        let port = uri.authority().map_or("", |authority| {
            authority.as_str().get(host.len()..).unwrap_or_default()
        });
        let digits = port.strip_prefix(':').unwrap_or_default();
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        if !port.is_empty() && (!plain || uri.port_u16().unwrap_or(0) == 0) {
            return refuse("has no usable port: it is a number from 1 to 65535");
        }
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if insecure || is_loopback(host) => {}
            Some("http") => {
                return refuse(
                    "is plain http beyond this machine: use https, or set `allowInsecureHttp`",
                );
            }
            _ => return refuse("must begin with https:// (or http:// on this machine)"),
        }
        // The scheme in lower case, as `http` has read it.
        let scheme = uri.scheme_str().unwrap_or_default();
        let rest = url.get(scheme.len()..).unwrap_or_default();
        Ok(BaseUrl(format!("{scheme}{}", rest.trim_end_matches('/'))))
    }

    /// The address that a project's ID implies.
    pub(crate) fn of_project(project: &ProjectId) -> BaseUrl {
        BaseUrl(project.api_url())
    }

    /// The address of an API path such as `/v1/auth/magiclink/signin/sms`.
    pub(crate) fn join(&self, path: &str) -> Result<Uri, Error> {
        format!("{}{path}", self.0)
            .parse()
            .map_err(|_| Error::config("`baseUrl` does not make a URL with the API's path"))
    }

    /// Whether connections are TLS.
    pub(crate) fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }
}

/// Whether a host is this machine: `localhost`, 127.0.0.0/8 or `[::1]`.
pub(crate) fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<Ipv4Addr>().is_ok_and(|v4| v4.is_loopback())
        || ipv6(host).is_some_and(|v6| v6.is_loopback())
}

/// The address in brackets that a host is.
fn ipv6(host: &str) -> Option<Ipv6Addr> {
    let inner = host.strip_prefix('[')?.strip_suffix(']')?;
    inner.parse().ok()
}

/// Whether a byte may stand in a URL. RFC 3986, 2: all others are written as `%XX`.
fn is_of_a_url(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(
            byte,
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}'
        )
}
