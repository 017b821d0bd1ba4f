//! What the library tells a log, through the `log` crate under [`LOG_TARGET`]: operations, statuses and
//! times. Never a login ID, a token or a key, nor the service's own sentences, which may quote one.

use std::fmt::{self, Write};
use std::time::{Duration, Instant};

use log::Level;

use crate::error::Error;
use crate::status::Status;
use crate::transport::Message;

/// The target of every record.
pub const LOG_TARGET: &str = "descope_ml";

/// One record; its parts are only put together when somebody listens.
macro_rules! tell {
    ($level:expr, $($parts:tt)+) => {
        log::log!(target: LOG_TARGET, $level, "{}", Clean(format_args!($($parts)+)))
    };
}

/// A request is about to go out.
pub(crate) fn attempt(message: &Message<'_>, number: u32, max_attempts: u32) {
    tell!(
        Level::Debug,
        "{} {}{}: attempt {number} of {max_attempts}",
        message.route.method.as_str(),
        message
            .route
            .uri
            .authority()
            .map_or("", |authority| authority.as_str()),
        message.route.uri.path()
    );
}

/// An attempt has failed, and another one follows.
pub(crate) fn again(error: &Error, delay: Duration) {
    tell!(
        Level::Info,
        "an attempt failed, the next one follows in {} ms: {}: {error}",
        delay.as_millis(),
        error.status().name()
    );
}

/// A call has ended.
pub(crate) fn ended<T>(operation: &str, start: Instant, result: &Result<T, Error>) {
    let Err(error) = result else {
        tell!(Level::Debug, "{operation}: done in {}", Millis(start));
        return;
    };
    let level = match error.status() {
        Status::Internal => Level::Error,
        Status::Argument | Status::Token => Level::Info,
        _ if matches!(error.http_status(), Some(400..=428 | 430..=499)) => Level::Info,
        _ => Level::Warn,
    };
    tell!(
        level,
        "{operation}: failed in {}: {}: {error}; outcome {}, attempts {}, request ID {}",
        Millis(start),
        error.status().name(),
        error.outcome().as_str(),
        error.attempts().unwrap_or(0),
        error.request_id().unwrap_or("none")
    );
}

/// The keys of a project have been fetched.
pub(crate) fn keys_fetched() {
    tell!(Level::Debug, "the project's public keys have been fetched");
}

/// The keys of a project could not be fetched anew, and those that are known serve on.
pub(crate) fn keys_kept(error: &Error) {
    tell!(
        Level::Warn,
        "the project's public keys could not be renewed, the known ones serve on: {}: {error}",
        error.status().name()
    );
}

/// The system has no certificates.
pub(crate) fn bundled_roots() {
    tell!(
        Level::Info,
        "the system has no store of certificates: the bundled ones serve"
    );
}

/// The milliseconds since then.
struct Millis(Instant);

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} ms", self.0.elapsed().as_secs_f64() * 1_000.0)
    }
}

/// Text on one line: whatever a peer or a caller has put into it, it starts no second record.
struct Clean<'a>(fmt::Arguments<'a>);

impl fmt::Display for Clean<'_> {
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
    fn a_record_is_one_line_whatever_is_in_it() {
        let told = Clean(format_args!("a{}b\u{7f}", "\r\n\0\tx\u{85}")).to_string();
        assert_eq!(told, "a\u{fffd}\u{fffd}\u{fffd}\u{fffd}x\u{fffd}b\u{fffd}");
    }
}
