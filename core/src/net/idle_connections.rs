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

/// Idle connections, up to an age.
pub(super) struct IdleConnections {
    limit: Arc<IdleLimit>,
    timeout: Duration,
    connections: Mutex<Vec<Connection>>,
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

impl IdleConnections {
    pub(super) fn new(limit: &Arc<IdleLimit>, timeout: Duration) -> IdleConnections {
        IdleConnections {
            limit: Arc::clone(limit),
            timeout,
            connections: Mutex::default(),
        }
    }

    /// Takes the most recently used connection to the server of a URL that is still open.
    pub(super) fn take(&self, url: &Uri, now: Duration) -> Option<Connection> {
        while let Some(mut connection) = self.take_matching(url, now) {
            if connection.is_reusable() {
                return Some(connection);
            }
        }
        None
    }

    /// Adds a connection. If that exceeds the limit, the caller takes the surplus out of the lists.
    pub(super) fn add(&self, connection: Connection) {
        let mut connections = self.lock();
        connections.push(connection);
        self.limit.count.fetch_add(1, Ordering::SeqCst);
    }

    /// Takes the least recently used connection, if the limit is exceeded and the list has more than
    /// `keep`.
    pub(super) fn take_surplus(&self, keep: usize) -> Option<Connection> {
        let mut connections = self.lock();
        let is_surplus = connections.len() > keep && self.limit.remove_surplus();
        is_surplus.then(|| connections.remove(0))
    }

    fn take_matching(&self, url: &Uri, now: Duration) -> Option<Connection> {
        let mut expired = Vec::new();
        let mut connections = self.lock();
        while let Some(index) = connections
            .iter()
            .position(|one| one.idle_time(now) >= self.timeout)
        {
            expired.push(connections.remove(index));
        }
        let found = connections.iter().rposition(|one| one.has_origin_of(url));
        let found = found.map(|index| connections.remove(index));
        let removed = expired.len() + usize::from(found.is_some());
        self.limit.count.fetch_sub(removed, Ordering::SeqCst);
        // Unlock first: closing a connection is a system call.
        drop(connections);
        drop(expired);
        found
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
