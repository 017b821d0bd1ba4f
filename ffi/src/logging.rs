//! `descope_log_set` and `descope_client_log_set`: pass log lines to callbacks of the host program.
#![allow(unsafe_code)]

use std::ffi::{CString, c_char, c_void};

use descope_ml_core::{Status, remove_log_handler, set_log_handler};
use log::{Level, LevelFilter};

use crate::boundary::run_with_status;
use crate::callbacks::{Userdata, UserdataFree};
use crate::client::{descope_client, null_client};

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
/// during the callback) and the userdata of descope_log_set or descope_client_log_set. CALLBACKS, above,
/// says when it runs and what it may do.
#[allow(non_camel_case_types, reason = "the name in C")]
pub type descope_log_callback =
    Option<unsafe extern "C" fn(level: i32, message: *const c_char, userdata: *mut c_void)>;

/// Sets the log callback of the process. It replaces the previous one. Without a callback nothing is
/// logged.
///
/// callback        the callback; NULL removes it
/// userdata        passed to the callback unchanged; may be NULL
/// userdata_free   NULL, or a function that frees userdata; see CALLBACKS
/// max_level       the most detailed level to report, one of DESCOPE_LOG_*; DESCOPE_LOG_OFF removes the
///                 callback
///
/// A line contains no login ID, token, key or control character. Lines of a client that has a callback
/// of its own go there, and not to this one.
///
/// Returns DESCOPE_OK or DESCOPE_E_ARGUMENT (unknown level). Call it from any thread, also in a
/// callback.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_log_set(
    callback: descope_log_callback,
    userdata: *mut c_void,
    userdata_free: Option<unsafe extern "C" fn(userdata: *mut c_void)>,
    max_level: i32,
) -> i32 {
    let callback = LogCallback::new(callback, userdata, userdata_free);
    run_with_status(|| {
        let Some(level) = level_filter(max_level) else {
            return Ok(Status::Argument);
        };
        match callback.filter(|_| level != LevelFilter::Off) {
            Some(callback) => set_log_handler(level, callback.into_handler()),
            None => remove_log_handler(),
        }
        Ok(Status::Ok)
    })
}

/// Sets the log callback of a client. Its lines go there, and no longer to the callback of
/// descope_log_set. So two parts of a program that each have a client do not take each other's lines.
///
/// client          from descope_client_new
/// callback        the callback; NULL removes it: the lines go to the callback of descope_log_set again
/// userdata        passed to the callback unchanged; may be NULL
/// userdata_free   NULL, or a function that frees userdata; see CALLBACKS. The userdata of the last
///                 callback is freed with the client
/// max_level       the most detailed level to report, one of DESCOPE_LOG_*. DESCOPE_LOG_OFF: this
///                 client logs nothing, and the callback is not kept
///
/// A queue logs like its client. What descope_client_new logs goes to the callback of descope_log_set.
///
/// Returns DESCOPE_OK or DESCOPE_E_ARGUMENT (NULL, unknown level). Call it from any thread, also in a
/// callback.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_client_log_set(
    client: *mut descope_client,
    callback: descope_log_callback,
    userdata: *mut c_void,
    userdata_free: Option<unsafe extern "C" fn(userdata: *mut c_void)>,
    max_level: i32,
) -> i32 {
    let callback = LogCallback::new(callback, userdata, userdata_free);
    // SAFETY: the header requires a client that is NULL or has not been freed.
    let client = unsafe { client.as_ref() };
    run_with_status(|| {
        client.ok_or_else(null_client)?.with(|client| {
            let Some(level) = level_filter(max_level) else {
                return Ok(Status::Argument);
            };
            match callback {
                Some(_) if level == LevelFilter::Off => client.set_log_handler(level, |_, _| {}),
                Some(callback) => client.set_log_handler(level, callback.into_handler()),
                None => client.remove_log_handler(),
            }
            Ok(Status::Ok)
        })
    })
}

/// A callback and its userdata, which is freed with it.
struct LogCallback {
    function: unsafe extern "C" fn(i32, *const c_char, *mut c_void),
    userdata: Userdata,
}

impl LogCallback {
    /// Without a callback, the userdata is freed at once.
    fn new(
        callback: descope_log_callback,
        userdata: *mut c_void,
        userdata_free: UserdataFree,
    ) -> Option<LogCallback> {
        let userdata = Userdata::new(userdata, userdata_free);
        callback.map(|function| LogCallback { function, userdata })
    }

    fn into_handler(self) -> impl Fn(Level, &str) + Send + Sync {
        move |level, line| self.run(level, line)
    }

    fn run(&self, level: Level, line: &str) {
        if let Ok(line) = CString::new(line) {
            // SAFETY: the header requires a callback that can be called from any thread with this
            // userdata. The line ends with a NUL and lives until the callback returns.
            unsafe { (self.function)(level_code(level), line.as_ptr(), self.userdata.pointer()) };
        }
    }
}

fn level_filter(level: i32) -> Option<LevelFilter> {
    Some(match level {
        DESCOPE_LOG_OFF => LevelFilter::Off,
        DESCOPE_LOG_ERROR => LevelFilter::Error,
        DESCOPE_LOG_WARN => LevelFilter::Warn,
        DESCOPE_LOG_INFO => LevelFilter::Info,
        DESCOPE_LOG_DEBUG => LevelFilter::Debug,
        _ => return None,
    })
}

fn level_code(level: Level) -> i32 {
    match level {
        Level::Error => DESCOPE_LOG_ERROR,
        Level::Warn => DESCOPE_LOG_WARN,
        Level::Info => DESCOPE_LOG_INFO,
        Level::Debug | Level::Trace => DESCOPE_LOG_DEBUG,
    }
}
