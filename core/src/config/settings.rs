//! Settings: a configuration that is complete and valid.

use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Duration;

use super::env::{self, Environment};
use super::{BUNDLED, BaseUrl, Config, ProjectId, Proxies};
use crate::error::Error;
use crate::json::{Object, Value};
use crate::os;

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
    /// Whether signals end blocking calls.
    pub(crate) interruptible: bool,
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
    /// Validates everything. Missing values come from the environment, unless that is switched off, or the
    /// program has more privileges than its user and has not switched it on. It is read now.
    ///
    /// # Errors
    ///
    /// [`Error::Config`]
    pub(crate) fn resolve(self) -> Result<Settings, Error> {
        let environment = match self.0.get("environment") {
            Some(Value::Bool(false)) => Environment::None,
            // The program, and not its user, has written the configuration.
            Some(Value::Bool(true)) => Environment::Process,
            _ => Environment::of_process(),
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
        let config = &self.0;
        let or_env = |key, names| from_config_or_env(config, key, env, names);
        let project_id = or_env("projectId", env::PROJECT_ID)?;
        let base_url = or_env("baseUrl", env::BASE_URL)?;
        let allow_insecure_http = config.is_true("allowInsecureHttp");
        let duration_or = |key, default| config.duration(key).unwrap_or(default);
        let number_or = |key, default| match config.integer(key).map(usize::try_from) {
            Some(Ok(number)) => number,
            _ => default,
        };
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
            timeout: duration_or("timeoutMs", DEFAULT_TIMEOUT),
            connect_timeout: duration_or("connectTimeoutMs", DEFAULT_CONNECT_TIMEOUT),
            max_attempts: config
                .integer("maxAttempts")
                .and_then(|attempts| u32::try_from(attempts).ok())
                .unwrap_or(DEFAULT_MAX_ATTEMPTS),
            max_connections: NonZeroUsize::new(number_or(
                "maxConnections",
                DEFAULT_MAX_CONNECTIONS,
            )),
            max_idle_connections: number_or("maxIdleConnections", DEFAULT_MAX_IDLE_CONNECTIONS),
            idle_timeout: duration_or("idleTimeoutMs", DEFAULT_IDLE_TIMEOUT),
            connection_max_age: Some(duration_or(
                "connectionMaxAgeMs",
                DEFAULT_CONNECTION_MAX_AGE,
            ))
            .filter(|age| !age.is_zero()),
            auth_management_key: credential(or_env(
                "authManagementKey",
                env::AUTH_MANAGEMENT_KEY,
            )?)?,
            management_key: credential(or_env("managementKey", env::MANAGEMENT_KEY)?)?,
            public_key: or_env("publicKey", env::PUBLIC_KEY)?,
            user_agent: user_agent(config)?,
            proxies: Proxies::new(config.string("proxy").map(str::to_owned), env)?,
            trust_anchors: trust_anchors(config, env)?,
            skip_verify: config.is_true("skipVerify"),
            jwt_leeway: config
                .integer("jwtLeewaySeconds")
                .map_or(DEFAULT_JWT_LEEWAY, Duration::from_secs),
            keys_ttl: duration_or("keysTtlMs", DEFAULT_KEYS_TTL),
            keys_interval: duration_or("keysIntervalMs", DEFAULT_KEYS_INTERVAL),
            verified_tokens: number_or("verifiedTokens", DEFAULT_VERIFIED_TOKENS),
            refresh_grace: duration_or("refreshGraceMs", Duration::ZERO),
            interruptible: config.is_true("interruptible"),
        };
        let base_url = settings.base_url.as_ref();
        if settings.skip_verify && !base_url.is_some_and(BaseUrl::may_be_loopback) {
            return Err(skip_verify_error());
        }
        if settings.interruptible && !os::CAN_WAIT_FOR_SIGNALS {
            return Err(Error::config(
                "`interruptible` works on Linux only: remove it",
            ));
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
    config: &Object<'_>,
    key: &'static str,
    env: &Environment,
    names: &[&'static str],
) -> Result<Option<Sourced>, Error> {
    let sourced = match config.string(key) {
        Some(value) => Some(Sourced {
            value: value.to_owned(),
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

fn user_agent(config: &Object<'_>) -> Result<String, Error> {
    let Some(text) = config.string("userAgent") else {
        return Ok(DEFAULT_USER_AGENT.to_owned());
    };
    let is_printable = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if text.len() > MAX_USER_AGENT || !is_printable {
        return Err(Error::config(format!(
            "`userAgent` must be at most {MAX_USER_AGENT} printable ASCII characters"
        )));
    }
    Ok(text.to_owned())
}

fn trust_anchors(config: &Object<'_>, env: &Environment) -> Result<TrustAnchors, Error> {
    let files = |source, file: Option<String>, directories: Option<String>| {
        Ok(TrustAnchors::Files {
            source,
            file,
            directories,
        })
    };
    if let Some(path) = config.string("caFile") {
        return files("caFile", Some(path.to_owned()), None);
    }
    if config.string("tlsRoots") == Some(BUNDLED) {
        return Ok(TrustAnchors::Bundled);
    }
    let value =
        |names| -> Result<_, Error> { Ok(env.first(names)?.map(|variable| variable.value)) };
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
