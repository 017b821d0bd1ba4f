//! A thread whose signals are blocked.

use std::mem::MaybeUninit;
use std::ptr;

/// Signals are blocked in the thread that has made this, until it is dropped there.
pub(super) struct BlockedSignals {
    /// The mask of before. `None`: it could not be changed.
    pub(super) previous: Option<libc::sigset_t>,
}

impl BlockedSignals {
    /// Blocks all signals.
    pub(super) fn all() -> BlockedSignals {
        BlockedSignals::except(&[])
    }

    /// Blocks all signals but these.
    pub(super) fn except(unblocked: &[libc::c_int]) -> BlockedSignals {
        let mut blocked = MaybeUninit::<libc::sigset_t>::uninit();
        let mut previous = MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: `sigfillset` initialises the set and cannot fail on a valid pointer, nor can `sigdelset` with the
        // number of a signal. `pthread_sigmask` reads that set, and has written `previous` when it returns 0. No
        // signal is unblocked that was blocked.
        let previous = unsafe {
            libc::sigfillset(blocked.as_mut_ptr());
            for signal in unblocked {
                libc::sigdelset(blocked.as_mut_ptr(), *signal);
            }
            let changed =
                libc::pthread_sigmask(libc::SIG_BLOCK, blocked.as_ptr(), previous.as_mut_ptr());
            (changed == 0).then(|| previous.assume_init())
        };
        BlockedSignals { previous }
    }
}

impl Drop for BlockedSignals {
    fn drop(&mut self) {
        if let Some(previous) = &self.previous {
            // SAFETY: it is a mask that this thread had.
            unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, previous, ptr::null_mut()) };
        }
    }
}
