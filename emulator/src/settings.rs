//! The settings of the project, which a test can change while the emulator runs.

use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use serde::{Deserialize, Serialize, Serializer};

use crate::error::Error;
use crate::link::{self, Redirect};
use crate::options::{self, Options};

/// The settings as they are. As JSON, they are a [`Change`] that changes nothing.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Settings {
    /// Where redirect URLs may lead, with all below; everywhere when there is none.
    pub(crate) approved_domains: Vec<String>,
    /// Where links lead when a request does not say.
    pub(crate) redirect_url: String,
    /// How long a link is valid.
    #[serde(serialize_with = "shown")]
    pub(crate) link_ttl: Duration,
    /// Where answers have their tokens.
    pub(crate) tokens: Tokens,
    /// What the cookies are called.
    pub(crate) session_cookie: String,
    pub(crate) refresh_cookie: String,
    /// Empty for the host's own.
    pub(crate) cookie_domain: String,
}

/// Where answers have their tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, clap::ValueEnum)]
#[serde(rename_all = "camelCase")]
pub enum Tokens {
    /// In the body.
    Body,
    /// In cookies, and the body's are empty.
    Cookies,
}

/// New values for some of the settings.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Change {
    approved_domains: Option<Vec<String>>,
    redirect_url: Option<String>,
    link_ttl: Option<String>,
    tokens: Option<Tokens>,
    session_cookie: Option<String>,
    refresh_cookie: Option<String>,
    cookie_domain: Option<String>,
}

impl Settings {
    /// The settings that the options give; links lead to `landing` when they do not say where.
    pub(crate) fn new(options: &Options, landing: String) -> Result<Settings, Error> {
        let refuse = |flag: &str| {
            let flag = flag.to_owned();
            move |problem: String| Error::Option(format!("{flag} {problem}"))
        };
        let redirect_url = options.redirect_url.as_deref().map(redirect_url);
        Ok(Settings {
            approved_domains: domains(&options.approved_domains)
                .map_err(refuse("--approved-domain"))?,
            redirect_url: redirect_url
                .transpose()
                .map_err(refuse("--redirect-url"))?
                .unwrap_or(landing),
            link_ttl: options.link_ttl,
            tokens: options.tokens,
            session_cookie: cookie_part(&options.session_cookie)
                .map_err(refuse("--session-cookie"))?,
            refresh_cookie: cookie_part(&options.refresh_cookie)
                .map_err(refuse("--refresh-cookie"))?,
            cookie_domain: options.cookie_domain.as_deref().map_or_else(
                || Ok(String::new()),
                |text| cookie_part(text).map_err(refuse("--cookie-domain")),
            )?,
        })
    }

    /// These settings with some changed; a problem says which cannot be and why.
    pub(crate) fn with(mut self, change: Change) -> Result<Settings, String> {
        let named = |name: &'static str| move |problem| format!("`{name}`: {problem}");
        if let Some(list) = change.approved_domains {
            self.approved_domains = domains(&list).map_err(named("approvedDomains"))?;
        }
        if let Some(url) = change.redirect_url {
            self.redirect_url = redirect_url(&url).map_err(named("redirectUrl"))?;
        }
        if let Some(ttl) = change.link_ttl {
            self.link_ttl = options::duration(&ttl).map_err(named("linkTtl"))?;
        }
        if let Some(tokens) = change.tokens {
            self.tokens = tokens;
        }
        if let Some(name) = change.session_cookie {
            self.session_cookie = cookie_part(&name).map_err(named("sessionCookie"))?;
        }
        if let Some(name) = change.refresh_cookie {
            self.refresh_cookie = cookie_part(&name).map_err(named("refreshCookie"))?;
        }
        if let Some(domain) = change.cookie_domain {
            self.cookie_domain = match domain.is_empty() {
                true => domain,
                false => cookie_part(&domain).map_err(named("cookieDomain"))?,
            };
        }
        Ok(self)
    }
}

/// The settings of a project that serves.
pub(crate) struct Current(RwLock<Settings>);

impl Current {
    pub(crate) fn new(settings: Settings) -> Current {
        Current(RwLock::new(settings))
    }

    /// The settings at this moment.
    pub(crate) fn get(&self) -> Settings {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn set(&self, settings: Settings) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = settings;
    }
}

fn domains(texts: &[String]) -> Result<Vec<String>, String> {
    texts.iter().map(|text| link::domain(text)).collect()
}

/// A part of a cookie that needs no quotes.
fn cookie_part(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    match !text.is_empty() && text.chars().all(plain) {
        true => Ok(text.to_owned()),
        false => Err("must be letters, digits, `-`, `_` and `.`, at least one of them".to_owned()),
    }
}

fn redirect_url(text: &str) -> Result<String, String> {
    match link::check(text, &[]) {
        Redirect::Approved => Ok(text.to_owned()),
        _ => Err("must be a URL with a host".to_owned()),
    }
}

/// A time as [`options::duration`] reads it.
fn shown<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    match time.subsec_millis() {
        0 => serializer.collect_str(&format_args!("{}s", time.as_secs())),
        _ => serializer.collect_str(&format_args!("{}ms", time.as_millis())),
    }
}
