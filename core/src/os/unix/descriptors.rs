//! Descriptors that are not those of the standard streams. In a process that has closed stdin, stdout or
//! stderr, the kernel gives their numbers to whatever is opened next, and what the host program prints
//! would go there.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

use rustix::io::fcntl_dupfd_cloexec;

/// The first number that no standard stream has.
const FIRST: i32 = 3;

/// The descriptor, or a copy with a number of at least 3 in place of it.
///
/// # Errors
///
/// If too many descriptors are open.
pub(crate) fn above_standard_streams(descriptor: OwnedFd) -> io::Result<OwnedFd> {
    if descriptor.as_raw_fd() >= FIRST {
        return Ok(descriptor);
    }
    Ok(fcntl_dupfd_cloexec(&descriptor, FIRST)?)
}
