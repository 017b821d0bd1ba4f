//! The connection pool of a client. A forked child gets a pool of its own.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::ClientConfig;
use rustls::client::Resumption;
use ureq::http::Uri;

use super::attempt_context::AttemptContext;
use super::call_context::CallContext;
use super::connection_limit::ConnectionLimit;
use super::connector::Connector;
use super::dns::Resolver;
use super::idle_connections::Lifetime;
use super::process_pool::ProcessPool;
use super::tls_config::tls_config;
use crate::config::{Proxies, ProxyKind, Settings};
use crate::error::Error;
use crate::logging::{Log, log_skipped_verification};
use crate::os::{Current, PerProcess};

/// How many TLS sessions are kept for resumption: rustls keeps eight for one server. A client has one
/// server, and perhaps a proxy with TLS.
const TLS_SESSIONS: usize = 16;

/// The connection pool of a client.
pub(crate) struct ConnectionPool {
    config: PoolConfig,
    pool: PerProcess<ProcessPool>,
}

struct PoolConfig {
    connect_timeout: Duration,
    lifetime: Lifetime,
    max_idle_connections: usize,
    max_connections: Option<NonZeroUsize>,
    proxies: Proxies,
    tls: Option<ClientConfig>,
    only_loopback: bool,
}

impl ConnectionPool {
    /// # Errors
    ///
    /// [`Error::Config`] if the trusted certificates cannot be read.
    pub(crate) fn new(settings: &Settings) -> Result<ConnectionPool, Error> {
        let tls = uses_tls(settings)?.then(|| tls_config(settings));
        if settings.skip_verify {
            log_skipped_verification(Log::of_process());
        }
        let config = PoolConfig {
            connect_timeout: settings.connect_timeout,
            lifetime: Lifetime {
                idle_timeout: settings.idle_timeout,
                max_age: settings.connection_max_age,
            },
            max_idle_connections: settings.max_idle_connections,
            max_connections: settings.max_connections,
            proxies: settings.proxies.clone(),
            tls: tls.transpose()?,
            only_loopback: settings.skip_verify,
        };
        Ok(ConnectionPool {
            pool: PerProcess::new(config.new_pool()),
            config,
        })
    }

    /// The connections of this process.
    pub(crate) fn current(&self) -> Current<ProcessPool> {
        self.pool.get(|| self.config.new_pool())
    }

    /// Opens a connection before it is needed, unless an idle one exists.
    ///
    /// # Errors
    ///
    /// [`Error::Network`], [`Error::Tls`] or [`Error::Timeout`].
    pub(crate) async fn warm_up(
        &self,
        url: &Uri,
        deadline: Instant,
        context: CallContext<'_>,
    ) -> Result<(), Error> {
        let attempt = AttemptContext::new(context, deadline);
        let result = self.current().warm_up(url, attempt.step()).await;
        result.map_err(|error| error.into_error(&attempt))
    }
}

/// Whether connections use TLS, with the server or with its proxy.
fn uses_tls(settings: &Settings) -> Result<bool, Error> {
    let Some(base_url) = settings.base_url.as_ref().filter(|url| !url.is_https()) else {
        return Ok(true);
    };
    let url = base_url.join("/")?;
    // A proxy that cannot be used is an error of each call.
    let proxy = settings.proxies.proxy_for(&url).ok().flatten();
    Ok(proxy.is_some_and(|proxy| proxy.kind() == ProxyKind::Https))
}

impl PoolConfig {
    /// An empty pool. It shares nothing with other processes: the cache of TLS sessions has a lock, which
    /// a fork may leave locked.
    fn new_pool(&self) -> ProcessPool {
        let tls = self.tls.clone().map(|mut tls| {
            tls.resumption = Resumption::in_memory_sessions(TLS_SESSIONS);
            Arc::new(tls)
        });
        let connector = Connector {
            connect_timeout: self.connect_timeout,
            proxies: self.proxies.clone(),
            tls,
            only_loopback: self.only_loopback,
            resolver: Resolver::default(),
        };
        let limit = ConnectionLimit::new(self.max_connections);
        ProcessPool::new(connector, limit, self.max_idle_connections, self.lifetime)
    }
}
