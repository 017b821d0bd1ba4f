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

use serde::Deserialize;

use crate::error::Error;
use crate::json::{self, BoundedU64, JsonString, Milliseconds};

pub(crate) use base_url::BaseUrl;
#[cfg(test)]
pub(crate) use env::{Environment, Variable};
pub(crate) use project_id::ProjectId;
pub(crate) use proxy::{Proxies, Proxy, ProxyKind};
pub(crate) use settings::{Settings, TrustAnchors, is_valid_credential, skip_verify_error};
pub(crate) use url::{default_port, port_or_default, without_brackets};

/// The limits of `jwtLeewaySeconds`.
const MAX_LEEWAY_SECONDS: u64 = 86_400;

/// The upper limit of `verifiedTokens`.
const MAX_VERIFIED_TOKENS: u64 = 1 << 20;

/// The upper limit of `connectionMaxAgeMs`: a day.
const MAX_CONNECTION_AGE_MS: u64 = 86_400_000;

/// The upper limit of `refreshGraceMs`: a session lives at least three minutes.
const MAX_REFRESH_GRACE_MS: u64 = 60_000;

/// The upper limit of `maxAttempts`.
const MAX_ATTEMPTS: u64 = 10;

/// The configuration of a client. Every value has a default or comes from the environment.
///
/// In JSON the keys are `projectId`, `baseUrl`, `timeoutMs`, … (the README lists all of them). An
/// unknown key is an error that names it. `Debug` shows no value.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub struct Config<'a> {
    #[serde(borrow)]
    project_id: Option<JsonString<'a>>,
    base_url: Option<JsonString<'a>>,
    timeout_ms: Option<Milliseconds>,
    connect_timeout_ms: Option<Milliseconds>,
    max_attempts: Option<BoundedU64<1, MAX_ATTEMPTS>>,
    max_connections: Option<BoundedU64<0, 65_536>>,
    /// The maximum number of connections that are kept open for later calls. Default: 256.
    max_idle_connections: Option<BoundedU64<0, 65_536>>,
    /// After which time an idle connection is closed. Default: 90 s.
    idle_timeout_ms: Option<Milliseconds>,
    connection_max_age_ms: Option<BoundedU64<0, MAX_CONNECTION_AGE_MS>>,
    proxy: Option<JsonString<'a>>,
    ca_file: Option<JsonString<'a>>,
    tls_roots: Option<TlsRoots>,
    user_agent: Option<JsonString<'a>>,
    auth_management_key: Option<JsonString<'a>>,
    management_key: Option<JsonString<'a>>,
    public_key: Option<JsonString<'a>>,
    jwt_leeway_seconds: Option<BoundedU64<0, MAX_LEEWAY_SECONDS>>,
    keys_ttl_ms: Option<Milliseconds>,
    keys_interval_ms: Option<Milliseconds>,
    verified_tokens: Option<BoundedU64<0, MAX_VERIFIED_TOKENS>>,
    refresh_grace_ms: Option<BoundedU64<0, MAX_REFRESH_GRACE_MS>>,
    allow_insecure_http: Option<bool>,
    skip_verify: Option<bool>,
}

/// Which certificate authorities are trusted if no CA file is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TlsRoots {
    /// The trust store of the system, or the bundled list if the system has none.
    #[default]
    Platform,
    /// Mozilla's list, compiled into the library.
    Bundled,
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
        json::parse(json, "the configuration").map_err(Error::config)
    }

    /// The project ID, e.g. `P2abc…`. Default: `DESCOPE_PROJECT_ID`.
    #[must_use]
    pub fn project_id(mut self, id: impl Into<Cow<'a, str>>) -> Self {
        self.project_id = Some(JsonString(id.into()));
        self
    }

    /// The URL of the API. Default: `DESCOPE_BASE_URI` or `DESCOPE_BASE_URL`, else the API of the
    /// project's region.
    #[must_use]
    pub fn base_url(mut self, url: impl Into<Cow<'a, str>>) -> Self {
        self.base_url = Some(JsonString(url.into()));
        self
    }

    /// `http://[user:password@]host[:port]`, or the same with `https://`, `socks5://` or `socks5h://`, or
    /// `none`. Default: `HTTPS_PROXY`, `HTTP_PROXY` and `ALL_PROXY`.
    #[must_use]
    pub fn proxy(mut self, url: impl Into<Cow<'a, str>>) -> Self {
        self.proxy = Some(JsonString(url.into()));
        self
    }

    /// A PEM file. Only the certificate authorities in it are trusted. Default: `SSL_CERT_FILE`,
    /// `SSL_CERT_DIR` or `REQUESTS_CA_BUNDLE`.
    #[must_use]
    pub fn ca_file(mut self, path: impl Into<Cow<'a, str>>) -> Self {
        self.ca_file = Some(JsonString(path.into()));
        self
    }

    /// Which certificate authorities are trusted if no CA file is set.
    #[must_use]
    pub fn tls_roots(mut self, roots: TlsRoots) -> Self {
        self.tls_roots = Some(roots);
        self
    }

    /// The `User-Agent` header. Default: name and version of the library.
    #[must_use]
    pub fn user_agent(mut self, text: impl Into<Cow<'a, str>>) -> Self {
        self.user_agent = Some(JsonString(text.into()));
        self
    }

    /// A management key that is sent with authentication requests. Default:
    /// `DESCOPE_AUTH_MANAGEMENT_KEY`.
    #[must_use]
    pub fn auth_management_key(mut self, key: impl Into<Cow<'a, str>>) -> Self {
        self.auth_management_key = Some(JsonString(key.into()));
        self
    }

    /// The management key for test users. Default: `DESCOPE_MANAGEMENT_KEY`.
    #[must_use]
    pub fn management_key(mut self, key: impl Into<Cow<'a, str>>) -> Self {
        self.management_key = Some(JsonString(key.into()));
        self
    }

    /// The project's public key: a JSON Web Key or a JSON Web Key Set. Default: `DESCOPE_PUBLIC_KEY`,
    /// else the keys are fetched.
    #[must_use]
    pub fn public_key(mut self, jwk: impl Into<Cow<'a, str>>) -> Self {
        self.public_key = Some(JsonString(jwk.into()));
        self
    }

    /// Allows plain http to other hosts than this machine. Default: false.
    #[must_use]
    pub fn allow_insecure_http(mut self, allow: bool) -> Self {
        self.allow_insecure_http = Some(allow);
        self
    }

    /// Accepts any certificate of a server on this machine, for tests. A call to any other server fails:
    /// the address of the connection decides. Default: false.
    #[must_use]
    pub fn skip_verify(mut self, skip: bool) -> Self {
        self.skip_verify = Some(skip);
        self
    }

    /// The timeout of a whole call, including DNS, connecting and all attempts. Default: 10 s.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout_ms = Some(Milliseconds::from_duration(timeout));
        self
    }

    /// The timeout of opening one connection. Default: 5 s.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout_ms = Some(Milliseconds::from_duration(timeout));
        self
    }

    /// By how much clocks may differ when a token is validated. At most one day. Default: 5 s.
    #[must_use]
    pub fn jwt_leeway(mut self, leeway: Duration) -> Self {
        self.jwt_leeway_seconds = Some(BoundedU64(leeway.as_secs().min(MAX_LEEWAY_SECONDS)));
        self
    }

    /// How long public keys are cached. Default: 10 minutes.
    #[must_use]
    pub fn keys_ttl(mut self, time: Duration) -> Self {
        self.keys_ttl_ms = Some(Milliseconds::from_duration(time));
        self
    }

    /// The time in which the allowance of requests for public keys grows by one, up to 5. Default: 2 s.
    #[must_use]
    pub fn keys_interval(mut self, time: Duration) -> Self {
        self.keys_interval_ms = Some(Milliseconds::from_duration(time));
        self
    }

    /// How many tokens are remembered whose signature was verified; 0: none. At most 1,048,576. Default:
    /// 4096, which takes 128 KiB per project.
    #[must_use]
    pub fn verified_tokens(mut self, tokens: u32) -> Self {
        let tokens = u64::from(tokens).min(MAX_VERIFIED_TOKENS);
        self.verified_tokens = Some(BoundedU64(tokens));
        self
    }

    /// How long the response of a refresh is kept for calls with the same refresh token that come just
    /// after it. At most 60 s. Default: 0, so that only calls that overlap share one request.
    #[must_use]
    pub fn refresh_grace(mut self, time: Duration) -> Self {
        let milliseconds = u64::try_from(time.as_millis()).unwrap_or(MAX_REFRESH_GRACE_MS);
        self.refresh_grace_ms = Some(BoundedU64(milliseconds.min(MAX_REFRESH_GRACE_MS)));
        self
    }

    /// The maximum number of connections that calls use at the same time; 0: no limit. Other calls wait
    /// in turn, within their timeout. Default: 256.
    #[must_use]
    pub fn max_connections(mut self, connections: u16) -> Self {
        self.max_connections = Some(BoundedU64(u64::from(connections)));
        self
    }

    /// For how long a connection is used, however busy it is, so that changes in DNS and servers that are
    /// taken out of service are followed; zero: without a limit. At most a day. Default: 5 minutes.
    #[must_use]
    pub fn connection_max_age(mut self, age: Duration) -> Self {
        let age = u64::try_from(age.as_millis()).unwrap_or(u64::MAX);
        self.connection_max_age_ms = Some(BoundedU64(age.min(MAX_CONNECTION_AGE_MS)));
        self
    }

    /// The maximum number of requests of a call, from 1 to 10. Default: 3.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = Some(BoundedU64(u64::from(attempts).clamp(1, MAX_ATTEMPTS)));
        self
    }
}

#[cfg(test)]
mod tests;
