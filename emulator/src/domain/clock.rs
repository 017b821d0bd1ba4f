//! The emulator's clock. A test can advance or set it, so that it does not have to wait until something
//! expires, or so that it differs from the machine's clock. The clock runs on from there.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The latest time that the clock can be set to, in seconds since 1970: the start of the year 2100.
pub(crate) const MAX_SECONDS: u64 = 4_102_444_800;

/// The system's clock plus an offset.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Clock {
    offset_ms: i64,
}

/// What the clock shows, for a caller to display.
pub(crate) struct ClockReading {
    /// Seconds since 1970.
    pub(crate) now: u64,
    /// How far the clock is ahead of the system's clock, in milliseconds. Negative if it is behind.
    pub(crate) offset_ms: i64,
}

impl Clock {
    /// A clock that is ahead of the system's clock by this many milliseconds, or behind it if negative.
    /// An error says why that is not possible.
    pub(crate) fn with_offset(offset_ms: i64) -> Result<Clock, String> {
        let system = i64::try_from(system_time().as_millis()).unwrap_or(i64::MAX);
        match u64::try_from(system.saturating_add(offset_ms)) {
            Ok(millis) if millis / 1000 <= MAX_SECONDS => Ok(Clock { offset_ms }),
            Ok(_) => Err(too_late()),
            Err(_) => Err("the clock cannot be set to a time before 1970".to_owned()),
        }
    }

    /// The time since 1970.
    pub(crate) fn now(&self) -> Duration {
        let offset = Duration::from_millis(self.offset_ms.unsigned_abs());
        match self.offset_ms < 0 {
            false => system_time().saturating_add(offset),
            true => system_time().saturating_sub(offset),
        }
    }

    /// The time in whole seconds since 1970.
    pub(crate) fn seconds(&self) -> u64 {
        self.now().as_secs()
    }

    pub(crate) fn read(&self) -> ClockReading {
        ClockReading {
            now: self.seconds(),
            offset_ms: self.offset_ms,
        }
    }

    /// Moves the clock forward. An error says why that is not possible.
    pub(crate) fn advance(&mut self, by: Duration) -> Result<(), String> {
        match self.now().checked_add(by) {
            Some(time) => self.set(time),
            None => Err(too_late()),
        }
    }

    /// Sets the clock to a time since 1970. An error says why that is not possible.
    pub(crate) fn set(&mut self, time: Duration) -> Result<(), String> {
        let millis = |time: Duration| i64::try_from(time.as_millis()).map_err(|_| too_late());
        *self = Clock::with_offset(millis(time)?.saturating_sub(millis(system_time())?))?;
        Ok(())
    }
}

fn too_late() -> String {
    format!("the clock cannot be set to a time after {MAX_SECONDS}, the start of the year 2100")
}

fn system_time() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

/// Formats seconds since 1970 as an RFC 3339 date in UTC.
pub(crate) fn rfc3339(seconds: u64) -> String {
    i64::try_from(seconds)
        .ok()
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
        .and_then(|time| time.format(&Rfc3339).ok())
        .unwrap_or_default()
}
