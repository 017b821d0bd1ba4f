//! Connections that wait for their next request, the latest behind.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ureq::http::Uri;

use super::connection::Connection;

/// Those that wait.
pub(super) struct Idle {
    /// How many are kept at the most.
    most: usize,
    timeout: Duration,
    kept: Mutex<Vec<Connection>>,
}

impl Idle {
    pub(super) fn new(most: usize, timeout: Duration) -> Idle {
        Idle {
            most,
            timeout,
            kept: Mutex::default(),
        }
    }

    /// How many are kept at the most.
    #[cfg(test)]
    pub(super) fn most(&self) -> usize {
        self.most
    }

    /// The latest to the server of this address that the server has not closed.
    pub(super) fn take(&self, uri: &Uri) -> Option<Connection> {
        while let Some(mut connection) = self.next(uri) {
            if connection.is_quiet() {
                return Some(connection);
            }
        }
        None
    }

    /// Keeps one; where there are too many, the first goes.
    pub(super) fn keep(&self, connection: Connection) {
        let mut kept = self.kept();
        kept.push(connection);
        let gone = (kept.len() > self.most).then(|| kept.remove(0));
        // Closed only once the lock is free.
        drop(kept);
        drop(gone);
    }

    fn next(&self, uri: &Uri) -> Option<Connection> {
        let now = Instant::now();
        let mut gone = Vec::new();
        let mut kept = self.kept();
        while let Some(old) = kept
            .iter()
            .position(|one| one.idle_for(now) >= self.timeout)
        {
            gone.push(kept.remove(old));
        }
        let found = kept.iter().rposition(|one| one.target().is_of(uri));
        let found = found.map(|index| kept.remove(index));
        drop(kept);
        drop(gone);
        found
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
