//! HTTP proxies: from the configuration or the environment, with the exclusions of `NO_PROXY`.

use std::fmt;

use ureq::http::Uri;
use ureq::{Proxy, ProxyProtocol};

use super::base_url::is_loopback;
use super::env::{Environment, Variable};
use super::no_proxy::NoProxyRule;
use super::url::{port_or_default, without_brackets};
use crate::error::Error;

/// The proxies of a client. `Debug` shows no URL, since it may contain a password.
#[derive(Clone, Default)]
pub(crate) struct Proxies {
    https: Option<Proxy>,
    http: Option<Proxy>,
    /// Hosts that are connected to directly. If this is set, loopback is as well.
    no_proxy: Option<Vec<NoProxyRule>>,
}

impl Proxies {
    /// `configured` is a URL or `none`. Without it, the environment decides.
    pub(super) fn new(configured: Option<String>, env: &Environment) -> Result<Proxies, Error> {
        match configured.as_deref() {
            Some("none") => Ok(Proxies::default()),
            Some(url) => {
                let proxy = parse(url, "proxy")?;
                Ok(Proxies {
                    https: Some(proxy.clone()),
                    http: Some(proxy),
                    no_proxy: None,
                })
            }
            None => {
                let parse_variable = |variable: &Option<Variable>| {
                    let variable = variable.as_ref();
                    let proxy = variable.map(|variable| parse(&variable.value, variable.name));
                    proxy.transpose()
                };
                let list = env.no_proxy.as_ref().map_or("", |list| &list.value);
                let entries =
                    list.split(|character: char| character == ',' || character.is_whitespace());
                let no_proxy = entries.filter_map(NoProxyRule::parse).collect();
                Ok(Proxies {
                    https: parse_variable(&env.https_proxy)?,
                    http: parse_variable(&env.http_proxy)?,
                    no_proxy: Some(no_proxy),
                })
            }
        }
    }

    /// The proxy for a URL. `None` for a direct connection.
    pub(crate) fn proxy_for(&self, url: &Uri) -> Option<&Proxy> {
        let proxy = match url.scheme_str() {
            Some("https") => self.https.as_ref()?,
            _ => self.http.as_ref()?,
        };
        let host = url.host()?.to_lowercase();
        let (bare_host, port) = (without_brackets(&host), port_or_default(url));
        let is_excluded = self.no_proxy.as_ref().is_some_and(|rules| {
            is_loopback(&host) || rules.iter().any(|rule| rule.matches(bare_host, port))
        });
        (!is_excluded).then_some(proxy)
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxies").finish_non_exhaustive()
    }
}

fn parse(url: &str, source: &str) -> Result<Proxy, Error> {
    match Proxy::new(url) {
        Ok(proxy) if proxy.protocol() == ProxyProtocol::Http => Ok(proxy),
        Ok(_) => Err(Error::config(format!(
            "`{source}` must be an http:// proxy: other kinds of proxies are not supported"
        ))),
        Err(_) => Err(Error::config(format!(
            "`{source}` is not a valid proxy URL: use http://user:password@host:port"
        ))),
    }
}
