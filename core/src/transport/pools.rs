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
        connection.shrink();
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
