//! The issuer (`iss`) of the project's tokens.

use super::redirect_url::{RedirectCheck, check_redirect_url};

/// The issuer made from a URL: its last part is the project ID, which is appended if it is missing.
pub(crate) fn issuer_from_url(url: &str, project_id: &str) -> Result<String, String> {
    if check_redirect_url(url, &[]) != RedirectCheck::Approved || url.contains(['?', '#']) {
        return Err("must be a URL with a host, without query and fragment".to_owned());
    }
    let url = url.trim_end_matches('/');
    match url.rsplit_once('/') {
        Some((_, last)) if last == project_id => Ok(url.to_owned()),
        _ => Ok(format!("{url}/{project_id}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        for invalid in [
            "a.example",
            "https://a.example/?x",
            "https://a.example/#x",
            "",
        ] {
            assert!(issuer_of(invalid).is_err(), "{invalid}");
        }
    }

    fn issuer_of(url: &str) -> Result<String, String> {
        issuer_from_url(url, "P1")
    }
}
