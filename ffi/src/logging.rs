//! `descope_log_set`: passes log lines to a callback of the host program.
#![allow(unsafe_code)]

use std::ffi::{CString, c_char, c_void};
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, Ordering};

use arc_swap::ArcSwapOption;
use descope_ml_core::{LOG_TARGET, Status};
use log::{Level, LevelFilter, Log, Metadata, Record};

use crate::boundary::run_with_status;
use crate::callbacks::{is_in_callback, run_callback};

/// No logging.
pub const DESCOPE_LOG_OFF: i32 = 0;
/// A bug in the library, which was caught.
pub const DESCOPE_LOG_ERROR: i32 = 1;
/// A failure that needs attention, or a fallback was used.
pub const DESCOPE_LOG_WARN: i32 = 2;
/// A call was rejected, or a failed attempt is retried.
pub const DESCOPE_LOG_INFO: i32 = 3;
/// Every request and every call.
pub const DESCOPE_LOG_DEBUG: i32 = 4;

/// Log callback. It gets a level (one of DESCOPE_LOG_*), one line without a line end (UTF-8, valid only
/// during the callback) and the userdata of descope_log_set. It runs on the thread of the call, so
/// possibly on several threads at once. It must return normally: no exception, no longjmp.
#[allow(non_camel_case_types, reason = "the name in C")]
pub type descope_log_callback =
    Option<unsafe extern "C" fn(level: i32, message: *const c_char, userdata: *mut c_void)>;

/// Sets the log callback. It replaces the previous one. Without a callback nothing is logged.
///
/// callback    the callback; NULL removes it
/// userdata    passed to the callback unchanged; may be NULL
/// max_level   the most detailed level to report, one of DESCOPE_LOG_*; DESCOPE_LOG_OFF removes the
///             callback
///
/// A line contains no login ID, token, key or control character. The old callback can still run for
/// calls in progress on other threads: keep its userdata valid until they return. The callback may
/// call the library; such calls are not logged.
///
/// Returns DESCOPE_OK, DESCOPE_E_ARGUMENT (unknown level) or DESCOPE_E_CONFIG (the library is linked
/// statically into a Rust program that has already set a logger). Call it from any thread, also in
/// the callback.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_log_set(
    callback: descope_log_callback,
    userdata: *mut c_void,
    max_level: i32,
) -> i32 {
    run_with_status(|| {
        let level = match max_level {
            DESCOPE_LOG_OFF => LevelFilter::Off,
            DESCOPE_LOG_ERROR => LevelFilter::Error,
            DESCOPE_LOG_WARN => LevelFilter::Warn,
            DESCOPE_LOG_INFO => LevelFilter::Info,
            DESCOPE_LOG_DEBUG => LevelFilter::Debug,
            _ => return Ok(Status::Argument),
        };
        let Some(callback) = callback.filter(|_| level != LevelFilter::Off) else {
            log::set_max_level(LevelFilter::Off);
            LOGGER.callback.store(None);
            return Ok(Status::Ok);
        };
        if log::set_logger(&LOGGER).is_err() && !logger_is_ours() {
            return Ok(Status::Config);
        }
        LOGGER.callback.store(Some(Arc::new(Callback {
            function: callback,
            userdata: AtomicPtr::new(userdata),
        })));
        log::set_max_level(level);
        Ok(Status::Ok)
    })
}

static LOGGER: CallbackLogger = CallbackLogger {
    callback: ArcSwapOption::const_empty(),
};

struct CallbackLogger {
    /// Read and replaced without a lock, so that a fork cannot leave one locked.
    callback: ArcSwapOption<Callback>,
}

struct Callback {
    function: unsafe extern "C" fn(i32, *const c_char, *mut c_void),
    /// Never dereferenced. An `AtomicPtr` because a raw pointer cannot be shared between threads.
    userdata: AtomicPtr<c_void>,
}

/// Whether the logger of the process is the one that an earlier call has set.
fn logger_is_ours() -> bool {
    std::ptr::addr_eq(log::logger(), &raw const LOGGER)
}

impl Log for CallbackLogger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // Records of the dependencies are not passed on: nobody has checked them for secrets.
        metadata.target() == LOG_TARGET
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) || is_in_callback() {
            return;
        }
        let callback = self.callback.load_full();
        let line = CString::new(record.args().to_string());
        if let (Some(callback), Ok(line)) = (callback, line) {
            let level = level_code(record.level());
            let userdata = callback.userdata.load(Ordering::Relaxed);
            // SAFETY: the header requires a callback that can be called from any thread with this
            // userdata. The line ends with a NUL and lives until the callback returns.
            run_callback(|| unsafe { (callback.function)(level, line.as_ptr(), userdata) });
        }
    }

    fn flush(&self) {}
}

fn level_code(level: Level) -> i32 {
    match level {
        Level::Error => DESCOPE_LOG_ERROR,
        Level::Warn => DESCOPE_LOG_WARN,
        Level::Info => DESCOPE_LOG_INFO,
        Level::Debug | Level::Trace => DESCOPE_LOG_DEBUG,
    }
}
