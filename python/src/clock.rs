//! The time of day that Python's tests have put in place of that of the machine.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use descope_ml_core::{Error, with_test_time};

/// Runs `call` with the time of day `at`, in seconds since 1970; `None` stands for the clock of the machine.
pub(crate) fn run_at<T>(
    at: Option<f64>,
    call: impl FnOnce() -> Result<T, Error>,
) -> Result<T, Error> {
    match at {
        None => call(),
        Some(seconds) => with_test_time(system_time(seconds)?, call),
    }
}

fn system_time(seconds: f64) -> Result<SystemTime, Error> {
    let distance = Duration::try_from_secs_f64(seconds.abs()).ok();
    let time = distance.and_then(|distance| {
        if seconds < 0.0 {
            UNIX_EPOCH.checked_sub(distance)
        } else {
            UNIX_EPOCH.checked_add(distance)
        }
    });
    time.ok_or_else(|| Error::argument("the clock of the test is out of range"))
}
