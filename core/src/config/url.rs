//! Parts of a URL, in the form that connections need.

use ureq::http::Uri;

/// The port of a URL, or the default port of its scheme.
pub(crate) fn port_or_default(url: &Uri) -> u16 {
    url.port_u16().unwrap_or_else(|| default_port(url))
}

/// The default port of a URL's scheme.
pub(crate) fn default_port(url: &Uri) -> u16 {
    match url.scheme_str() {
        Some("https") => 443,
        _ => 80,
    }
}

/// Whether a URL has no port, or one from 1 to 65535. The `http` crate also takes others.
pub(crate) fn has_valid_port(url: &Uri) -> bool {
    let authority = url.authority().map_or("", |authority| authority.as_str());
    let host_and_port = authority.rsplit('@').next().unwrap_or_default();
    let host = url.host().unwrap_or_default();
    match host_and_port.strip_prefix(host).unwrap_or_default() {
        "" => true,
        port => {
            let digits = port.strip_prefix(':').unwrap_or_default();
            digits.bytes().all(|byte| byte.is_ascii_digit()) && url.port_u16().unwrap_or(0) != 0
        }
    }
}

/// A host without the brackets of an IPv6 address.
pub(crate) fn without_brackets(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}
