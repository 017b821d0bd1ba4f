//! The switch by which the tests of a host program forbid connections to other machines.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwapOption;
use ureq::http::Uri;

use super::transport_error::TransportError;
use crate::config::{Proxies, is_loopback};
use crate::error::Error;

/// Whether there is a reason. Every call reads it, and nothing else as long as it is not set.
static IS_BLOCKED: AtomicBool = AtomicBool::new(false);
static REASON: ArcSwapOption<String> = ArcSwapOption::const_empty();

/// For the tests of host programs: from now on, calls of this process to anything but loopback fail with
/// [`Error::Config`], before anything is sent or a name is resolved. This holds for all clients, those that exist
/// included, and for connections that are open. The error contains the reason, which should say what to do.
/// `None` ends it.
///
/// A host is loopback if it is `localhost`, in 127.0.0.0/8, or `::1`. Calls that have been sent go on.
pub fn block_network(reason: Option<&str>) {
    let on_one_line = |reason: &str| reason.replace(char::is_control, " ");
    REASON.store(reason.map(|reason| Arc::new(on_one_line(reason))));
    IS_BLOCKED.store(reason.is_some(), Ordering::Release);
}

/// Fails if the network is blocked for this URL.
#[inline]
pub(super) fn check(url: &Uri, proxies: &Proxies) -> Result<(), TransportError> {
    match IS_BLOCKED.load(Ordering::Acquire) {
        true => check_hosts(url, proxies),
        false => Ok(()),
    }
}

#[cold]
#[inline(never)]
fn check_hosts(url: &Uri, proxies: &Proxies) -> Result<(), TransportError> {
    // A proxy that cannot be used is an error of its own.
    let proxy = proxies.proxy_for(url).ok().flatten();
    let is_local = is_loopback(url.host().unwrap_or_default())
        && proxy.is_none_or(|proxy| is_loopback(proxy.host()));
    match is_local {
        true => Ok(()),
        false => Err(TransportError::NetworkBlocked),
    }
}

/// The error of a call that was refused.
#[cold]
pub(super) fn blocked_error() -> Error {
    let reason = REASON.load();
    // The block may have ended meanwhile.
    let reason = reason.as_ref().map_or("it was", |reason| reason.as_str());
    Error::config(format!(
        "the network is blocked for tests, except for servers on this machine: {reason}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn check_with(proxy: &str, url: &'static str) -> Result<(), TransportError> {
        let config = format!(r#"{{"proxy": "{proxy}"}}"#);
        let settings = Config::from_json(&config).unwrap().resolve_without_env();
        check_hosts(&Uri::from_static(url), &settings.unwrap().proxies)
    }

    #[test]
    fn only_loopback_is_reached_and_only_through_loopback() {
        let allowed = [
            ("none", "http://127.0.0.1:8080/v1"),
            ("none", "https://localhost/v1"),
            ("none", "http://[::1]:8080/v1"),
            ("http://127.0.0.1:3128", "http://127.0.0.1:8080/v1"),
        ];
        let refused = [
            ("none", "https://api.descope.com/v1"),
            ("none", "https://192.0.2.1/v1"),
            ("none", "https://localhost.example.com/v1"),
            ("http://127.0.0.1:3128", "https://api.descope.com/v1"),
            ("http://proxy.example.com:3128", "http://127.0.0.1:8080/v1"),
        ];
        for (proxy, url) in allowed {
            assert!(check_with(proxy, url).is_ok(), "{url} by {proxy}");
        }
        for (proxy, url) in refused {
            let result = check_with(proxy, url);
            assert!(
                matches!(result, Err(TransportError::NetworkBlocked)),
                "{url} by {proxy}"
            );
        }
    }
}
