//! What any thread may use while another one is in `next`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::inbox::Inbox;
use super::wake_list::WakeList;

/// The part of a queue that all threads share.
pub(super) struct Shared {
    pub(super) wake_list: Arc<WakeList>,
    pub(super) inbox: Mutex<Inbox>,
    /// Whether `wake` was called. A signal handler sets it, so it is not in the inbox.
    pub(super) is_wake_requested: AtomicBool,
}

impl Shared {
    pub(super) fn new(wake_list: WakeList) -> Shared {
        Shared {
            wake_list: Arc::new(wake_list),
            inbox: Mutex::default(),
            is_wake_requested: AtomicBool::new(false),
        }
    }

    pub(super) fn lock_inbox(&self) -> MutexGuard<'_, Inbox> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether another thread has left something for the thread in `next`.
    pub(super) fn has_work(&self) -> bool {
        self.is_wake_requested.load(Ordering::SeqCst)
            || self.lock_inbox().has_requests()
            || !self.wake_list.is_empty()
    }

    /// Whether no thread was changing this when the process was forked.
    pub(super) fn is_intact(&self) -> bool {
        self.inbox.try_lock().is_ok() && self.wake_list.is_intact()
    }
}
