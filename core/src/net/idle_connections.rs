//! Idle connections, the most recently used last.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ureq::http::Uri;

use super::connection::Connection;

/// Idle connections, up to a number and an age.
pub(super) struct IdleConnections {
    capacity: usize,
    timeout: Duration,
    connections: Mutex<Vec<Connection>>,
}

impl IdleConnections {
    pub(super) fn new(capacity: usize, timeout: Duration) -> IdleConnections {
        IdleConnections {
            capacity,
            timeout,
            connections: Mutex::default(),
        }
    }

    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    /// Takes the most recently used connection to the server of a URL that is still open.
    pub(super) fn take(&self, url: &Uri) -> Option<Connection> {
        while let Some(mut connection) = self.take_matching(url) {
            if connection.is_reusable() {
                return Some(connection);
            }
        }
        None
    }

    /// Adds a connection. If there are too many, the least recently used one is closed.
    pub(super) fn add(&self, connection: Connection) {
        let mut connections = self.lock();
        connections.push(connection);
        let surplus = (connections.len() > self.capacity).then(|| connections.remove(0));
        // Unlock first: closing a connection is a system call.
        drop(connections);
        drop(surplus);
    }

    fn take_matching(&self, url: &Uri) -> Option<Connection> {
        let now = Instant::now();
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
