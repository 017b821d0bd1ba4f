//! A clock that does not stop while the machine is suspended.

use std::time::Duration;

use windows_sys::Win32::System::SystemInformation::GetTickCount64;

/// The time since the machine started, including the time for which it was suspended.
pub(crate) fn time_since_boot() -> Duration {
    // SAFETY: it has no arguments.
    Duration::from_millis(unsafe { GetTickCount64() })
}
