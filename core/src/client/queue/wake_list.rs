//! The calls that other threads have made ready: a DNS lookup or a key fetch has ended.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use crate::net::Poller;

/// The keys of calls that can be continued, and the poller that tells the queue.
pub(super) struct WakeList {
    pub(super) poller: Arc<Poller>,
    keys: Mutex<Vec<u64>>,
}

impl WakeList {
    pub(super) fn new() -> io::Result<WakeList> {
        Ok(WakeList {
            poller: Arc::new(Poller::new()?),
            keys: Mutex::default(),
        })
    }

    pub(super) fn wake(&self, key: u64) {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.push(key);
        drop(keys);
        self.poller.wake();
    }

    pub(super) fn is_empty(&self) -> bool {
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.is_empty()
    }

    /// Moves the keys into `target`.
    pub(super) fn take(&self, target: &mut Vec<u64>) {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        target.append(&mut keys);
    }

    /// Whether no thread was changing the list when the process was forked.
    pub(super) fn is_intact(&self) -> bool {
        self.keys.try_lock().is_ok()
    }
}
