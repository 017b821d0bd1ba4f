//! Connections that are made ahead of the requests that will use them.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ureq::http::Uri;
use ureq::unversioned::transport::Either;

use super::connection::Connection;
use super::socket::Socket;
use super::tls::Tls;

/// How many are kept at the most.
const KEPT: usize = 16;

/// A connection of either kind.
pub(super) type Made = Either<Connection<Socket>, Connection<Tls>>;

/// One that waits for its request.
pub(super) struct Prepared {
    /// Scheme, host and port.
    target: String,
    since: Instant,
    connection: Made,
}

/// Those that wait. ureq comes here only where its own pools have none, so the lock is no part of a
/// warm call.
pub(super) struct Waiting {
    idle_timeout: Duration,
    kept: Mutex<Vec<Prepared>>,
}

impl Prepared {
    pub(super) fn new(target: &Uri, connection: Made) -> Prepared {
        Prepared {
            target: name_of(target),
            since: Instant::now(),
            connection,
        }
    }

    pub(super) fn into_connection(self) -> Made {
        self.connection
    }
}

impl Waiting {
    pub(super) fn new(idle_timeout: Duration) -> Waiting {
        Waiting {
            idle_timeout,
            kept: Mutex::default(),
        }
    }

    /// One to this server, which has not closed it.
    pub(super) fn take(&self, target: &Uri) -> Option<Prepared> {
        let target = name_of(target);
        while let Some(mut found) = self.next(&target) {
            let is_quiet = match &mut found.connection {
                Either::A(plain) => plain.is_quiet(),
                Either::B(tls) => tls.is_quiet(),
            };
            if is_quiet {
                return Some(found);
            }
        }
        None
    }

    /// Keeps one for whoever connects next; where there are too many, the oldest goes.
    pub(super) fn keep(&self, one: Prepared) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let gone = (kept.len() >= KEPT).then(|| kept.remove(0));
        kept.push(one);
        // Closed only once the lock is free.
        drop(kept);
        drop(gone);
    }

    fn next(&self, target: &str) -> Option<Prepared> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|one| one.since.elapsed() < self.idle_timeout);
        let index = kept.iter().position(|one| one.target == target)?;
        Some(kept.remove(index))
    }
}

fn name_of(target: &Uri) -> String {
    let part = |part: Option<&str>| part.unwrap_or_default().to_owned();
    part(target.scheme_str()) + "://" + &part(target.authority().map(|one| one.as_str()))
}
