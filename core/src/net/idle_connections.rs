//! A list of idle connections, the most recently used last. Lists may share a limit.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ureq::http::Uri;

use super::connection::Connection;

/// How many connections the lists that share this limit have, and how many they may have.
pub(super) struct IdleLimit {
    max: usize,
    count: AtomicUsize,
}

/// How long connections are used.
#[derive(Clone, Copy)]
pub(super) struct Lifetime {
    pub(super) idle_timeout: Duration,
    /// `None`: no limit.
    pub(super) max_age: Option<Duration>,
}

/// In boxes, since each call moves its connection several times.
#[allow(clippy::vec_box, reason = "the boxes go to the calls and come back")]
type Connections = Vec<Box<Connection>>;

/// Idle connections.
pub(super) struct IdleConnections {
    limit: Arc<IdleLimit>,
    lifetime: Lifetime,
    connections: Mutex<Connections>,
}

impl IdleLimit {
    pub(super) fn new(max: usize) -> Arc<IdleLimit> {
        Arc::new(IdleLimit {
            max,
            count: AtomicUsize::new(0),
        })
    }

    /// Whether there are more connections than allowed.
    pub(super) fn is_exceeded(&self) -> bool {
        self.count.load(Ordering::SeqCst) > self.max
    }

    /// Counts one connection less, if there are more than allowed.
    fn remove_surplus(&self) -> bool {
        let one_less = |count: usize| (count > self.max).then(|| count - 1);
        self.count
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less)
            .is_ok()
    }
}

impl Lifetime {
    /// Whether a connection may be used for another request.
    pub(super) fn allows(self, connection: &Connection, now: Duration) -> bool {
        connection.idle_time(now) < self.idle_timeout
            && self.max_age.is_none_or(|max| connection.age(now) < max)
    }
}

impl IdleConnections {
    pub(super) fn new(limit: &Arc<IdleLimit>, lifetime: Lifetime) -> IdleConnections {
        IdleConnections {
            limit: Arc::clone(limit),
            lifetime,
            connections: Mutex::default(),
        }
    }

    /// Takes the most recently used connection to the server of a URL that is still open.
    pub(super) fn take(&self, url: &Uri, now: Duration) -> Option<Box<Connection>> {
        while let Some(mut connection) = self.take_matching(url, now) {
            if connection.is_reusable() {
                connection.mark_in_use(now);
                return Some(connection);
            }
        }
        None
    }

    /// Adds a connection. If that exceeds the limit, the caller takes the surplus out of the lists.
    pub(super) fn add(&self, connection: Box<Connection>) {
        let mut connections = self.lock();
        connections.push(connection);
        self.limit.count.fetch_add(1, Ordering::SeqCst);
    }

    /// Takes the least recently used connection, if the limit is exceeded and the list has more than
    /// `keep`.
    pub(super) fn take_surplus(&self, keep: usize) -> Option<Box<Connection>> {
        let mut connections = self.lock();
        let is_surplus = connections.len() > keep && self.limit.remove_surplus();
        is_surplus.then(|| connections.remove(0))
    }

    /// Takes the connections to the server of a URL that are older than that.
    pub(super) fn take_older_than(&self, age: Duration, url: &Uri, now: Duration) -> Connections {
        let mut connections = self.lock();
        let is_taken = |one: &Connection| one.has_origin_of(url) && one.age(now) > age;
        let taken = remove_all(&mut connections, is_taken);
        self.limit.count.fetch_sub(taken.len(), Ordering::SeqCst);
        taken
    }

    fn take_matching(&self, url: &Uri, now: Duration) -> Option<Box<Connection>> {
        let mut connections = self.lock();
        let expired = remove_all(&mut connections, |one| !self.lifetime.allows(one, now));
        let found = connections.iter().rposition(|one| one.has_origin_of(url));
        let found = found.map(|index| connections.remove(index));
        let removed = expired.len() + usize::from(found.is_some());
        self.limit.count.fetch_sub(removed, Ordering::SeqCst);
        // Unlock first: closing a connection is a system call.
        drop(connections);
        drop(expired);
        found
    }

    fn lock(&self) -> MutexGuard<'_, Connections> {
        self.connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Removes and returns the connections that match, in their order.
fn remove_all(
    connections: &mut Connections,
    is_match: impl Fn(&Connection) -> bool,
) -> Connections {
    let mut removed = Vec::new();
    while let Some(index) = connections.iter().position(|one| is_match(one)) {
        removed.push(connections.remove(index));
    }
    removed
}
