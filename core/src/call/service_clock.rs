//! Compares the clock of this machine with that of the service, by the `Date` of responses.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use crate::logging::{self, Log};

/// `Date` has whole seconds.
const DATE_RESOLUTION: Duration = Duration::from_secs(1);

/// What is known about the clock of the service.
#[derive(Default)]
pub(super) struct ServiceClock {
    /// The last difference, in seconds. Zero: none, or unknown.
    difference: AtomicI64,
    was_logged: AtomicBool,
}

impl ServiceClock {
    /// By how many seconds the clock of this machine is ahead of that of the service (negative: behind), if
    /// the last comparison has found a difference above the leeway.
    pub(super) fn difference(&self) -> Option<i64> {
        Some(self.difference.load(Ordering::Relaxed)).filter(|difference| *difference != 0)
    }

    /// Compares the clocks. A difference above the leeway is returned, and logged the first time.
    ///
    /// `date` is that of a response which arrived at `now`, at most `max_age` after it was made.
    pub(super) fn compare(
        &self,
        date: SystemTime,
        now: SystemTime,
        max_age: Duration,
        leeway: Duration,
        log: Log<'_>,
    ) -> Option<i64> {
        let difference = difference(date, now, max_age, leeway);
        self.difference
            .store(difference.unwrap_or(0), Ordering::Relaxed);
        if let Some(difference) = difference {
            if !self.was_logged.swap(true, Ordering::Relaxed) {
                logging::log_clock_difference(log, difference);
            }
        }
        difference
    }
}

fn difference(
    date: SystemTime,
    now: SystemTime,
    max_age: Duration,
    leeway: Duration,
) -> Option<i64> {
    let above_leeway = |time: Duration| {
        let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        (time > leeway && seconds > 0).then_some(seconds)
    };
    if let Ok(behind) = date.duration_since(now) {
        return above_leeway(behind).map(|seconds| -seconds);
    }
    let ahead = now.duration_since(date).unwrap_or_default();
    above_leeway(ahead.saturating_sub(max_age + DATE_RESOLUTION))
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn only_a_difference_above_the_leeway_counts() {
        let seconds = Duration::from_secs;
        let date = UNIX_EPOCH + seconds(1_000);
        let at = |milliseconds| {
            let now = UNIX_EPOCH + Duration::from_millis(milliseconds);
            difference(date, now, seconds(2), seconds(5))
        };
        // The response may have been made two seconds ago, and at the end of its second.
        for (milliseconds, expected) in [
            (1_000_000, None),
            (1_008_000, None),
            (1_009_500, Some(6)),
            (1_063_000, Some(60)),
            (995_000, None),
            (994_500, Some(-5)),
            (940_000, Some(-60)),
        ] {
            assert_eq!(at(milliseconds), expected, "{milliseconds}");
        }
    }

    #[test]
    fn without_leeway_a_second_counts() {
        let now = SystemTime::now();
        for (milliseconds, expected) in [(900, None), (1_000, Some(-1))] {
            let date = now + Duration::from_millis(milliseconds);
            assert_eq!(
                difference(date, now, Duration::ZERO, Duration::ZERO),
                expected
            );
        }
    }

    #[test]
    fn a_clock_that_was_set_right_is_no_longer_called_wrong() {
        let clock = ServiceClock::default();
        let (now, hour) = (SystemTime::now(), Duration::from_secs(3_600));
        let compare = |date| {
            let leeway = Duration::from_secs(5);
            clock.compare(date, now, Duration::ZERO, leeway, Log::of_process())
        };
        assert_eq!(compare(now - hour), Some(3_599));
        assert_eq!(clock.difference(), Some(3_599));
        assert_eq!(compare(now), None);
        assert_eq!(clock.difference(), None);
    }
}
