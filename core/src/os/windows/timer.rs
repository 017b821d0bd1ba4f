//! Timers that signal an event. The thread pool of the system runs them.

use std::ffi::c_void;
use std::io;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use windows_sys::Win32::Foundation::{FILETIME, TRUE};
use windows_sys::Win32::System::Threading::{
    CloseThreadpoolTimer, CreateThreadpoolTimer, PTP_CALLBACK_INSTANCE, PTP_TIMER,
    SetThreadpoolTimer, WaitForThreadpoolTimerCallbacks,
};

use super::event::Event;

/// A timer that signals an event.
pub(crate) struct Timer {
    /// Made when it is set for the first time, since the system may start a thread for it. 0 before that.
    timer: Mutex<PTP_TIMER>,
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

impl Timer {
    /// A timer that is not set.
    pub(crate) fn new(event: Arc<Event>) -> Timer {
        let target = Box::new(Target {
            event,
            is_over: AtomicBool::new(false),
        });
        Timer {
            timer: Mutex::default(),
            target,
        }
    }

    /// Signals the event after this time, instead of at an earlier choice. `None`: never.
    ///
    /// # Errors
    ///
    /// That of the system, if the timer cannot be made.
    pub(crate) fn set(&self, after: Option<Duration>) -> io::Result<()> {
        let mut timer = self.timer.lock().unwrap_or_else(PoisonError::into_inner);
        stop(*timer);
        self.target.is_over.store(false, Ordering::SeqCst);
        match after {
            None => return Ok(()),
            Some(after) if after.is_zero() => {
                self.target.end();
                return Ok(());
            }
            Some(after) => {
                if *timer == 0 {
                    *timer = self.make()?;
                }
                start(*timer, after);
            }
        }
        Ok(())
    }

    /// Whether the time is over since the timer was set.
    pub(crate) fn is_over(&self) -> bool {
        self.target.is_over.load(Ordering::SeqCst)
    }

    fn make(&self) -> io::Result<PTP_TIMER> {
        let context = ptr::from_ref::<Target>(&self.target).cast_mut().cast();
        // SAFETY: the target lives until no callback runs any more: see `Drop`.
        match unsafe { CreateThreadpoolTimer(Some(signal), context, ptr::null()) } {
            0 => Err(io::Error::last_os_error()),
            timer => Ok(timer),
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        let timer = self.timer.get_mut();
        let timer = *timer.unwrap_or_else(PoisonError::into_inner);
        if timer != 0 {
            stop(timer);
            // SAFETY: the timer is open, and nobody uses it afterwards.
            unsafe { CloseThreadpoolTimer(timer) };
        }
    }
}

fn start(timer: PTP_TIMER, after: Duration) {
    // A negative time is relative, in units of 100 ns. It is rounded up.
    let units = i64::try_from(after.as_nanos().div_ceil(100)).unwrap_or(i64::MAX);
    let [low, high] = halves(units.wrapping_neg());
    let due = FILETIME {
        dwLowDateTime: low,
        dwHighDateTime: high,
    };
    // SAFETY: the timer is open, since its owner has it locked.
    unsafe { SetThreadpoolTimer(timer, &raw const due, 0, 0) };
}

/// Afterwards no callback runs. Does nothing with 0.
fn stop(timer: PTP_TIMER) {
    if timer != 0 {
        // SAFETY: the timer is open, since its owner has it locked, and this is not one of its callbacks.
        unsafe {
            SetThreadpoolTimer(timer, ptr::null(), 0, 0);
            WaitForThreadpoolTimerCallbacks(timer, TRUE);
        }
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
