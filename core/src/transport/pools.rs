//! The kept connections of a client: several small pools, so that threads do not queue for one, and
//! a new set in every forked child, so that none is shared with the parent.

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

/// For how many servers TLS sessions are kept to resume.
const TLS_SESSIONS: usize = 32;

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
        let per_shard = self.max_idle_connections.div_ceil(shards);
        let idle = |most| Idle::new(most, self.idle_timeout);
        Pools {
            generation: sys::generation(),
            dial: Dial {
                connect_timeout: self.connect_timeout,
                proxies: self.proxies.clone(),
                tls,
                names: Default::default(),
            },
            shards: (0..shards).map(|_| idle(per_shard)).collect(),
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
        let kept = self.shard().and_then(|shard| shard.take(uri));
        match kept.or_else(|| self.prepared.take(uri)) {
            Some(kept) => Ok(kept),
            None => self.dial.connect(uri, attempt),
        }
    }

    /// Keeps a connection for the next request.
    pub(super) fn keep(&self, mut connection: Connection) {
        connection.rest();
        if let Some(shard) = self.shard() {
            shard.keep(connection);
        }
    }

    /// Makes a connection ahead, unless one waits already.
    pub(super) fn warm_up(&self, uri: &Uri, attempt: &Attempt) -> Result<(), Fault> {
        let one = match self.prepared.take(uri) {
            Some(one) => one,
            None => self.dial.connect(uri, attempt)?,
        };
        self.prepared.keep(one);
        Ok(())
    }

    /// The pool of the calling thread.
    fn shard(&self) -> Option<&Idle> {
        self.shards.get(thread_number() % self.shards.len().max(1))
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
    use std::net::TcpListener;
    use std::time::Instant;

    /// Pools, and the address of a server that takes every connection and says nothing.
    fn pools(idle_timeout: Duration) -> (Pools, TcpListener, Uri) {
        let recipe = Recipe {
            connect_timeout: Duration::from_secs(10),
            idle_timeout,
            max_idle_connections: 1,
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
        let shard = pools.shard().unwrap();
        assert!(
            shard
                .take(&Uri::from_static("http://127.0.0.2:1/"))
                .is_none()
        );
        assert!(shard.take(&uri).is_some());
        assert!(shard.take(&uri).is_none());
    }

    #[test]
    fn one_that_has_been_idle_for_too_long_is_not_used() {
        let (pools, _listener, uri) = pools(Duration::ZERO);
        let one = pools.connection(&uri, &attempt()).unwrap();
        pools.keep(one);
        assert!(pools.shard().unwrap().take(&uri).is_none());
    }

    #[test]
    fn one_that_the_server_has_closed_is_not_used() {
        let (pools, listener, uri) = pools(Duration::from_secs(60));
        let mut one = pools.connection(&uri, &attempt()).unwrap();
        drop(listener.accept().unwrap());
        // Waits until the end has come.
        assert!(!one.receive(&attempt()).unwrap());
        pools.keep(one);
        assert!(pools.shard().unwrap().take(&uri).is_none());
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
}
