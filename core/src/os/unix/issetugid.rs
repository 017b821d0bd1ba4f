//! macOS and BSD: whether the environment of this process can be trusted.

/// Whether this is a set-user-ID or set-group-ID program. The user who started it has chosen its environment.
pub(crate) fn is_secure_execution() -> bool {
    // SAFETY: the function has no precondition.
    unsafe { libc::issetugid() != 0 }
}
