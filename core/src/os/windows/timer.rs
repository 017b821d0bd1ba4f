//! Timers that signal an event. The thread pool of the system runs them.

use std::ffi::c_void;
use std::io;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use windows_sys::Win32::Foundation::{FILETIME, TRUE};
use windows_sys::Win32::System::Threading::{
    CloseThreadpoolTimer, CreateThreadpoolTimer, PTP_CALLBACK_INSTANCE, PTP_TIMER,
    SetThreadpoolTimer, WaitForThreadpoolTimerCallbacks,
};

use super::event::Event;

/// A timer that signals an event.
pub(crate) struct Timer {
    timer: PTP_TIMER,
    target: Box<Target>,
}

struct Target {
    event: Arc<Event>,
    is_over: AtomicBool,
}

impl Target {
    fn end(&self) {
        self.is_over.store(true, Ordering::SeqCst);
        self.event.set();
    }
}

// SAFETY: any thread may set and close a timer of the thread pool. The rest is `Send` and `Sync`.
unsafe impl Send for Timer {}
// SAFETY: as above.
unsafe impl Sync for Timer {}

impl Timer {
    /// A timer that is not set.
    pub(crate) fn new(event: Arc<Event>) -> io::Result<Timer> {
        let target = Box::new(Target {
            event,
            is_over: AtomicBool::new(false),
        });
        let context = ptr::from_ref::<Target>(&target).cast_mut().cast();
        // SAFETY: `target` lives until no callback runs any more: see `Drop`.
        let timer = unsafe { CreateThreadpoolTimer(Some(signal), context, ptr::null()) };
        if timer == 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(Timer { timer, target })
    }

    /// Signals the event after this time, instead of at an earlier choice. `None`: never.
    pub(crate) fn set(&self, after: Option<Duration>) {
        self.stop();
        self.target.is_over.store(false, Ordering::SeqCst);
        let Some(after) = after else {
            return;
        };
        if after.is_zero() {
            self.target.end();
            return;
        }
        // A negative time is relative, in units of 100 ns. It is rounded up.
        let units = i64::try_from(after.as_nanos().div_ceil(100)).unwrap_or(i64::MAX);
        let [low, high] = halves(units.wrapping_neg());
        let due = FILETIME {
            dwLowDateTime: low,
            dwHighDateTime: high,
        };
        // SAFETY: the timer is open.
        unsafe { SetThreadpoolTimer(self.timer, &raw const due, 0, 0) };
    }

    /// Whether the time is over since the timer was set.
    pub(crate) fn is_over(&self) -> bool {
        self.target.is_over.load(Ordering::SeqCst)
    }

    /// Afterwards no callback runs.
    fn stop(&self) {
        // SAFETY: the timer is open, and this is not one of its callbacks.
        unsafe {
            SetThreadpoolTimer(self.timer, ptr::null(), 0, 0);
            WaitForThreadpoolTimerCallbacks(self.timer, TRUE);
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.stop();
        // SAFETY: the timer is open, and nobody uses it afterwards.
        unsafe { CloseThreadpoolTimer(self.timer) };
    }
}

unsafe extern "system" fn signal(_: PTP_CALLBACK_INSTANCE, context: *mut c_void, _: PTP_TIMER) {
    // SAFETY: it is the target of a timer that is not closed yet.
    let target = unsafe { &*context.cast::<Target>() };
    target.end();
}

/// The lower and the upper half of a number.
fn halves(number: i64) -> [u32; 2] {
    let [a, b, c, d, e, f, g, h] = number.to_le_bytes();
    [[a, b, c, d], [e, f, g, h]].map(u32::from_le_bytes)
}
