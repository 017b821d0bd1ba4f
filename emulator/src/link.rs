//! Links: where they may lead, and how the token is joined to them.

use url::Url;

/// Whether a redirect URL can be used.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Redirect {
    Approved,
    NoHost,
    NotApproved,
}

/// Checks a redirect URL against the approved domains; an empty list approves all.
pub(crate) fn check(redirect: &str, approved: &[String]) -> Redirect {
    let url = Url::parse(redirect).ok();
    let host = url.as_ref().and_then(Url::host_str).map(str::to_lowercase);
    let Some(host) = host.filter(|host| !host.is_empty()) else {
        return Redirect::NoHost;
    };
    let below = |domain: &String| {
        let domain = domain.to_lowercase();
        host == domain
            || host
                .strip_suffix(&domain)
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
        let approved = ["Example.com".to_owned(), "127.0.0.1".to_owned()];
        let check = |url| check(url, &approved);
        assert_eq!(check("https://EXAMPLE.com/x"), Redirect::Approved);
        assert_eq!(check("https://a.example.com:8443/x"), Redirect::Approved);
        assert_eq!(check("http://127.0.0.1:3000/"), Redirect::Approved);
        assert_eq!(check("https://badexample.com/"), Redirect::NotApproved);
        assert_eq!(check("https://example.com.evil/"), Redirect::NotApproved);
        assert_eq!(check("https://example.com@evil/"), Redirect::NotApproved);
        assert_eq!(check("/relative"), Redirect::NoHost);
        assert_eq!(check("mailto:a@example.com"), Redirect::NoHost);
    }
}
