//! Log lines: operations, statuses and times. Never a login ID, a token, a key, or a text of the service, which
//! may quote one.

mod held_lines;
mod logger;

use std::fmt::{self, Write};
use std::time::Duration;

use log::Level;
use ureq::http::Uri;
use ureq::http::uri::Authority;

use crate::error::Error;
use crate::status::Status;

pub(crate) use held_lines::HeldLines;
pub(crate) use logger::Logger;
pub use logger::{LOG_TARGET, remove_log_handler, set_log_handler};

/// Where a call writes its lines.
#[derive(Clone, Copy)]
pub(crate) struct Log<'a> {
    logger: &'a Logger,
    /// Where they stay for now, if no code of the host program may run.
    held: Option<&'a HeldLines<'a>>,
}

impl<'a> Log<'a> {
    /// For a call that nothing is held for.
    pub(crate) fn new(logger: &'a Logger) -> Log<'a> {
        Log { logger, held: None }
    }

    /// For a call during which no code of the host program may run.
    pub(crate) fn held(lines: &'a HeldLines<'a>) -> Log<'a> {
        Log {
            logger: lines.logger,
            held: Some(lines),
        }
    }

    /// Holds lines from now on.
    pub(crate) fn hold(self) -> HeldLines<'a> {
        HeldLines::new(self.logger, self.held)
    }

    /// For what belongs to no client yet.
    pub(crate) fn of_process() -> Log<'static> {
        Log::new(logger::process_logger())
    }

    #[cold]
    fn write(self, level: Level, line: fmt::Arguments<'_>) {
        match self.held {
            Some(lines) => lines.push(level, format_args!("{}", SingleLine(line))),
            None => self
                .logger
                .write(level, format_args!("{}", SingleLine(line))),
        }
    }
}

/// Writes one line. It is only formatted if anybody wants it.
macro_rules! record {
    ($log:expr, $level:expr, $($parts:tt)+) => {
        if $log.logger.is_enabled($level) {
            $log.write($level, format_args!($($parts)+));
        }
    };
}

/// Logs that an attempt starts, without the query of the URL.
pub(crate) fn log_attempt(log: Log<'_>, method: &str, url: &Uri, number: u32, max_attempts: u32) {
    record!(
        log,
        Level::Debug,
        "{method} {}{}: attempt {number} of {max_attempts}",
        url.authority().map_or("", Authority::as_str),
        url.path()
    );
}

/// Logs that an attempt failed and another one follows.
pub(crate) fn log_retry(
    log: Log<'_>,
    error: &Error,
    number: u32,
    max_attempts: u32,
    delay: Duration,
) {
    record!(
        log,
        Level::Info,
        "attempt {number} of {max_attempts} failed, retrying in {} ms: {}: {error}",
        delay.as_millis(),
        error.status().name()
    );
}

/// Logs the result of a call. The clock is only read if a logger is interested.
pub(crate) fn log_result<T>(
    log: Log<'_>,
    operation: &str,
    elapsed: impl FnOnce() -> Duration,
    result: &Result<T, Error>,
) {
    let Err(error) = result else {
        record!(
            log,
            Level::Debug,
            "{operation}: done in {}",
            Milliseconds(elapsed())
        );
        return;
    };
    let level = match error.status() {
        Status::Internal => Level::Error,
        Status::Argument | Status::Token => Level::Info,
        _ if matches!(error.http_status(), Some(400..=428 | 430..=499)) => Level::Info,
        _ => Level::Warn,
    };
    record!(
        log,
        level,
        "{operation}: failed after {}: {}: {error}; outcome {}, attempts {}, request ID {}",
        Milliseconds(elapsed()),
        error.status().name(),
        error.outcome().as_str(),
        error.attempts().unwrap_or(0),
        error.request_id().unwrap_or("none")
    );
}

/// Logs that the public keys of a project were fetched.
pub(crate) fn log_keys_fetched(log: Log<'_>) {
    record!(log, Level::Debug, "fetched the project's public keys");
}

/// Logs that a refresh of the public keys failed and the cached keys stay in use.
pub(crate) fn log_stale_keys(log: Log<'_>, error: &Error) {
    record!(
        log,
        Level::Warn,
        "could not refresh the project's public keys, using the cached ones: {}: {error}",
        error.status().name()
    );
}

/// Logs that the clock of this machine differs from that of the service, in seconds.
pub(crate) fn log_clock_difference(log: Log<'_>, difference: i64) {
    record!(
        log,
        Level::Warn,
        "the clock of this machine is {} s {} that of the service: check its time synchronization",
        difference.unsigned_abs(),
        if difference > 0 { "ahead of" } else { "behind" }
    );
}

/// Logs that the system has no CA certificates.
pub(crate) fn log_bundled_roots(log: Log<'_>) {
    record!(
        log,
        Level::Info,
        "no CA certificates found on this system, using the bundled ones"
    );
}

/// Logs that a client does without environment variables.
pub(crate) fn log_ignored_environment(log: Log<'_>) {
    record!(
        log,
        Level::Warn,
        "environment variables are ignored, since this program has more privileges than its user: set `environment` to true if whoever starts it is trusted"
    );
}

/// Logs that a client does not verify certificates.
pub(crate) fn log_skipped_verification(log: Log<'_>) {
    record!(
        log,
        Level::Warn,
        "`skipVerify` is set: the certificate of the server on this machine is not verified"
    );
}

struct Milliseconds(Duration);

impl fmt::Display for Milliseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without floating point, whose formatting would add to the size of the library.
        let tenths = (self.0.as_micros() + 50) / 100;
        write!(f, "{}.{} ms", tenths / 10, tenths % 10)
    }
}

/// Replaces control characters, so that no text from a peer or a caller can start a second record.
struct SingleLine<'a>(fmt::Arguments<'a>);

impl fmt::Display for SingleLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct Filter<'a, 'b>(&'a mut fmt::Formatter<'b>);
        impl fmt::Write for Filter<'_, '_> {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                text.split_inclusive(char::is_control).try_for_each(|part| {
                    let line = part.trim_end_matches(char::is_control);
                    self.0.write_str(line)?;
                    if line.len() < part.len() {
                        self.0.write_char(char::REPLACEMENT_CHARACTER)?;
                    }
                    Ok(())
                })
            }
        }
        Filter(f).write_fmt(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_replaced() {
        let line = SingleLine(format_args!("a{}b\u{7f}", "\r\n\0\tx\u{85}")).to_string();
        assert_eq!(line, "a\u{fffd}\u{fffd}\u{fffd}\u{fffd}x\u{fffd}b\u{fffd}");
    }
}
