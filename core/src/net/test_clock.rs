//! The time of day that the tests of a host program have put in place of that of the machine.

use std::cell::Cell;
use std::time::SystemTime;

thread_local! {
    /// What calls take that this thread starts.
    static TIME: Cell<Option<SystemTime>> = const { Cell::new(None) };
}

/// For the tests of host programs: the calls that `work` starts on this thread validate tokens as if it were
/// `time` all along, also if a queue continues them later or on another thread. Other calls are not affected.
///
/// It counts for tokens that the caller presents. Those that the service has just sent are judged by the `Date`
/// of its response, as always. Timeouts, waits and the age of public keys follow the clock of the machine.
pub fn with_test_time<T>(time: SystemTime, work: impl FnOnce() -> T) -> T {
    let _restore = Restore(TIME.replace(Some(time)));
    work()
}

/// The time in place of that of the machine, on this thread.
pub(super) fn test_time() -> Option<SystemTime> {
    TIME.get()
}

/// Restores the time when it is dropped, also after a panic.
struct Restore(Option<SystemTime>);

impl Drop for Restore {
    fn drop(&mut self) {
        TIME.set(self.0);
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn the_innermost_time_counts_and_the_outer_one_is_restored() {
        let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        with_test_time(at(1), || {
            with_test_time(at(2), || assert_eq!(test_time(), Some(at(2))));
            assert_eq!(test_time(), Some(at(1)));
        });
        assert_eq!(test_time(), None);
    }

    #[test]
    fn a_panic_leaves_no_time_behind() {
        let panic = std::panic::catch_unwind(|| with_test_time(UNIX_EPOCH, || panic!("expected")));
        assert!(panic.is_err());
        assert_eq!(test_time(), None);
    }

    #[test]
    fn another_thread_has_the_time_of_the_machine() {
        with_test_time(UNIX_EPOCH, || {
            std::thread::scope(|scope| {
                let other = scope.spawn(test_time).join();
                assert_eq!(other.expect("the thread ends"), None);
            });
        });
    }
}
