//! The configuration of a client, as the caller gives it: [`Config`]. `settings` completes it from the
//! environment and validates it.

mod base_url;
mod env;
mod no_proxy;
mod project_id;
mod proxy;
mod settings;
mod url;

use std::borrow::Cow;
use std::time::Duration;

use crate::error::Error;
use crate::json::{self, Field, FieldIndex, FieldType, IntegerRange, Object, OneOf, Schema, Value};

pub(crate) use base_url::{BaseUrl, is_loopback};
#[cfg(test)]
pub(crate) use env::Environment;
pub(crate) use project_id::ProjectId;
pub(crate) use proxy::{Proxies, Proxy, ProxyKind};
pub(crate) use settings::{Settings, TrustAnchors, is_valid_credential, skip_verify_error};
pub(crate) use url::{default_port, port_or_default, without_brackets};

/// Up to a day.
const LEEWAY_SECONDS: IntegerRange = IntegerRange::new(0, 86_400);

const VERIFIED_TOKENS: IntegerRange = IntegerRange::new(0, 1 << 20);

const CONNECTIONS: IntegerRange = IntegerRange::new(0, 65_536);

/// Up to a day.
const CONNECTION_AGE_MS: IntegerRange = IntegerRange::new(0, 86_400_000);

/// A session lives at least three minutes.
const REFRESH_GRACE_MS: IntegerRange = IntegerRange::new(0, 60_000);

const ATTEMPTS: IntegerRange = IntegerRange::new(1, 10);

/// The values of `tlsRoots`.
const PLATFORM: &str = "platform";
const BUNDLED: &str = "bundled";

pub(crate) static SCHEMA: Schema = Schema::new(&[
    Field::optional("projectId", FieldType::String),
    Field::optional("baseUrl", FieldType::String),
    Field::optional("timeoutMs", FieldType::MILLISECONDS),
    Field::optional("connectTimeoutMs", FieldType::MILLISECONDS),
    Field::optional("maxAttempts", FieldType::Integer(ATTEMPTS)),
    Field::optional("maxConnections", FieldType::Integer(CONNECTIONS)),
    Field::optional("maxIdleConnections", FieldType::Integer(CONNECTIONS)),
    Field::optional("idleTimeoutMs", FieldType::MILLISECONDS),
    Field::optional("connectionMaxAgeMs", FieldType::Integer(CONNECTION_AGE_MS)),
    Field::optional("proxy", FieldType::String),
    Field::optional("caFile", FieldType::String),
    Field::optional("tlsRoots", FieldType::OneOf(OneOf(&[PLATFORM, BUNDLED]))),
    Field::optional("userAgent", FieldType::String),
    Field::optional("authManagementKey", FieldType::String),
    Field::optional("managementKey", FieldType::String),
    Field::optional("publicKey", FieldType::String),
    Field::optional("jwtLeewaySeconds", FieldType::Integer(LEEWAY_SECONDS)),
    Field::optional("keysTtlMs", FieldType::MILLISECONDS),
    Field::optional("keysIntervalMs", FieldType::MILLISECONDS),
    Field::optional("verifiedTokens", FieldType::Integer(VERIFIED_TOKENS)),
    Field::optional("refreshGraceMs", FieldType::Integer(REFRESH_GRACE_MS)),
    Field::optional("allowInsecureHttp", FieldType::Bool),
    Field::optional("skipVerify", FieldType::Bool),
    Field::optional("environment", FieldType::Bool),
    Field::optional("interruptible", FieldType::Bool),
]);

/// The configuration of a client. Every value has a default or comes from the environment.
///
/// In JSON the keys are `projectId`, `baseUrl`, `timeoutMs`, … (the README lists all of them). An
/// unknown key is an error that names it. `Debug` shows no value.
#[derive(Clone, Debug)]
pub struct Config<'a>(Object<'a>);

/// Which certificate authorities are trusted if no CA file is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TlsRoots {
    /// The trust store of the system, or the bundled list if the system has none.
    #[default]
    Platform,
    /// Mozilla's list, compiled into the library.
    Bundled,
}

impl Default for Config<'_> {
    fn default() -> Self {
        Config(Object::new(&SCHEMA))
    }
}

impl<'a> Config<'a> {
    /// A configuration without explicit values.
    #[must_use]
    pub fn new() -> Config<'a> {
        Config::default()
    }

    /// Parses a configuration document.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for anything but a JSON object with known keys and values of the right types.
    pub fn from_json(json: &'a str) -> Result<Config<'a>, Error> {
        json::parse_object(&SCHEMA, json, "the configuration")
            .map(Config)
            .map_err(Error::config)
    }

    /// The project ID, e.g. `P2abc…`. Default: `DESCOPE_PROJECT_ID`.
    #[must_use]
    pub fn project_id(self, id: impl Into<Cow<'a, str>>) -> Self {
        self.with(const { SCHEMA.field("projectId") }, Value::string(id))
    }

    /// The URL of the API. Default: `DESCOPE_BASE_URI` or `DESCOPE_BASE_URL`, else the API of the
    /// project's region.
    #[must_use]
    pub fn base_url(self, url: impl Into<Cow<'a, str>>) -> Self {
        self.with(const { SCHEMA.field("baseUrl") }, Value::string(url))
    }

    /// `http://[user:password@]host[:port]`, or the same with `https://`, `socks5://` or `socks5h://`, or
    /// `none`. Default: `HTTPS_PROXY`, `HTTP_PROXY` and `ALL_PROXY`.
    #[must_use]
    pub fn proxy(self, url: impl Into<Cow<'a, str>>) -> Self {
        self.with(const { SCHEMA.field("proxy") }, Value::string(url))
    }

    /// A PEM file. Only the certificate authorities in it are trusted. Default: `SSL_CERT_FILE`,
    /// `SSL_CERT_DIR` or `REQUESTS_CA_BUNDLE`.
    #[must_use]
    pub fn ca_file(self, path: impl Into<Cow<'a, str>>) -> Self {
        self.with(const { SCHEMA.field("caFile") }, Value::string(path))
    }

    /// Which certificate authorities are trusted if no CA file is set.
    #[must_use]
    pub fn tls_roots(self, roots: TlsRoots) -> Self {
        let name = match roots {
            TlsRoots::Platform => PLATFORM,
            TlsRoots::Bundled => BUNDLED,
        };
        self.with(const { SCHEMA.field("tlsRoots") }, Value::string(name))
    }

    /// The `User-Agent` header. Default: name and version of the library.
    #[must_use]
    pub fn user_agent(self, text: impl Into<Cow<'a, str>>) -> Self {
        self.with(const { SCHEMA.field("userAgent") }, Value::string(text))
    }

    /// A management key that is sent with authentication requests. Default:
    /// `DESCOPE_AUTH_MANAGEMENT_KEY`.
    #[must_use]
    pub fn auth_management_key(self, key: impl Into<Cow<'a, str>>) -> Self {
        self.with(
            const { SCHEMA.field("authManagementKey") },
            Value::string(key),
        )
    }

    /// The management key for test users. Default: `DESCOPE_MANAGEMENT_KEY`.
    #[must_use]
    pub fn management_key(self, key: impl Into<Cow<'a, str>>) -> Self {
        self.with(const { SCHEMA.field("managementKey") }, Value::string(key))
    }

    /// The project's public key: a JSON Web Key or a JSON Web Key Set. Default: `DESCOPE_PUBLIC_KEY`,
    /// else the keys are fetched.
    #[must_use]
    pub fn public_key(self, jwk: impl Into<Cow<'a, str>>) -> Self {
        self.with(const { SCHEMA.field("publicKey") }, Value::string(jwk))
    }

    /// Allows plain http to other hosts than this machine. Default: false.
    #[must_use]
    pub fn allow_insecure_http(self, allow: bool) -> Self {
        self.with(
            const { SCHEMA.field("allowInsecureHttp") },
            Value::Bool(allow),
        )
    }

    /// Accepts any certificate of a server on this machine, for tests. A call to any other server fails:
    /// the address of the connection decides. Default: false.
    #[must_use]
    pub fn skip_verify(self, skip: bool) -> Self {
        self.with(const { SCHEMA.field("skipVerify") }, Value::Bool(skip))
    }

    /// Whether values that are not given come from environment variables. If not, no variable is read. Default:
    /// true, but not in a program that has more privileges than its user, such as a set-user-ID program.
    #[must_use]
    pub fn environment(self, is_read: bool) -> Self {
        self.with(const { SCHEMA.field("environment") }, Value::Bool(is_read))
    }

    /// Whether a signal whose handler has run ends the blocking call of its thread, with
    /// [`Error::Cancelled`] and the outcome of the call. While such a call computes, the signals of its thread
    /// are blocked; while it waits, the thread has its own mask. Log lines come after the call. Systems without
    /// signals ignore it. Default: false.
    ///
    /// [`Error::Cancelled`]: crate::Error::Cancelled
    #[must_use]
    pub fn interruptible(self, is_interruptible: bool) -> Self {
        self.with(
            const { SCHEMA.field("interruptible") },
            Value::Bool(is_interruptible),
        )
    }

    /// The timeout of a whole call, including DNS, connecting and all attempts. Default: 10 s.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        self.with(
            const { SCHEMA.field("timeoutMs") },
            Value::duration(timeout),
        )
    }

    /// The timeout of opening one connection. Default: 5 s.
    #[must_use]
    pub fn connect_timeout(self, timeout: Duration) -> Self {
        self.with(
            const { SCHEMA.field("connectTimeoutMs") },
            Value::duration(timeout),
        )
    }

    /// By how much clocks may differ when a token is validated. At most one day. Default: 5 s.
    #[must_use]
    pub fn jwt_leeway(self, leeway: Duration) -> Self {
        let seconds = LEEWAY_SECONDS.nearest(leeway.as_secs().into());
        self.with(
            const { SCHEMA.field("jwtLeewaySeconds") },
            Value::Integer(seconds),
        )
    }

    /// How long public keys are cached. Default: 10 minutes.
    #[must_use]
    pub fn keys_ttl(self, time: Duration) -> Self {
        self.with(const { SCHEMA.field("keysTtlMs") }, Value::duration(time))
    }

    /// The time in which the allowance of requests for public keys grows by one, up to 5. Default: 2 s.
    #[must_use]
    pub fn keys_interval(self, time: Duration) -> Self {
        self.with(
            const { SCHEMA.field("keysIntervalMs") },
            Value::duration(time),
        )
    }

    /// How many tokens are remembered whose signature was verified; 0: none. At most 1,048,576. Default:
    /// 4096, which takes 128 KiB per project.
    #[must_use]
    pub fn verified_tokens(self, tokens: u32) -> Self {
        let tokens = VERIFIED_TOKENS.nearest(tokens.into());
        self.with(
            const { SCHEMA.field("verifiedTokens") },
            Value::Integer(tokens),
        )
    }

    /// How long the response of a refresh is kept for calls with the same refresh token that come just
    /// after it. At most 60 s. Default: 0, so that only calls that overlap share one request.
    #[must_use]
    pub fn refresh_grace(self, time: Duration) -> Self {
        let milliseconds = REFRESH_GRACE_MS.nearest(time.as_millis());
        self.with(
            const { SCHEMA.field("refreshGraceMs") },
            Value::Integer(milliseconds),
        )
    }

    /// The maximum number of connections that calls use at the same time; 0: no limit. Other calls wait
    /// in turn, within their timeout. Default: 256.
    #[must_use]
    pub fn max_connections(self, connections: u16) -> Self {
        self.with(
            const { SCHEMA.field("maxConnections") },
            Value::Integer(connections.into()),
        )
    }

    /// The maximum number of connections that are kept open for later calls. Default: 256.
    #[must_use]
    pub fn max_idle_connections(self, connections: u16) -> Self {
        self.with(
            const { SCHEMA.field("maxIdleConnections") },
            Value::Integer(connections.into()),
        )
    }

    /// After which time an idle connection is closed. Default: 90 s.
    #[must_use]
    pub fn idle_timeout(self, time: Duration) -> Self {
        self.with(
            const { SCHEMA.field("idleTimeoutMs") },
            Value::duration(time),
        )
    }

    /// For how long a connection is used, however busy it is, so that changes in DNS and servers that are
    /// taken out of service are followed; zero: without a limit. At most a day. Default: 5 minutes.
    #[must_use]
    pub fn connection_max_age(self, age: Duration) -> Self {
        let milliseconds = CONNECTION_AGE_MS.nearest(age.as_millis());
        self.with(
            const { SCHEMA.field("connectionMaxAgeMs") },
            Value::Integer(milliseconds),
        )
    }

    /// The maximum number of requests of a call, from 1 to 10. Default: 3.
    #[must_use]
    pub fn max_attempts(self, attempts: u32) -> Self {
        let attempts = ATTEMPTS.nearest(attempts.into());
        self.with(
            const { SCHEMA.field("maxAttempts") },
            Value::Integer(attempts),
        )
    }

    fn with(self, field: FieldIndex, value: Value<'a>) -> Self {
        Config(self.0.with(field, value))
    }
}

#[cfg(test)]
mod tests;
