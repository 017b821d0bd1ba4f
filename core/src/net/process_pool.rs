//! The open connections of one process. They are spread over several lists, so that threads do not wait
//! for one lock. A thread first looks into its own list, then into the others.

use std::sync::Arc;
use std::time::Duration;

use ureq::http::Uri;

use super::attempt_context::Step;
use super::connection::Connection;
use super::connection_limit::{ConnectionLimit, Permit};
use super::connector::Connector;
use super::idle_connections::{IdleConnections, IdleLimit, Lifetime};
use super::network_block;
use super::transport_error::TransportError;
use crate::os::ThreadId;

/// The number of lists.
const SHARDS: usize = 16;

/// The maximum number of warmed-up connections.
const MAX_WARMED_UP: usize = 16;

/// Whether a request may use a connection that is already open.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reuse {
    Allowed,
    Forbidden,
}

/// The open connections of one process.
pub(crate) struct ProcessPool {
    connector: Connector,
    limit: ConnectionLimit,
    lifetime: Lifetime,
    idle_limit: Arc<IdleLimit>,
    shards: Box<[IdleConnections]>,
    /// Connections that were opened before they were needed, for any thread.
    warmed_up: IdleConnections,
}

impl ProcessPool {
    pub(super) fn new(
        connector: Connector,
        limit: ConnectionLimit,
        max_idle_connections: usize,
        lifetime: Lifetime,
    ) -> ProcessPool {
        let new_list = |limit: &_| IdleConnections::new(limit, lifetime);
        let idle_limit = IdleLimit::new(max_idle_connections);
        ProcessPool {
            connector,
            limit,
            lifetime,
            shards: (0..SHARDS).map(|_| new_list(&idle_limit)).collect(),
            idle_limit,
            warmed_up: new_list(&IdleLimit::new(MAX_WARMED_UP)),
        }
    }

    /// Waits until one more connection may be used. The caller keeps the permit as long as it uses the
    /// connection.
    pub(crate) fn permit<'a>(
        &'a self,
        step: Step<'a>,
    ) -> impl Future<Output = Result<Permit<'a>, TransportError>> {
        self.limit.permit(step)
    }

    /// A connection to the server of a URL: an idle one, if that is allowed and there is one.
    ///
    /// # Errors
    ///
    /// [`TransportError::Timeout`] if no time is left, or why no connection could be opened.
    pub(crate) async fn acquire(
        &self,
        url: &Uri,
        reuse: Reuse,
        step: Step<'_>,
    ) -> Result<Box<Connection>, TransportError> {
        step.time_left()?;
        network_block::check(url, &self.connector.proxies)?;
        if reuse == Reuse::Allowed {
            if let Some(connection) = self.take_idle(url, step.call().time_since_boot()) {
                step.call().connection_acquired(true);
                return Ok(connection);
            }
        }
        let connection = self.connector.connect(url, step).await;
        if connection.is_ok() {
            step.call().connection_acquired(false);
        }
        connection
    }

    /// Keeps a connection for later requests, unless it is too old. If there are too many, one that was
    /// not used for longer is closed.
    pub(crate) fn release(&self, mut connection: Box<Connection>, now: Duration) {
        connection.mark_idle(now);
        if !self.lifetime.allows(&connection, now) {
            return;
        }
        let (before, own) = self.shards.split_at(self.shard_index());
        let Some((own, after)) = own.split_first() else {
            return;
        };
        own.add(connection);
        let others = || after.iter().chain(before);
        // Other threads add and take connections meanwhile, so one round may find none.
        while self.idle_limit.is_exceeded() {
            let surplus = own
                .take_surplus(1)
                .or_else(|| others().find_map(|shard| shard.take_surplus(0)))
                .or_else(|| own.take_surplus(0));
            drop(surplus);
        }
    }

    /// Closes the idle connections to the server of a URL that are older than that.
    pub(crate) fn close_older_than(&self, age: Duration, url: &Uri, now: Duration) {
        for list in self.shards.iter().chain([&self.warmed_up]) {
            drop(list.take_older_than(age, url, now));
        }
    }

    /// Opens a connection before it is needed, unless an idle one exists.
    pub(super) async fn warm_up(&self, url: &Uri, step: Step<'_>) -> Result<(), TransportError> {
        let _permit = self.permit(step).await?;
        let mut connection = self.acquire(url, Reuse::Allowed, step).await?;
        step.require_memory()?;
        connection.stop_watching();
        self.warmed_up.add(connection);
        drop(self.warmed_up.take_surplus(0));
        Ok(())
    }

    /// Takes an idle connection: one of the calling thread, a warmed-up one, or one of another thread.
    fn take_idle(&self, url: &Uri, now: Duration) -> Option<Box<Connection>> {
        let (before, own) = self.shards.split_at(self.shard_index());
        let (own, after) = own.split_first()?;
        own.take(url, now)
            .or_else(|| self.warmed_up.take(url, now))
            .or_else(|| {
                let others = after.iter().chain(before);
                others.into_iter().find_map(|shard| shard.take(url, now))
            })
    }

    /// The list of the calling thread.
    fn shard_index(&self) -> usize {
        ThreadId::current().number() % self.shards.len().max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Proxies;
    use crate::net::dns::Resolver;
    use crate::net::testing::with_blocking_step;
    use crate::os::time_since_boot;
    use std::net::{SocketAddr, TcpListener};
    use std::time::Instant;

    const ONE_MINUTE: Lifetime = Lifetime {
        idle_timeout: Duration::from_secs(60),
        max_age: None,
    };

    const NO_TIME: Lifetime = Lifetime {
        idle_timeout: Duration::ZERO,
        max_age: None,
    };

    /// A pool, and a server that accepts every connection and sends nothing.
    fn new_pool(lifetime: Lifetime) -> (ProcessPool, TcpListener, Uri) {
        new_pool_of(1, lifetime)
    }

    fn new_pool_of(
        max_idle_connections: usize,
        lifetime: Lifetime,
    ) -> (ProcessPool, TcpListener, Uri) {
        let connector = Connector {
            connect_timeout: Duration::from_secs(10),
            proxies: Proxies::default(),
            tls: None,
            only_loopback: false,
            resolver: Resolver::default(),
        };
        let pool = ProcessPool::new(
            connector,
            ConnectionLimit::new(None),
            max_idle_connections,
            lifetime,
        );
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        (pool, listener, url.parse().unwrap())
    }

    fn in_10_seconds() -> Instant {
        Instant::now() + Duration::from_secs(10)
    }

    fn acquire(pool: &ProcessPool, url: &Uri) -> Box<Connection> {
        with_blocking_step(in_10_seconds(), async |step: Step<'_>| {
            pool.acquire(url, Reuse::Allowed, step).await.unwrap()
        })
    }

    fn warm_up(pool: &ProcessPool, url: &Uri) {
        with_blocking_step(in_10_seconds(), async |step: Step<'_>| {
            pool.warm_up(url, step).await.unwrap();
        });
    }

    impl ProcessPool {
        fn connect_another(&self, url: &Uri) -> Box<Connection> {
            with_blocking_step(in_10_seconds(), async |step: Step<'_>| {
                self.connector.connect(url, step).await.unwrap()
            })
        }
    }

    #[test]
    fn a_connection_is_taken_once_and_only_for_its_origin() {
        let (pool, _listener, url) = new_pool(ONE_MINUTE);
        let one = acquire(&pool, &url);
        pool.release(one, time_since_boot());
        let elsewhere = Uri::from_static("http://127.0.0.2:1/");
        assert!(pool.take_idle(&elsewhere, time_since_boot()).is_none());
        assert!(pool.take_idle(&url, time_since_boot()).is_some());
        assert!(pool.take_idle(&url, time_since_boot()).is_none());
    }

    #[test]
    fn time_for_which_a_connection_is_used_begins_when_it_is_taken() {
        let (pool, _listener, url) = new_pool(ONE_MINUTE);
        let before = time_since_boot();
        let one = acquire(&pool, &url);
        let minute = Duration::from_secs(60);
        assert!(one.use_time(before + minute) <= minute);
        pool.release(one, before + minute);
        let one = pool.take_idle(&url, before + minute * 3 / 2).unwrap();
        // The machine may be suspended during a call: the clock of the pool goes on.
        assert_eq!(one.use_time(before + minute * 100), minute * 197 / 2);
    }

    #[test]
    fn expired_connections_are_not_reused() {
        let (pool, _listener, url) = new_pool(NO_TIME);
        let one = acquire(&pool, &url);
        pool.release(one, time_since_boot());
        assert!(pool.take_idle(&url, time_since_boot()).is_none());
    }

    #[test]
    fn a_connection_is_not_used_beyond_its_age_however_busy_it_is() {
        let max_age = Some(Duration::from_secs(100));
        let lifetime = Lifetime {
            max_age,
            ..ONE_MINUTE
        };
        let (pool, _listener, url) = new_pool(lifetime);
        let opened = time_since_boot();
        let mut one = acquire(&pool, &url);
        for seconds in [50, 98] {
            pool.release(one, opened + Duration::from_secs(seconds));
            let next = pool.take_idle(&url, opened + Duration::from_secs(seconds + 1));
            one = next.unwrap();
        }
        pool.release(one, opened + Duration::from_secs(99));
        assert!(
            pool.take_idle(&url, opened + Duration::from_secs(101))
                .is_none()
        );
        // Neither is it kept.
        let one = acquire(&pool, &url);
        pool.release(one, opened + Duration::from_secs(300));
        assert!(pool.take_idle(&url, opened).is_none());
    }

    #[test]
    fn connections_older_than_an_age_are_closed_however_recently_they_were_used() {
        let (pool, _listener, url) = new_pool_of(8, ONE_MINUTE);
        warm_up(&pool, &url);
        let old: Vec<_> = (0..3).map(|_| pool.connect_another(&url)).collect();
        let call_started = time_since_boot();
        let new = pool.connect_another(&url);
        let now = time_since_boot() + Duration::from_secs(20);
        for one in old.into_iter().chain([new]) {
            pool.release(one, now);
        }
        let take_all = || -> Vec<_> {
            let idle = std::iter::from_fn(|| pool.take_idle(&url, now));
            idle.collect()
        };
        let elsewhere = Uri::from_static("http://127.0.0.2:1/");
        for (server, left) in [(&elsewhere, 5), (&url, 1)] {
            pool.close_older_than(now - call_started, server, now);
            let idle = take_all();
            assert_eq!(idle.len(), left);
            idle.into_iter().for_each(|one| pool.release(one, now));
        }
    }

    #[test]
    fn closed_connections_are_not_reused() {
        let (pool, listener, url) = new_pool(ONE_MINUTE);
        let mut one = acquire(&pool, &url);
        drop(listener.accept().unwrap());
        // Wait until the close has arrived.
        with_blocking_step(in_10_seconds(), async |step: Step<'_>| {
            assert!(!one.receive(step).await.unwrap());
        });
        pool.release(one, time_since_boot());
        assert!(pool.take_idle(&url, time_since_boot()).is_none());
    }

    #[test]
    fn second_warm_up_does_not_reset_the_idle_time() {
        let (pool, _listener, url) = new_pool(ONE_MINUTE);
        warm_up(&pool, &url);
        let warm = time_since_boot();
        warm_up(&pool, &url);
        let one = pool.warmed_up.take(&url, time_since_boot()).unwrap();
        let now = time_since_boot();
        assert!(one.idle_time(now) >= now - warm);
        assert!(pool.warmed_up.take(&url, time_since_boot()).is_none());
    }

    #[test]
    fn a_thread_reuses_the_connection_of_another_thread() {
        let (pool, _listener, url) = new_pool_of(256, ONE_MINUTE);
        for _ in 0..2 * SHARDS {
            std::thread::scope(|scope| {
                let call = || {
                    let one = acquire(&pool, &url);
                    pool.release(one, time_since_boot());
                };
                scope.spawn(call);
            });
        }
        assert!(pool.take_idle(&url, time_since_boot()).is_some());
        assert!(pool.take_idle(&url, time_since_boot()).is_none());
    }

    #[test]
    fn threads_share_the_limit_of_idle_connections() {
        for max in [0, 1, 3, 40] {
            let (pool, _listener, url) = new_pool_of(max, ONE_MINUTE);
            for threads in [1, 4] {
                std::thread::scope(|scope| {
                    for _ in 0..threads {
                        scope.spawn(|| {
                            let open = (0..20).map(|_| pool.connect_another(&url));
                            let open: Vec<_> = open.collect();
                            open.into_iter()
                                .for_each(|one| pool.release(one, time_since_boot()));
                        });
                    }
                });
                let idle = std::iter::from_fn(|| pool.take_idle(&url, time_since_boot())).count();
                assert_eq!(idle, max.min(20 * threads));
            }
        }
    }

    #[test]
    fn an_address_that_does_not_answer_is_tried_last_from_then_on() {
        let (pool, listener, _) = new_pool(ONE_MINUTE);
        let port = listener.local_addr().unwrap().port();
        let dead = SocketAddr::from(([127, 0, 0, 2], port));
        let live = SocketAddr::from(([127, 0, 0, 1], port));
        pool.connector
            .resolver
            .insert("api.example", port, vec![dead, live]);
        let url: Uri = format!("http://api.example:{port}/").parse().unwrap();
        acquire(&pool, &url);
        with_blocking_step(in_10_seconds(), async |step: Step<'_>| {
            let resolver = &pool.connector.resolver;
            let addresses = resolver.look_up("api.example", port, step).await;
            assert_eq!(*addresses.unwrap(), [live, dead]);
        });
    }
}
