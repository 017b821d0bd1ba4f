//! The emulator's clock: the one place that knows what time it is. It can be put forward or set, so
//! that what expires can be tested without waiting; it runs on from there.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The last second that the clock can be set to: the start of the year 2100.
pub(crate) const LAST: u64 = 4_102_444_800;

/// Tells the time since 1970.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    /// How far it is ahead of the system's clock, in milliseconds.
    ahead: AtomicI64,
}

impl Clock {
    /// Now, since 1970.
    pub(crate) fn now(&self) -> Duration {
        let ahead = self.ahead();
        let by = Duration::from_millis(ahead.unsigned_abs());
        match ahead < 0 {
            false => system().saturating_add(by),
            true => system().saturating_sub(by),
        }
    }

    /// Now, in whole seconds since 1970.
    pub(crate) fn seconds(&self) -> u64 {
        self.now().as_secs()
    }

    /// How far it is ahead of the system's clock, in milliseconds; less than zero when it is behind.
    pub(crate) fn ahead(&self) -> i64 {
        self.ahead.load(Ordering::Relaxed)
    }

    /// Puts it forward; whether it could be.
    #[must_use]
    pub(crate) fn advance(&self, by: Duration) -> bool {
        self.now()
            .checked_add(by)
            .is_some_and(|time| self.set(time))
    }

    /// Sets it to a time since 1970, from which it runs on; whether it could be.
    #[must_use]
    pub(crate) fn set(&self, time: Duration) -> bool {
        let millis = |time: Duration| i64::try_from(time.as_millis()).ok();
        match (millis(time), millis(system())) {
            (Some(wanted), Some(system)) if time.as_secs() <= LAST => {
                self.ahead.store(wanted - system, Ordering::Relaxed);
                true
            }
            _ => false,
        }
    }

    /// Follows the system's clock again.
    pub(crate) fn reset(&self) {
        self.ahead.store(0, Ordering::Relaxed);
    }
}

fn system() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}
