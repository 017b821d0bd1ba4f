//! Where the thread of a blocking call waits for other threads.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Wake;
use std::time::Duration;

use crate::os::WakeUp;

/// Where the thread of a blocking call waits for others. Not the one of the standard library, which belongs to a
/// handle of the thread; see [`crate::os::Thread`].
#[derive(Default)]
pub(super) struct Parker {
    is_woken: Mutex<bool>,
    condition: Condvar,
    /// For a thread that waits for signals as well.
    wake_up: Option<WakeUp>,
}

impl Parker {
    /// A parker for a thread that waits for signals as well. It has no wake-up if the process may open no more
    /// descriptors.
    pub(super) fn with_wake_up() -> Parker {
        Parker {
            wake_up: WakeUp::new().ok(),
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

    /// What ends a wait for signals.
    pub(super) fn wake_up(&self) -> Option<&WakeUp> {
        self.wake_up.as_ref()
    }

    /// Whether the waker was used since the last wait, for a thread that waits for signals.
    pub(super) fn take_wake_up(&self) -> bool {
        let mut is_woken = self.lock();
        if *is_woken {
            if let Some(wake_up) = &self.wake_up {
                wake_up.clear();
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
        if let Some(wake_up) = &self.wake_up {
            wake_up.raise();
        }
        drop(is_woken);
        self.condition.notify_one();
    }
}
