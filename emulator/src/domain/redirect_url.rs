//! Redirect URLs: which of them a project approves, and how a link is made from one.

use url::{Host, Url};

/// Whether a link may lead to a redirect URL.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum RedirectCheck {
    Approved,
    /// It is not a URL with a host.
    NoHost,
    /// Its host is not in an approved domain.
    NotApproved,
}

/// Parses an approved domain into the form that hosts of URLs have: lower case, without a port.
pub(crate) fn parse_approved_domain(text: &str) -> Result<String, String> {
    match Host::parse(text) {
        Ok(host) => Ok(host.to_string()),
        Err(_) => Err(format!("`{text}` must be a host only, such as example.com")),
    }
}

/// Checks a redirect URL against the approved domains. An empty list approves every host.
pub(crate) fn check_redirect_url(redirect: &str, approved: &[String]) -> RedirectCheck {
    // The URL parser ignores white space and control characters, which are not part of any URL.
    let is_clean = !redirect.contains(|c: char| c.is_whitespace() || c.is_control());
    let url = is_clean.then(|| Url::parse(redirect).ok()).flatten();
    let host = url.as_ref().and_then(Url::host_str).map(str::to_lowercase);
    let Some(host) = host.filter(|host| !host.is_empty()) else {
        return RedirectCheck::NoHost;
    };
    let is_in = |domain: &String| {
        host == *domain
            || host
                .strip_suffix(domain.as_str())
                .is_some_and(|rest| rest.ends_with('.'))
    };
    match approved.is_empty() || approved.iter().any(is_in) {
        true => RedirectCheck::Approved,
        false => RedirectCheck::NotApproved,
    }
}

/// Appends `t=<token>` to the query of a redirect URL, before any fragment. The rest of the URL stays
/// exactly as it was given.
pub(crate) fn append_token(redirect: &str, token: &str) -> String {
    let (rest, fragment) = match redirect.split_once('#') {
        Some((rest, fragment)) => (rest, Some(fragment)),
        None => (redirect, None),
    };
    let separator = match rest.split_once('?') {
        None => "?",
        Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
        Some(_) => "&",
    };
    let fragment = fragment.map(|text| format!("#{text}")).unwrap_or_default();
    format!("{rest}{separator}t={token}{fragment}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_appended_to_the_query_before_the_fragment() {
        for (redirect, link) in [
            ("https://a.example/v", "https://a.example/v?t=T"),
            ("https://a.example", "https://a.example?t=T"),
            ("https://a.example/v?a=1", "https://a.example/v?a=1&t=T"),
            ("https://a.example/v?", "https://a.example/v?t=T"),
            ("https://a.example/v?a=1&", "https://a.example/v?a=1&t=T"),
            ("https://a.example/v#x", "https://a.example/v?t=T#x"),
            (
                "https://a.example/v?a=1#x?y",
                "https://a.example/v?a=1&t=T#x?y",
            ),
            ("myapp://open/v", "myapp://open/v?t=T"),
        ] {
            assert_eq!(append_token(redirect, "T"), link);
        }
    }

    #[test]
    fn a_redirect_url_needs_a_host_in_an_approved_domain() {
        use RedirectCheck::{Approved, NoHost, NotApproved};
        let approved = ["Example.com", "127.0.0.1", "b\u{fc}cher.example"];
        let approved = approved.map(|text| parse_approved_domain(text).unwrap());
        let check = |url| check_redirect_url(url, &approved);
        assert_eq!(check("https://EXAMPLE.com/x"), Approved);
        assert_eq!(check("https://a.example.com:8443/x"), Approved);
        assert_eq!(check("http://127.0.0.1:3000/"), Approved);
        assert_eq!(check("https://badexample.com/"), NotApproved);
        assert_eq!(check("https://example.com.evil/"), NotApproved);
        assert_eq!(check("https://example.com@evil/"), NotApproved);
        assert_eq!(check("https://B\u{dc}CHER.example/"), Approved);
        assert_eq!(check("https://evil\\@example.com/"), NotApproved);
        assert_eq!(check("/relative"), NoHost);
        assert_eq!(check(" https://example.com/"), NoHost);
        assert_eq!(check("https://exam\nple.com/"), NoHost);
        assert_eq!(check("https://"), NoHost);
        assert_eq!(check("mailto:a@example.com"), NoHost);
    }

    #[test]
    fn an_approved_domain_is_a_host_only() {
        for invalid in [
            "https://example.com",
            "example.com:443",
            "example.com/v",
            "",
        ] {
            assert!(parse_approved_domain(invalid).is_err(), "{invalid}");
        }
    }
}
