//! The emulator's clock: the one place that knows what time it is.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Tells the time since 1970.
#[derive(Debug, Default)]
pub(crate) struct Clock;

impl Clock {
    /// Now, since 1970.
    pub(crate) fn now(&self) -> Duration {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
    }

    /// Now, in whole seconds since 1970.
    pub(crate) fn seconds(&self) -> u64 {
        self.now().as_secs()
    }
}
