//! The settings of the project. A test can change them while the emulator runs.

use std::time::Duration;

use serde::{Deserialize, Serialize, Serializer};

use super::duration::{format_duration, parse_duration};
use super::redirect_url::{RedirectCheck, check_redirect_url, parse_approved_domain};

/// The current settings. Their JSON can be read as a [`SettingsPatch`].
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Settings {
    /// Allowed hosts of redirect URLs, subdomains included. If empty, every host is allowed.
    pub(crate) approved_domains: Vec<String>,
    /// The redirect URL of requests that have none.
    pub(crate) redirect_url: String,
    /// How long a link is valid.
    #[serde(serialize_with = "serialize_duration")]
    pub(crate) link_ttl: Duration,
    /// Where responses carry tokens. The JSON key is the name of the flag.
    #[serde(rename = "tokens")]
    pub(crate) token_response_method: TokenResponseMethod,
    /// The name of the cookie with the session token.
    pub(crate) session_cookie: String,
    /// The name of the cookie with the refresh token.
    pub(crate) refresh_cookie: String,
    /// The domain of both cookies. If empty, browsers use the host of the response.
    pub(crate) cookie_domain: String,
}

/// Where responses carry tokens. Descope's console calls this the token response method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, clap::ValueEnum)]
#[serde(rename_all = "camelCase")]
pub enum TokenResponseMethod {
    /// In the response body.
    Body,
    /// In cookies. The token fields of the body are empty.
    Cookies,
}

/// New values for some of the settings.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SettingsPatch {
    approved_domains: Option<Vec<String>>,
    redirect_url: Option<String>,
    link_ttl: Option<String>,
    #[serde(rename = "tokens")]
    token_response_method: Option<TokenResponseMethod>,
    session_cookie: Option<String>,
    refresh_cookie: Option<String>,
    cookie_domain: Option<String>,
}

impl Settings {
    /// Returns the settings with a patch applied. An error names the invalid setting and says why.
    pub(crate) fn apply(mut self, patch: SettingsPatch) -> Result<Settings, String> {
        let in_key = |key: &'static str| move |problem| format!("`{key}`: {problem}");
        if let Some(list) = patch.approved_domains {
            self.approved_domains =
                parse_approved_domains(&list).map_err(in_key("approvedDomains"))?;
        }
        if let Some(url) = patch.redirect_url {
            self.redirect_url = validate_redirect_url(&url).map_err(in_key("redirectUrl"))?;
        }
        if let Some(ttl) = patch.link_ttl {
            self.link_ttl = parse_duration(&ttl).map_err(in_key("linkTtl"))?;
        }
        if let Some(method) = patch.token_response_method {
            self.token_response_method = method;
        }
        if let Some(name) = patch.session_cookie {
            self.session_cookie = validate_cookie_part(&name).map_err(in_key("sessionCookie"))?;
        }
        if let Some(name) = patch.refresh_cookie {
            self.refresh_cookie = validate_cookie_part(&name).map_err(in_key("refreshCookie"))?;
        }
        if let Some(domain) = patch.cookie_domain {
            self.cookie_domain = match domain.is_empty() {
                true => domain,
                false => validate_cookie_part(&domain).map_err(in_key("cookieDomain"))?,
            };
        }
        Ok(self)
    }
}

pub(crate) fn parse_approved_domains(texts: &[String]) -> Result<Vec<String>, String> {
    texts
        .iter()
        .map(|text| parse_approved_domain(text))
        .collect()
}

/// Validates a cookie's name or domain. It must not need quotes.
pub(crate) fn validate_cookie_part(text: &str) -> Result<String, String> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    match !text.is_empty() && text.chars().all(is_allowed) {
        true => Ok(text.to_owned()),
        false => Err(
            "must not be empty and may contain only letters, digits, `-`, `_` and `.`".to_owned(),
        ),
    }
}

/// Validates the default redirect URL, which may have any host.
pub(crate) fn validate_redirect_url(text: &str) -> Result<String, String> {
    match check_redirect_url(text, &[]) {
        RedirectCheck::Approved => Ok(text.to_owned()),
        _ => Err("must be a URL with a host".to_owned()),
    }
}

fn serialize_duration<S: Serializer>(
    duration: &Duration,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format_duration(*duration))
}
