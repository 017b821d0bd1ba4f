//! Whether the environment of this process can be trusted.

/// Whether this program has privileges that the user who started it lacks: a set-user-ID or set-group-ID program,
/// or one with file capabilities. That user has chosen its environment. `ld.so` calls this the secure-execution
/// mode, in which `secure_getenv` finds no variable.
pub(crate) fn is_secure_execution() -> bool {
    // SAFETY: the function has no precondition.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    return unsafe { libc::getauxval(libc::AT_SECURE) } != 0;
    // SAFETY: as above.
    #[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
    return unsafe { libc::issetugid() } != 0;
    #[cfg(not(unix))]
    false
}
