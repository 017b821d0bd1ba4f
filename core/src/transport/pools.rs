//! The kept connections of a client: several small pools, so that threads do not queue for one, and
//! a new set in every forked child, so that none is shared with the parent. A thread whose own pool has
//! nothing for it looks into the others before it connects.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rustls::ClientConfig;
use rustls::client::Resumption;
use ureq::http::Uri;

use super::attempt::Attempt;
use super::connection::Connection;
use super::dial::Dial;
use super::fault::Fault;
use super::idle::Idle;
use crate::config::{Proxies, Settings};
use crate::sys;

/// How many pools a client spreads its threads over.
const SHARDS: usize = 16;

/// How many connections that were made ahead are kept at the most.
const PREPARED: usize = 16;

/// How many TLS sessions are kept to resume: as many as rustls keeps of one server, for a client has one.
const TLS_SESSIONS: usize = 8;

/// What pools are made from.
pub(super) struct Recipe {
    connect_timeout: Duration,
    idle_timeout: Duration,
    max_idle_connections: usize,
    proxies: Proxies,
    tls: Option<ClientConfig>,
}

/// The pools of one process.
pub(super) struct Pools {
    /// Which process made them; see [`sys::generation`].
    generation: u64,
    dial: Dial,
    shards: Box<[Idle]>,
    /// Those that were made ahead, for whichever thread next needs a new one.
    prepared: Idle,
}

impl Recipe {
    pub(super) fn new(settings: &Settings, tls: Option<ClientConfig>) -> Recipe {
        Recipe {
            connect_timeout: settings.connect_timeout,
            idle_timeout: settings.idle_timeout,
            max_idle_connections: settings.max_idle_connections,
            proxies: settings.proxies.clone(),
            tls,
        }
    }

    /// Makes empty pools for this process. Nothing in them is shared with others: the sessions that
    /// TLS could resume are kept behind a lock, which a fork may leave held.
    pub(super) fn make(&self) -> Pools {
        let tls = self.tls.clone().map(|mut tls| {
            tls.resumption = Resumption::in_memory_sessions(TLS_SESSIONS);
            Arc::new(tls)
        });
        let shards = self.max_idle_connections.clamp(1, SHARDS);
        let (each, more) = (
            self.max_idle_connections / shards,
            self.max_idle_connections % shards,
        );
        let idle = |most| Idle::new(most, self.idle_timeout);
        Pools {
            generation: sys::generation(),
            dial: Dial {
                connect_timeout: self.connect_timeout,
                proxies: self.proxies.clone(),
                tls,
                names: Default::default(),
            },
            shards: (0..shards)
                .map(|shard| idle(each + usize::from(shard < more)))
                .collect(),
            prepared: idle(PREPARED),
        }
    }
}

impl Pools {
    /// Whether these pools were made by this very process.
    pub(super) fn are_ours(&self) -> bool {
        self.generation == sys::generation()
    }

    /// A connection to the server of this address: a kept one or, where there is none, a new one.
    pub(super) fn connection(&self, uri: &Uri, attempt: &Attempt) -> Result<Connection, Fault> {
        match self.kept(uri) {
            Some(kept) => Ok(kept),
            None => self.dial.connect(uri, attempt),
        }
    }

    /// A kept connection to the server of this address: the calling thread's own, one made ahead, or
    /// another thread's.
    fn kept(&self, uri: &Uri) -> Option<Connection> {
        let (before, own) = self.shards.split_at(self.own());
        let (own, behind) = own.split_first()?;
        own.take(uri)
            .or_else(|| self.prepared.take(uri))
            .or_else(|| {
                behind
                    .iter()
                    .chain(before)
                    .find_map(|shard| shard.take(uri))
            })
    }

    /// Keeps a connection for the next request.
    pub(super) fn keep(&self, mut connection: Connection) {
        connection.rest();
        if let Some(shard) = self.shards.get(self.own()) {
            shard.keep(connection);
        }
    }

    /// Makes a connection ahead, unless one waits already.
    pub(super) fn warm_up(&self, uri: &Uri, attempt: &Attempt) -> Result<(), Fault> {
        let one = self.connection(uri, attempt)?;
        self.prepared.keep(one);
        Ok(())
    }

    /// Which pool is the calling thread's.
    fn own(&self) -> usize {
        thread_number() % self.shards.len().max(1)
    }
}

/// A number for the calling thread, given out in turn.
fn thread_number() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static NUMBER: Cell<Option<usize>> = const { Cell::new(None) };
    }
    NUMBER.with(|number| {
        number.get().unwrap_or_else(|| {
            let next = NEXT.fetch_add(1, Ordering::Relaxed);
            number.set(Some(next));
            next
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{SocketAddr, TcpListener};
    use std::time::Instant;

    /// Pools, and the address of a server that takes every connection and says nothing.
    fn pools(idle_timeout: Duration) -> (Pools, TcpListener, Uri) {
        pools_of(1, idle_timeout)
    }

    fn pools_of(max_idle_connections: usize, idle_timeout: Duration) -> (Pools, TcpListener, Uri) {
        let recipe = Recipe {
            connect_timeout: Duration::from_secs(10),
            idle_timeout,
            max_idle_connections,
            proxies: Proxies::default(),
            tls: None,
        };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let uri = format!("http://{}/", listener.local_addr().unwrap());
        (recipe.make(), listener, uri.parse().unwrap())
    }

    fn attempt() -> Attempt {
        Attempt::new(Instant::now() + Duration::from_secs(10))
    }

    #[test]
    fn a_connection_is_taken_once_and_only_for_its_server() {
        let (pools, _listener, uri) = pools(Duration::from_secs(60));
        let one = pools.connection(&uri, &attempt()).unwrap();
        pools.keep(one);
        let elsewhere = Uri::from_static("http://127.0.0.2:1/");
        assert!(pools.kept(&elsewhere).is_none());
        assert!(pools.kept(&uri).is_some());
        assert!(pools.kept(&uri).is_none());
    }

    #[test]
    fn one_that_has_been_idle_for_too_long_is_not_used() {
        let (pools, _listener, uri) = pools(Duration::ZERO);
        let one = pools.connection(&uri, &attempt()).unwrap();
        pools.keep(one);
        assert!(pools.kept(&uri).is_none());
    }

    #[test]
    fn one_that_the_server_has_closed_is_not_used() {
        let (pools, listener, uri) = pools(Duration::from_secs(60));
        let mut one = pools.connection(&uri, &attempt()).unwrap();
        drop(listener.accept().unwrap());
        // Waits until the end has come.
        assert!(!one.receive(&attempt()).unwrap());
        pools.keep(one);
        assert!(pools.kept(&uri).is_none());
    }

    #[test]
    fn warming_up_again_makes_a_connection_no_younger() {
        let (pools, _listener, uri) = pools(Duration::from_secs(60));
        pools.warm_up(&uri, &attempt()).unwrap();
        let warm = Instant::now();
        pools.warm_up(&uri, &attempt()).unwrap();
        let one = pools.prepared.take(&uri).unwrap();
        let now = Instant::now();
        assert!(one.idle_for(now) >= now - warm);
        assert!(pools.prepared.take(&uri).is_none());
    }

    #[test]
    fn a_thread_uses_what_another_has_kept() {
        let (pools, _listener, uri) = pools_of(256, Duration::from_secs(60));
        for _ in 0..2 * SHARDS {
            std::thread::scope(|scope| {
                let call = || {
                    let one = pools.connection(&uri, &attempt()).unwrap();
                    pools.keep(one);
                };
                scope.spawn(call);
            });
        }
        assert!(pools.kept(&uri).is_some());
        assert!(pools.kept(&uri).is_none());
    }

    #[test]
    fn no_more_are_kept_than_may_be() {
        for most in [0, 1, 2, 15, 16, 17, 33, 256] {
            let (pools, _listener, _) = pools_of(most, Duration::from_secs(60));
            let kept: usize = pools.shards.iter().map(Idle::most).sum();
            assert_eq!(kept, most);
        }
    }

    #[test]
    fn an_address_that_does_not_answer_is_tried_once() {
        let (pools, listener, _) = pools(Duration::from_secs(60));
        let port = listener.local_addr().unwrap().port();
        let dead = SocketAddr::from(([127, 0, 0, 2], port));
        let live = SocketAddr::from(([127, 0, 0, 1], port));
        pools.dial.names.know("api.example", port, vec![dead, live]);
        let uri: Uri = format!("http://api.example:{port}/").parse().unwrap();
        assert!(pools.connection(&uri, &attempt()).is_ok());
        let addresses = pools.dial.names.look_up("api.example", port, &attempt());
        assert_eq!(*addresses.unwrap(), [live, dead]);
    }
}
