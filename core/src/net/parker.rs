//! Where the thread of a blocking call waits for other threads.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Wake;
use std::time::Duration;

use rustix::event::{EventfdFlags, eventfd};

use crate::os::above_standard_streams;

/// Where the thread of a blocking call waits for others. Not the one of the standard library, which belongs to a
/// handle of the thread; see [`crate::os::Thread`].
#[derive(Default)]
pub(super) struct Parker {
    is_woken: Mutex<bool>,
    condition: Condvar,
    /// Readable after a wake-up, for a thread that waits in `poll`.
    descriptor: Option<OwnedFd>,
}

impl Parker {
    /// A parker with a descriptor. It has none if the process may open no more.
    pub(super) fn with_descriptor() -> Parker {
        let flags = EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK;
        let descriptor = eventfd(0, flags).map_err(io::Error::from);
        Parker {
            descriptor: descriptor.and_then(above_standard_streams).ok(),
            ..Parker::default()
        }
    }

    /// Waits until the waker was used since the last wait, or the time is over. It may return earlier.
    pub(super) fn wait(&self, timeout: Duration) {
        let mut is_woken = self.lock();
        if !*is_woken {
            let waited = self.condition.wait_timeout(is_woken, timeout);
            is_woken = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        *is_woken = false;
    }

    /// The descriptor to wait for.
    pub(super) fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        self.descriptor.as_ref().map(AsFd::as_fd)
    }

    /// Whether the waker was used since the last wait, for a thread that waits for the descriptor.
    pub(super) fn take_wake_up(&self) -> bool {
        let mut is_woken = self.lock();
        if *is_woken {
            if let Some(descriptor) = &self.descriptor {
                // It fails only if nothing was written, because writing has failed.
                let _ = rustix::io::read(descriptor, &mut [0; 8]);
            }
        }
        std::mem::take(&mut *is_woken)
    }

    fn lock(&self) -> MutexGuard<'_, bool> {
        self.is_woken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Parker {
    fn wake(self: Arc<Self>) {
        let mut is_woken = self.lock();
        *is_woken = true;
        if let Some(descriptor) = &self.descriptor {
            // It fails only if the counter is full. Then the descriptor is readable anyway.
            let _ = rustix::io::write(descriptor, &1_u64.to_ne_bytes());
        }
        drop(is_woken);
        self.condition.notify_one();
    }
}
