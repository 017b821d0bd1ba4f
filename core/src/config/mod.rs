//! The configuration of a client: what the caller gives, filled up from the environment, checked.

mod base_url;
mod direct;
mod env;
mod project;
mod proxy;

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use crate::document::{self, Text, WholeNumber};
use crate::error::Error;
use crate::setters::setters;
use crate::token::{KeySet, Limits};

pub(crate) use base_url::BaseUrl;
use env::Environment;
pub(crate) use project::ProjectId;
pub(crate) use proxy::Proxies;

/// The longest time that can be set anywhere: one day, in milliseconds.
const MAX_MS: u64 = 86_400_000;

/// The longest `User-Agent` that is sent, in bytes.
const MAX_USER_AGENT: usize = 1024;

/// A time in milliseconds, at least one.
pub(crate) type Millis = WholeNumber<1, MAX_MS>;

/// What a caller may set; everything has a default or comes from the environment.
///
/// As JSON its keys are `projectId`, `baseUrl`, `timeoutMs`, … (the README lists them all); an
/// unknown key is refused by name. `Debug` shows no value.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub struct Config<'a> {
    #[serde(borrow)]
    project_id: Option<Text<'a>>,
    base_url: Option<Text<'a>>,
    timeout_ms: Option<Millis>,
    connect_timeout_ms: Option<Millis>,
    max_attempts: Option<WholeNumber<1, 10>>,
    max_idle_connections: Option<WholeNumber<0, 65_536>>,
    idle_timeout_ms: Option<Millis>,
    proxy: Option<Text<'a>>,
    ca_file: Option<Text<'a>>,
    tls_roots: Option<TlsRoots>,
    user_agent: Option<Text<'a>>,
    auth_management_key: Option<Text<'a>>,
    management_key: Option<Text<'a>>,
    public_key: Option<Text<'a>>,
    jwt_leeway_seconds: Option<WholeNumber<0, 86_400>>,
    keys_ttl_ms: Option<Millis>,
    keys_interval_ms: Option<Millis>,
    allow_insecure_http: Option<bool>,
}

/// Which certificate authorities are trusted when no file names them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TlsRoots {
    /// The system's store and, where it has none, the bundled one.
    #[default]
    Platform,
    /// Mozilla's list, as compiled into the library.
    Bundled,
}

/// Where the certificate authorities are read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Roots {
    /// These, and nothing else: `dir` is a list of directories, as `PATH` is one.
    Files {
        set_by: &'static str,
        file: Option<String>,
        dir: Option<String>,
    },
    Platform,
    Bundled,
}

/// A configuration that has been checked and can be worked with.
pub(crate) struct Settings {
    pub(crate) project: Option<ProjectId>,
    pub(crate) base_url: Option<BaseUrl>,
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) max_attempts: u32,
    pub(crate) max_idle_connections: usize,
    pub(crate) idle_timeout: Duration,
    pub(crate) proxies: Proxies,
    pub(crate) roots: Roots,
    pub(crate) user_agent: String,
    pub(crate) auth_management_key: Option<String>,
    pub(crate) management_key: Option<String>,
    /// The project's public keys, when they are never to be fetched.
    pub(crate) public_keys: Option<Arc<KeySet>>,
    pub(crate) jwt_leeway: Duration,
    pub(crate) keys: Limits,
}

impl<'a> Config<'a> {
    /// A configuration of which everything comes from the environment or its default.
    #[must_use]
    pub fn new() -> Config<'a> {
        Config::default()
    }

    /// Reads a configuration document.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for anything but a JSON object of known keys of the right types.
    pub fn from_json(json: &'a str) -> Result<Config<'a>, Error> {
        document::read(json, "the configuration").map_err(Error::config)
    }

    setters! {
        /// The project, e.g. `P2abc…`; else `DESCOPE_PROJECT_ID`.
        project_id: impl Into<Cow<'a, str>> => Text(project_id.into());
        /// Where the API is; else `DESCOPE_BASE_URI` or `DESCOPE_BASE_URL`, else by the project's region.
        base_url: impl Into<Cow<'a, str>> => Text(base_url.into());
        /// `http://[user:password@]host[:port]`, or `none`; else `HTTPS_PROXY` and `HTTP_PROXY`.
        proxy: impl Into<Cow<'a, str>> => Text(proxy.into());
        /// A PEM file with the only certificate authorities to trust; else `SSL_CERT_FILE` and its like.
        ca_file: impl Into<Cow<'a, str>> => Text(ca_file.into());
        /// Which certificate authorities are trusted when no file names them.
        tls_roots: TlsRoots => tls_roots;
        /// The `User-Agent` header, instead of the library's own.
        user_agent: impl Into<Cow<'a, str>> => Text(user_agent.into());
        /// The key that joins the bearer of authentication calls; else `DESCOPE_AUTH_MANAGEMENT_KEY`.
        auth_management_key: impl Into<Cow<'a, str>> => Text(auth_management_key.into());
        /// The key that test users are made with; else `DESCOPE_MANAGEMENT_KEY`.
        management_key: impl Into<Cow<'a, str>> => Text(management_key.into());
        /// The project's public key, a JSON Web Key or a set of them; else `DESCOPE_PUBLIC_KEY`, else the
        /// keys are fetched.
        public_key: impl Into<Cow<'a, str>> => Text(public_key.into());
        /// Lets plain http go beyond this machine. False unless set.
        allow_insecure_http: bool => allow_insecure_http;
    }

    /// How long a whole call may take, look-up, connection and every attempt included: 10 s unless set.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout_ms = Some(millis(timeout));
        self
    }

    /// How long making one connection may take: 5 s unless set.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout_ms = Some(millis(timeout));
        self
    }

    /// By how much clocks may differ when a token is checked, at most a day: 5 s unless set.
    #[must_use]
    pub fn jwt_leeway(mut self, leeway: Duration) -> Self {
        self.jwt_leeway_seconds = Some(WholeNumber(leeway.as_secs().min(86_400)));
        self
    }

    /// After which time the project's public keys are fetched again: 10 minutes unless set.
    #[must_use]
    pub fn keys_ttl(mut self, time: Duration) -> Self {
        self.keys_ttl_ms = Some(millis(time));
        self
    }

    /// The least time between two fetches of keys for tokens whose key is unknown: 10 s unless set.
    #[must_use]
    pub fn keys_interval(mut self, time: Duration) -> Self {
        self.keys_interval_ms = Some(millis(time));
        self
    }

    /// How many requests a call may try, from 1 to 10: 3 unless set.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = Some(WholeNumber(u64::from(attempts.clamp(1, 10))));
        self
    }

    /// Checks everything and fills what is missing from the environment, which is read now.
    pub(crate) fn resolve(self) -> Result<Settings, Error> {
        self.resolve_in(&Environment::read()?)
    }

    /// Checks everything, whatever the environment says.
    #[cfg(feature = "fuzzing")]
    pub(crate) fn resolve_alone(self) -> Result<Settings, Error> {
        self.resolve_in(&Environment::default())
    }

    fn resolve_in(self, env: &Environment) -> Result<Settings, Error> {
        let given = |own: Option<Text<'a>>, env: &Option<String>| -> Option<String> {
            own.map(|text| text.0.into_owned())
                .or_else(|| env.clone())
                .filter(|text| !text.is_empty())
        };
        let insecure = self.allow_insecure_http.unwrap_or(false);
        let project = given(self.project_id, &env.project_id)
            .map(|id| ProjectId::parse(&id).map_err(Error::config))
            .transpose()?;
        let base_url = given(self.base_url, &env.base_url)
            .map(|url| BaseUrl::parse(&url, insecure))
            .transpose()?;
        let key = |own, env: &Option<String>, name| -> Result<Option<String>, Error> {
            let key = given(own, env);
            match &key {
                Some(key) if !is_bearer_part(key) => Err(Error::config(format!(
                    "`{name}` may hold only visible ASCII characters, and no colon: check it for spaces and line ends"
                ))),
                _ => Ok(key),
            }
        };
        let auth_management_key = key(
            self.auth_management_key,
            &env.auth_management_key,
            "authManagementKey",
        )?;
        let management_key = key(self.management_key, &env.management_key, "managementKey")?;
        let public_keys = given(self.public_key, &env.public_key)
            .map(|json| KeySet::read_pinned(&json))
            .transpose()
            .map_err(|why| {
                Error::config(format!(
                    "`publicKey` {why}: give the project's public key as a JSON Web Key"
                ))
            })?;
        let user_agent = match self.user_agent.map(|text| text.0.into_owned()) {
            None => crate::USER_AGENT.to_owned(),
            Some(text) if is_user_agent(&text) => text,
            Some(_) => {
                return Err(Error::config(format!(
                    "`userAgent` may hold up to {MAX_USER_AGENT} ASCII characters on one line, and no tab"
                )));
            }
        };
        Ok(Settings {
            project,
            base_url,
            timeout: duration(self.timeout_ms, 10_000),
            connect_timeout: duration(self.connect_timeout_ms, 5_000),
            max_attempts: self
                .max_attempts
                .map_or(3, |n| u32::try_from(n.0).unwrap_or(3)),
            max_idle_connections: self
                .max_idle_connections
                .map_or(256, |n| usize::try_from(n.0).unwrap_or(256)),
            // Longer than from a link to its verification, shorter than the four minutes after which the
            // first load balancers and NATs forget a connection without a word.
            idle_timeout: duration(self.idle_timeout_ms, 90_000),
            proxies: Proxies::new(self.proxy.map(|text| text.0.into_owned()), env)?,
            roots: roots(self.ca_file, self.tls_roots, env),
            user_agent,
            auth_management_key,
            management_key,
            public_keys: public_keys.map(Arc::new),
            jwt_leeway: Duration::from_secs(self.jwt_leeway_seconds.map_or(5, |n| n.0)),
            keys: Limits {
                time_to_live: duration(self.keys_ttl_ms, 600_000),
                interval: duration(self.keys_interval_ms, 10_000),
            },
        })
    }
}

/// Whether a text can stand in a bearer as it is: visible ASCII, no space, and no colon, which would
/// shift the parts that follow.
pub(crate) fn is_bearer_part(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b':')
}

fn is_user_agent(text: &str) -> bool {
    text.len() <= MAX_USER_AGENT && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

fn roots(ca_file: Option<Text<'_>>, choice: Option<TlsRoots>, env: &Environment) -> Roots {
    let file = |set_by, file: Option<&str>, dir: Option<&str>| Roots::Files {
        set_by,
        file: file.map(str::to_owned),
        dir: dir.map(str::to_owned),
    };
    match (ca_file, choice) {
        (Some(path), _) => file("caFile", Some(path.as_str()), None),
        (None, Some(TlsRoots::Bundled)) => Roots::Bundled,
        (None, _) => match (&env.ssl_cert_file, &env.ssl_cert_dir, &env.ca_bundle) {
            (None, None, None) => Roots::Platform,
            (None, None, Some(bundle)) if Path::new(bundle).is_dir() => {
                file("REQUESTS_CA_BUNDLE", None, Some(bundle))
            }
            (None, None, Some(bundle)) => file("REQUESTS_CA_BUNDLE", Some(bundle), None),
            (pem, dir, _) => file(
                "SSL_CERT_FILE or SSL_CERT_DIR",
                pem.as_deref(),
                dir.as_deref(),
            ),
        },
    }
}

fn duration(given: Option<Millis>, default_ms: u64) -> Duration {
    Duration::from_millis(given.map_or(default_ms, |ms| ms.0))
}

pub(crate) fn millis(duration: Duration) -> Millis {
    let ms = u64::try_from(duration.as_millis()).unwrap_or(MAX_MS);
    WholeNumber(ms.clamp(1, MAX_MS))
}

#[cfg(test)]
mod tests;
