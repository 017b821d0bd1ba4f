//! Settings: a configuration that is complete and valid.

use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Duration;

use super::env::{self, Environment};
use super::{BaseUrl, Config, ProjectId, Proxies, TlsRoots};
use crate::error::Error;
use crate::json::{JsonString, Milliseconds};

/// The `User-Agent` header, if the configuration has no other.
const DEFAULT_USER_AGENT: &str = concat!("libdescope_ml/", env!("CARGO_PKG_VERSION"));

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const DEFAULT_MAX_ATTEMPTS: u32 = 3;
const DEFAULT_MAX_CONNECTIONS: usize = 256;
const DEFAULT_MAX_IDLE_CONNECTIONS: usize = 256;
/// Longer than users usually take from the link to its verification. Shorter than four minutes, after
/// which some load balancers and NATs silently drop idle connections.
const DEFAULT_IDLE_TIMEOUT: Duration = Duration::from_secs(90);
const DEFAULT_CONNECTION_MAX_AGE: Duration = Duration::from_secs(300);
const DEFAULT_JWT_LEEWAY: Duration = Duration::from_secs(5);
const DEFAULT_KEYS_TTL: Duration = Duration::from_secs(600);
const DEFAULT_KEYS_INTERVAL: Duration = Duration::from_secs(2);
const DEFAULT_VERIFIED_TOKENS: usize = 4096;

/// The longest `User-Agent`, in bytes.
const MAX_USER_AGENT: usize = 1024;

/// A configuration that is complete and valid.
pub(crate) struct Settings {
    pub(crate) project_id: Option<ProjectId>,
    pub(crate) base_url: Option<BaseUrl>,
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) max_attempts: u32,
    /// `None`: no limit.
    pub(crate) max_connections: Option<NonZeroUsize>,
    pub(crate) max_idle_connections: usize,
    pub(crate) idle_timeout: Duration,
    /// `None`: no limit.
    pub(crate) connection_max_age: Option<Duration>,
    pub(crate) proxies: Proxies,
    pub(crate) trust_anchors: TrustAnchors,
    /// Only a server on this machine is connected to, and its certificate is not verified.
    pub(crate) skip_verify: bool,
    pub(crate) user_agent: String,
    pub(crate) auth_management_key: Option<String>,
    pub(crate) management_key: Option<String>,
    /// The project's public keys in JSON. If they are set, no keys are fetched.
    pub(crate) public_key: Option<Sourced>,
    pub(crate) jwt_leeway: Duration,
    pub(crate) keys_ttl: Duration,
    pub(crate) keys_interval: Duration,
    pub(crate) verified_tokens: usize,
    pub(crate) refresh_grace: Duration,
}

/// Where trusted certificate authorities come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TrustAnchors {
    /// Only those in these files.
    Files {
        /// The configuration key or environment variable that names them.
        source: &'static str,
        file: Option<String>,
        /// A list of directories, separated as in `PATH`.
        directories: Option<String>,
    },
    Platform,
    Bundled,
}

/// A value, and the configuration key or environment variable that it comes from.
pub(crate) struct Sourced {
    pub(crate) value: String,
    pub(crate) source: &'static str,
}

impl Sourced {
    /// An error about the value. `problem` is the predicate of a sentence.
    pub(crate) fn error(&self, problem: &str) -> Error {
        Error::config(format!("`{}` {problem}", self.source))
    }
}

impl Config<'_> {
    /// Validates everything. Missing values come from the environment, unless that is switched off. It is read
    /// now.
    ///
    /// # Errors
    ///
    /// [`Error::Config`]
    pub(crate) fn resolve(self) -> Result<Settings, Error> {
        let environment = match self.environment {
            Some(false) => Environment::None,
            _ => Environment::Process,
        };
        self.resolve_in(&environment)
    }

    /// Validates everything without the environment.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn resolve_without_env(self) -> Result<Settings, Error> {
        self.resolve_in(&Environment::None)
    }

    /// Validates everything. Missing values come from `env`.
    pub(crate) fn resolve_in(self, env: &Environment) -> Result<Settings, Error> {
        let or_env = |configured, key, names| from_config_or_env(configured, key, env, names);
        let project_id = or_env(self.project_id, "projectId", env::PROJECT_ID)?;
        let base_url = or_env(self.base_url, "baseUrl", env::BASE_URL)?;
        let allow_insecure_http = self.allow_insecure_http.unwrap_or(false);
        // The fields are in the order of their checks: the first invalid one is reported.
        let settings = Settings {
            project_id: project_id
                .map(|id| ProjectId::parse(&id.value).map_err(|problem| id.error(problem)))
                .transpose()?,
            base_url: base_url
                .map(|url| {
                    BaseUrl::parse(&url.value, allow_insecure_http)
                        .map_err(|problem| url.error(problem))
                })
                .transpose()?,
            timeout: duration_or(self.timeout_ms, DEFAULT_TIMEOUT),
            connect_timeout: duration_or(self.connect_timeout_ms, DEFAULT_CONNECT_TIMEOUT),
            max_attempts: self
                .max_attempts
                .and_then(|attempts| u32::try_from(attempts.0).ok())
                .unwrap_or(DEFAULT_MAX_ATTEMPTS),
            max_connections: NonZeroUsize::new(
                self.max_connections
                    .and_then(|connections| usize::try_from(connections.0).ok())
                    .unwrap_or(DEFAULT_MAX_CONNECTIONS),
            ),
            max_idle_connections: self
                .max_idle_connections
                .and_then(|connections| usize::try_from(connections.0).ok())
                .unwrap_or(DEFAULT_MAX_IDLE_CONNECTIONS),
            idle_timeout: duration_or(self.idle_timeout_ms, DEFAULT_IDLE_TIMEOUT),
            connection_max_age: Some(
                self.connection_max_age_ms
                    .map_or(DEFAULT_CONNECTION_MAX_AGE, |age| {
                        Duration::from_millis(age.0)
                    }),
            )
            .filter(|age| !age.is_zero()),
            auth_management_key: credential(or_env(
                self.auth_management_key,
                "authManagementKey",
                env::AUTH_MANAGEMENT_KEY,
            )?)?,
            management_key: credential(or_env(
                self.management_key,
                "managementKey",
                env::MANAGEMENT_KEY,
            )?)?,
            public_key: or_env(self.public_key, "publicKey", env::PUBLIC_KEY)?,
            user_agent: user_agent(self.user_agent)?,
            proxies: Proxies::new(self.proxy.map(into_string), env)?,
            trust_anchors: trust_anchors(self.ca_file, self.tls_roots, env)?,
            skip_verify: self.skip_verify.unwrap_or(false),
            jwt_leeway: self
                .jwt_leeway_seconds
                .map_or(DEFAULT_JWT_LEEWAY, |seconds| Duration::from_secs(seconds.0)),
            keys_ttl: duration_or(self.keys_ttl_ms, DEFAULT_KEYS_TTL),
            keys_interval: duration_or(self.keys_interval_ms, DEFAULT_KEYS_INTERVAL),
            verified_tokens: self
                .verified_tokens
                .and_then(|tokens| usize::try_from(tokens.0).ok())
                .unwrap_or(DEFAULT_VERIFIED_TOKENS),
            refresh_grace: Duration::from_millis(self.refresh_grace_ms.map_or(0, |time| time.0)),
        };
        let base_url = settings.base_url.as_ref();
        if settings.skip_verify && !base_url.is_some_and(BaseUrl::may_be_loopback) {
            return Err(skip_verify_error());
        }
        Ok(settings)
    }
}

/// Why certificates are verified although `skipVerify` is set.
pub(crate) fn skip_verify_error() -> Error {
    Error::config(
        "`skipVerify` is only for a server on this machine, without a proxy: remove it, or use `caFile` to trust a certificate authority of your own",
    )
}

/// Whether a text can be a part of the bearer: visible ASCII, no space, and no colon, which separates
/// the parts.
pub(crate) fn is_valid_credential(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b':')
}

/// The configured value, else that of the first of these variables. An empty string counts as not set, and an
/// empty configured value hides the environment.
fn from_config_or_env(
    configured: Option<JsonString<'_>>,
    key: &'static str,
    env: &Environment,
    names: &[&'static str],
) -> Result<Option<Sourced>, Error> {
    let sourced = match configured {
        Some(value) => Some(Sourced {
            value: into_string(value),
            source: key,
        }),
        None => env.first(names)?.map(|variable| Sourced {
            value: variable.value,
            source: variable.name,
        }),
    };
    Ok(sourced.filter(|sourced| !sourced.value.is_empty()))
}

fn credential(credential: Option<Sourced>) -> Result<Option<String>, Error> {
    match credential {
        Some(credential) if !is_valid_credential(&credential.value) => Err(credential
            .error("contains a space, line break, colon or non-ASCII character: remove it")),
        credential => Ok(credential.map(|credential| credential.value)),
    }
}

fn user_agent(configured: Option<JsonString<'_>>) -> Result<String, Error> {
    let Some(text) = configured.map(into_string) else {
        return Ok(DEFAULT_USER_AGENT.to_owned());
    };
    let is_printable = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if text.len() > MAX_USER_AGENT || !is_printable {
        return Err(Error::config(format!(
            "`userAgent` must be at most {MAX_USER_AGENT} printable ASCII characters"
        )));
    }
    Ok(text)
}

fn trust_anchors(
    ca_file: Option<JsonString<'_>>,
    tls_roots: Option<TlsRoots>,
    env: &Environment,
) -> Result<TrustAnchors, Error> {
    let files = |source, file: Option<String>, directories: Option<String>| {
        Ok(TrustAnchors::Files {
            source,
            file,
            directories,
        })
    };
    if let Some(path) = ca_file {
        return files("caFile", Some(into_string(path)), None);
    }
    if tls_roots == Some(TlsRoots::Bundled) {
        return Ok(TrustAnchors::Bundled);
    }
    let value = |names| Ok(env.first(names)?.map(|variable| variable.value));
    match (value(env::CERT_FILE)?, value(env::CERT_DIR)?) {
        (None, None) => match value(env::CA_BUNDLE)? {
            None => Ok(TrustAnchors::Platform),
            Some(bundle) if Path::new(&bundle).is_dir() => {
                files("REQUESTS_CA_BUNDLE", None, Some(bundle))
            }
            Some(bundle) => files("REQUESTS_CA_BUNDLE", Some(bundle), None),
        },
        (Some(file), None) => files("SSL_CERT_FILE", Some(file), None),
        (None, Some(directories)) => files("SSL_CERT_DIR", None, Some(directories)),
        (file, directories) => files("SSL_CERT_FILE or SSL_CERT_DIR", file, directories),
    }
}

fn duration_or(configured: Option<Milliseconds>, default: Duration) -> Duration {
    configured.map_or(default, Milliseconds::as_duration)
}

fn into_string(text: JsonString<'_>) -> String {
    text.0.into_owned()
}
