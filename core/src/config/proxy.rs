//! Proxies: from the configuration or the environment, with the exclusions of `NO_PROXY`.

use std::fmt;

use ureq::ProxyProtocol;
use ureq::http::Uri;

use super::base_url::is_loopback;
use super::env::{Environment, Variable};
use super::no_proxy::NoProxyRule;
use super::url::{has_valid_port, port_or_default, without_brackets};
use crate::error::Error;

/// The longest user name and the longest password for a SOCKS proxy, in bytes (RFC 1929, 2).
const MAX_SOCKS_CREDENTIAL: usize = 255;

/// The proxies of a client. `Debug` shows no URL, since it may contain a password.
#[derive(Clone, Default)]
pub(crate) struct Proxies {
    https: Option<FoundProxy>,
    http: Option<FoundProxy>,
    /// Hosts that are connected to directly. If this is set, loopback is as well.
    no_proxy: Option<Vec<NoProxyRule>>,
}

/// A proxy, or why the one of the environment cannot be used.
type FoundProxy = Result<Proxy, Error>;

/// A proxy that can be used.
#[derive(Clone)]
pub(crate) struct Proxy {
    kind: ProxyKind,
    url: ureq::Proxy,
}

/// How a proxy is asked for a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProxyKind {
    /// With `CONNECT`.
    Http,
    /// With `CONNECT`, over TLS.
    Https,
    /// With SOCKS 5 and an address: this machine resolves the name of the server.
    Socks5,
    /// With SOCKS 5 and the name of the server, which the proxy resolves.
    Socks5h,
}

impl Proxies {
    /// `configured` is a URL or `none`. Without it, the environment decides.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if the configured proxy cannot be used. One of the environment may be meant for
    /// other programs, so it is an error only when it is used: [`Proxies::proxy_for`].
    pub(super) fn new(configured: Option<String>, env: &Environment) -> Result<Proxies, Error> {
        match configured.as_deref() {
            Some("none") => Ok(Proxies::default()),
            Some(url) => {
                let proxy = Proxy::parse(url, "proxy")?;
                Ok(Proxies {
                    https: Some(Ok(proxy.clone())),
                    http: Some(Ok(proxy)),
                    no_proxy: None,
                })
            }
            None => {
                let parse = |one: Variable| Proxy::parse(&one.value, one.name);
                let list = env.no_proxy().map_or_else(String::new, |list| list.value);
                let entries =
                    list.split(|character: char| character == ',' || character.is_whitespace());
                let no_proxy = entries.filter_map(NoProxyRule::parse).collect();
                Ok(Proxies {
                    https: env.https_proxy().map(parse),
                    http: env.http_proxy().map(parse),
                    no_proxy: Some(no_proxy),
                })
            }
        }
    }

    /// The proxy for a URL. `None` for a direct connection.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if the proxy of the environment cannot be used. It names the variable.
    pub(crate) fn proxy_for(&self, url: &Uri) -> Result<Option<&Proxy>, Error> {
        let found = match url.scheme_str() {
            Some("https") => self.https.as_ref(),
            _ => self.http.as_ref(),
        };
        match found.filter(|_| !self.is_excluded(url)) {
            Some(Err(error)) => Err(error.clone()),
            Some(Ok(proxy)) => Ok(Some(proxy)),
            None => Ok(None),
        }
    }

    /// Whether a URL is connected to directly although there is a proxy.
    fn is_excluded(&self, url: &Uri) -> bool {
        let host = url.host().unwrap_or_default().to_lowercase();
        let (bare_host, port) = (without_brackets(&host), port_or_default(url));
        self.no_proxy.as_ref().is_some_and(|rules| {
            is_loopback(&host) || rules.iter().any(|rule| rule.matches(bare_host, port))
        })
    }
}

impl Proxy {
    /// `source` is the configuration key or environment variable that `url` comes from.
    fn parse(url: &str, source: &str) -> Result<Proxy, Error> {
        let proxy = ureq::Proxy::new(url).ok().filter(|proxy| {
            !without_brackets(proxy.host()).is_empty() && has_valid_port(proxy.uri())
        });
        let Some(url) = proxy else {
            return Err(Error::config(format!(
                "`{source}` is not a valid proxy URL: use http://user:password@host:port"
            )));
        };
        // Some programs take `socks://` for SOCKS 4, others for SOCKS 5.
        let is_ambiguous = url.uri().scheme_str() == Some("socks");
        let kind = match url.protocol() {
            ProxyProtocol::Http => ProxyKind::Http,
            ProxyProtocol::Https => ProxyKind::Https,
            ProxyProtocol::Socks5 if !is_ambiguous => ProxyKind::Socks5,
            ProxyProtocol::Socks5h => ProxyKind::Socks5h,
            _ => {
                return Err(Error::config(format!(
                    "`{source}` must be an http://, https://, socks5:// or socks5h:// proxy: other kinds of proxies are not supported"
                )));
            }
        };
        let proxy = Proxy { kind, url };
        let is_socks = matches!(kind, ProxyKind::Socks5 | ProxyKind::Socks5h);
        if is_socks && proxy.user().len().max(proxy.password().len()) > MAX_SOCKS_CREDENTIAL {
            return Err(Error::config(format!(
                "`{source}` has a user name or password of more than {MAX_SOCKS_CREDENTIAL} bytes, which is too long for SOCKS: use shorter ones"
            )));
        }
        Ok(proxy)
    }

    pub(crate) fn kind(&self) -> ProxyKind {
        self.kind
    }

    pub(crate) fn host(&self) -> &str {
        self.url.host()
    }

    pub(crate) fn port(&self) -> u16 {
        self.url.port()
    }

    pub(crate) fn has_credentials(&self) -> bool {
        self.url.username().is_some() || self.url.password().is_some()
    }

    /// The user name, or an empty text.
    pub(crate) fn user(&self) -> &str {
        self.url.username().unwrap_or_default()
    }

    /// The password, or an empty text.
    pub(crate) fn password(&self) -> &str {
        self.url.password().unwrap_or_default()
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxies").finish_non_exhaustive()
    }
}
