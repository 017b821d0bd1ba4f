//! Links: where they may lead, and how the token is joined to them.

use url::{Host, Url};

/// Whether a redirect URL can be used.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Redirect {
    Approved,
    NoHost,
    NotApproved,
}

/// Reads an approved domain into the form that the hosts of URLs have: lower case, without a port.
pub(crate) fn domain(text: &str) -> Result<String, String> {
    match Host::parse(text) {
        Ok(host) => Ok(host.to_string()),
        Err(_) => Err(format!(
            "`{text}` must be a host alone, such as example.com"
        )),
    }
}

/// The issuer that tokens name: a URL whose last part is the project ID, which is added when it is not.
pub(crate) fn issuer(url: &str, project_id: &str) -> Result<String, String> {
    let wrong = || "must be a URL with a host, without a query and a fragment".to_owned();
    if check(url, &[]) != Redirect::Approved || url.contains(['?', '#']) {
        return Err(wrong());
    }
    let url = url.trim_end_matches('/');
    match url.rsplit_once('/') {
        Some((_, last)) if last == project_id => Ok(url.to_owned()),
        _ => Ok(format!("{url}/{project_id}")),
    }
}

/// Checks a redirect URL against the approved domains; an empty list approves all. White space and
/// control characters are not part of any URL, though the parser would pass over them.
pub(crate) fn check(redirect: &str, approved: &[String]) -> Redirect {
    let clean = !redirect.contains(|c: char| c.is_whitespace() || c.is_control());
    let url = clean.then(|| Url::parse(redirect).ok()).flatten();
    let host = url.as_ref().and_then(Url::host_str).map(str::to_lowercase);
    let Some(host) = host.filter(|host| !host.is_empty()) else {
        return Redirect::NoHost;
    };
    let below = |domain: &String| {
        host == *domain
            || host
                .strip_suffix(domain.as_str())
                .is_some_and(|rest| rest.ends_with('.'))
    };
    match approved.is_empty() || approved.iter().any(below) {
        true => Redirect::Approved,
        false => Redirect::NotApproved,
    }
}

/// The redirect URL with `t=<token>` as the last part of its query, before any fragment. The rest of
/// the URL stays letter for letter as it was given.
pub(crate) fn join(redirect: &str, token: &str) -> String {
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
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn the_token_joins_the_query_and_leaves_the_fragment_last() {
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
            assert_eq!(join(redirect, "T"), link);
        }
    }

    #[test]
    fn a_redirect_needs_a_host_under_an_approved_domain() {
        let approved = ["Example.com", "127.0.0.1", "b\u{fc}cher.example"];
        let approved = approved.map(|text| domain(text).unwrap());
        let check = |url| check(url, &approved);
        assert_eq!(check("https://EXAMPLE.com/x"), Redirect::Approved);
        assert_eq!(check("https://a.example.com:8443/x"), Redirect::Approved);
        assert_eq!(check("http://127.0.0.1:3000/"), Redirect::Approved);
        assert_eq!(check("https://badexample.com/"), Redirect::NotApproved);
        assert_eq!(check("https://example.com.evil/"), Redirect::NotApproved);
        assert_eq!(check("https://example.com@evil/"), Redirect::NotApproved);
        assert_eq!(check("https://B\u{dc}CHER.example/"), Redirect::Approved);
        assert_eq!(check("https://evil\\@example.com/"), Redirect::NotApproved);
        assert_eq!(check("/relative"), Redirect::NoHost);
        assert_eq!(check(" https://example.com/"), Redirect::NoHost);
        assert_eq!(check("https://exam\nple.com/"), Redirect::NoHost);
        assert_eq!(check("https://"), Redirect::NoHost);
        assert_eq!(check("mailto:a@example.com"), Redirect::NoHost);
    }

    #[test]
    fn an_issuer_ends_in_the_project_id() {
        for url in ["https://a.example/v1/apps", "https://a.example/v1/apps/P1/"] {
            let issuer = "https://a.example/v1/apps/P1".to_owned();
            assert_eq!(issuer_of(url), Ok(issuer));
        }
        assert_eq!(
            issuer_of("https://a.example"),
            Ok("https://a.example/P1".to_owned())
        );
        for wrong in [
            "a.example",
            "https://a.example/?x",
            "https://a.example/#x",
            "",
        ] {
            assert!(issuer_of(wrong).is_err(), "{wrong}");
        }
    }

    fn issuer_of(url: &str) -> Result<String, String> {
        issuer(url, "P1")
    }

    #[test]
    fn an_approved_domain_is_a_host_alone() {
        for wrong in [
            "https://example.com",
            "example.com:443",
            "example.com/v",
            "",
        ] {
            assert!(domain(wrong).is_err(), "{wrong}");
        }
    }
}
