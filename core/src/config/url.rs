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

/// A host without the brackets of an IPv6 address.
pub(crate) fn without_brackets(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}
