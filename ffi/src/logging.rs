//! `descope_log_set`: the library's log, given to the host.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::ffi::{CString, c_char, c_void};
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, Ordering};

use arc_swap::ArcSwapOption;
use descope_ml_core::{Error, LOG_TARGET, Status};
use log::{Level, LevelFilter, Log, Metadata, Record};

use crate::boundary;

/// Nothing is logged.
pub const DESCOPE_LOG_OFF: i32 = 0;
/// A bug in the library, caught.
pub const DESCOPE_LOG_ERROR: i32 = 1;
/// A call failed for a reason that somebody should look at, or something was done in another way.
pub const DESCOPE_LOG_WARN: i32 = 2;
/// A call was refused, or an attempt failed and is repeated.
pub const DESCOPE_LOG_INFO: i32 = 3;
/// Every request and every call.
pub const DESCOPE_LOG_DEBUG: i32 = 4;

/// What the host does with a line of the log: one of DESCOPE_LOG_*, the line without its end, UTF-8 and
/// valid only during the call, and the userdata of descope_log_set. It is called on the thread that the
/// call runs on, also on several at once; it must return, and neither throw nor jump out.
#[allow(non_camel_case_types, reason = "the name that C sees")]
pub type descope_log_callback =
    Option<unsafe extern "C" fn(level: i32, message: *const c_char, userdata: *mut c_void)>;

/// Sets who is told the library's log, in the place of who was told before. Without it nobody is.
///
/// callback    who is told; NULL: nobody any more
/// userdata    handed on to the callback as it is; may be NULL
/// max_level   up to which of DESCOPE_LOG_* it is told; DESCOPE_LOG_OFF: nothing
///
/// No line holds a login ID, a token or a key; each is free of control characters. Calls that other
/// threads have under way may still tell the callback that was set before, so what its userdata points
/// to must last until they have ended. What the library does within a callback is not logged.
///
/// Returns DESCOPE_OK, DESCOPE_E_ARGUMENT (no such level) or DESCOPE_E_CONFIG (the library is linked
/// statically into a Rust program whose log is already somebody else's). May be called from any thread,
/// also within a callback.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_log_set(
    callback: descope_log_callback,
    userdata: *mut c_void,
    max_level: i32,
) -> i32 {
    boundary::status(|| {
        let level = match max_level {
            DESCOPE_LOG_OFF => LevelFilter::Off,
            DESCOPE_LOG_ERROR => LevelFilter::Error,
            DESCOPE_LOG_WARN => LevelFilter::Warn,
            DESCOPE_LOG_INFO => LevelFilter::Info,
            DESCOPE_LOG_DEBUG => LevelFilter::Debug,
            _ => return Err(Error::argument("there is no such level: use DESCOPE_LOG_*")),
        };
        let Some(callback) = callback.filter(|_| level != LevelFilter::Off) else {
            log::set_max_level(LevelFilter::Off);
            HOST_LOG.host.store(None);
            return Ok(Status::Ok);
        };
        if log::set_logger(&HOST_LOG).is_err() && !is_ours() {
            return Err(Error::config(
                "the log belongs to the program that the library is part of",
            ));
        }
        HOST_LOG.host.store(Some(Arc::new(Host {
            callback,
            userdata: AtomicPtr::new(userdata),
        })));
        log::set_max_level(level);
        Ok(Status::Ok)
    })
}

static HOST_LOG: HostLog = HostLog {
    host: ArcSwapOption::const_empty(),
};

struct HostLog {
    /// Who is told. Read and replaced without a lock, so that a fork leaves none taken.
    host: ArcSwapOption<Host>,
}

struct Host {
    callback: unsafe extern "C" fn(i32, *const c_char, *mut c_void),
    /// Never looked into: it only travels, to whatever thread.
    userdata: AtomicPtr<c_void>,
}

thread_local! {
    /// Whether this thread is inside a callback.
    static TELLING: Cell<bool> = const { Cell::new(false) };
}

/// Whether the log is the one that an earlier call has set.
fn is_ours() -> bool {
    std::ptr::addr_eq(log::logger(), &raw const HOST_LOG)
}

impl Log for HostLog {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // The libraries below have more to say, which is not for hosts, nor checked for secrets.
        metadata.target() == LOG_TARGET
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) || TELLING.get() {
            return;
        }
        let host = self.host.load_full();
        let line = CString::new(record.args().to_string());
        if let (Some(host), Ok(line)) = (host, line) {
            TELLING.set(true);
            let userdata = host.userdata.load(Ordering::Relaxed);
            // SAFETY: the host vouches that its callback may be called like this, from any thread,
            // with this userdata; the line ends with a NUL and lives until the callback returns.
            unsafe { (host.callback)(code(record.level()), line.as_ptr(), userdata) };
            TELLING.set(false);
        }
    }

    fn flush(&self) {}
}

/// The number of a level.
fn code(level: Level) -> i32 {
    match level {
        Level::Error => DESCOPE_LOG_ERROR,
        Level::Warn => DESCOPE_LOG_WARN,
        Level::Info => DESCOPE_LOG_INFO,
        Level::Debug | Level::Trace => DESCOPE_LOG_DEBUG,
    }
}
