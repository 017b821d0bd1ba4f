//! A clock that does not stop while the machine is suspended.

use std::mem::MaybeUninit;
use std::time::Duration;

use super::kernel::CLOCK_SINCE_BOOT;

/// The time since the machine started, including the time for which it was suspended.
pub(crate) fn time_since_boot() -> Duration {
    let mut time = MaybeUninit::<libc::timespec>::zeroed();
    // SAFETY: `time` has room for what the function writes. Without a change, it is a valid time: zero.
    let time = unsafe {
        libc::clock_gettime(CLOCK_SINCE_BOOT, time.as_mut_ptr());
        time.assume_init()
    };
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
}
