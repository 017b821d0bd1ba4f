//! The origin of a URL: what a connection can be reused for.

use ureq::http::Uri;
use ureq::http::uri::{Authority, Scheme};

/// Scheme, host and port of a URL.
#[derive(Clone)]
pub(super) struct Origin {
    is_https: bool,
    authority: Option<Authority>,
}

impl Origin {
    pub(super) fn from_url(url: &Uri) -> Origin {
        Origin {
            is_https: url.scheme() == Some(&Scheme::HTTPS),
            authority: url.authority().cloned(),
        }
    }

    /// Whether a URL has this origin.
    pub(super) fn matches(&self, url: &Uri) -> bool {
        self.is_https == (url.scheme() == Some(&Scheme::HTTPS))
            && self.authority.as_ref().map(Authority::as_str)
                == url.authority().map(Authority::as_str)
    }
}
