//! Which proxy a connection goes through, by the caller's word or the environment's.

use std::fmt;

use ureq::http::Uri;
use ureq::{Proxy, ProxyProtocol};

use super::base_url::is_loopback;
use super::direct::Direct;
use super::env::Environment;
use crate::error::Error;

/// The proxies of a client. `Debug` shows no address, since it may hold a password.
#[derive(Clone, Default)]
pub(crate) struct Proxies {
    https: Option<Proxy>,
    http: Option<Proxy>,
    /// What is connected to directly, and then loopback is as well.
    except: Option<Vec<Direct>>,
}

impl Proxies {
    /// `own` is the caller's word, a URL or `none`; without it the environment is asked.
    pub(super) fn new(own: Option<String>, env: &Environment) -> Result<Proxies, Error> {
        match own.as_deref() {
            Some("none") => Ok(Proxies::default()),
            Some(url) => {
                let proxy = parse(url, "`proxy`")?;
                Ok(Proxies {
                    https: Some(proxy.clone()),
                    http: Some(proxy),
                    except: None,
                })
            }
            None => {
                let read = |url: &Option<String>, name| {
                    url.as_deref().map(|url| parse(url, name)).transpose()
                };
                let list = env.no_proxy.as_deref().unwrap_or_default();
                let except = list.split(',').filter_map(Direct::parse).collect();
                Ok(Proxies {
                    https: read(&env.https_proxy, "HTTPS_PROXY")?,
                    http: read(&env.http_proxy, "HTTP_PROXY")?,
                    except: Some(except),
                })
            }
        }
    }

    /// The proxy for this target, if it goes through one.
    pub(crate) fn of(&self, target: &Uri) -> Option<&Proxy> {
        let (proxy, usual_port) = match target.scheme_str() {
            Some("https") => (self.https.as_ref()?, 443),
            _ => (self.http.as_ref()?, 80),
        };
        let host = target.host()?.to_lowercase();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let port = target.port_u16().unwrap_or(usual_port);
        let direct = match &self.except {
            Some(except) => is_loopback(&host) || except.iter().any(|rule| rule.holds(bare, port)),
            None => false,
        };
        (!direct).then_some(proxy)
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxies").finish_non_exhaustive()
    }
}

fn parse(url: &str, name: &str) -> Result<Proxy, Error> {
    match Proxy::new(url) {
        Ok(proxy) if proxy.protocol() == ProxyProtocol::Http => Ok(proxy),
        Ok(_) => Err(Error::config(format!(
            "{name} must be an http:// proxy: other kinds are not supported"
        ))),
        Err(_) => Err(Error::config(format!(
            "{name} is not a proxy URL: it looks like http://user:password@host:port"
        ))),
    }
}
