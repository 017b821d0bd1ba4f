//! What macOS and BSD have in common.

use std::io;
use std::os::fd::BorrowedFd;

/// Whether this is a set-user-ID or set-group-ID program. The user who started it has chosen its environment.
pub(crate) fn is_secure_execution() -> bool {
    // SAFETY: the function has no precondition.
    unsafe { libc::issetugid() != 0 }
}

/// Prepares a socket whose connection was made. It stays as it is: not all of these systems send without waiting
/// through a flag, and none says how much has arrived, without which nothing waits in `recv`.
#[allow(clippy::unnecessary_wraps, reason = "it can fail on Linux")]
pub(crate) fn connection_made(_socket: BorrowedFd<'_>) -> io::Result<()> {
    Ok(())
}
