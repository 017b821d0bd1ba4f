//! Descriptors that are not those of the standard streams. In a process that has closed stdin, stdout or
//! stderr, the kernel gives their numbers to whatever is opened next, and what the host program prints
//! would go there.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{Dir, Mode, OFlags, open};
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

/// The names in a directory, as from [`std::fs::read_dir`], with those of the directory itself and its parent.
/// If a part of it cannot be read, the rest is missing.
///
/// # Errors
///
/// If it cannot be opened.
pub(crate) fn list_directory(path: &Path) -> io::Result<Vec<OsString>> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let directory = above_standard_streams(open(path, flags, Mode::empty())?)?;
    let entries = Dir::new(directory)?.map_while(Result::ok);
    let name = |entry: rustix::fs::DirEntry| OsStr::from_bytes(entry.file_name().to_bytes()).into();
    Ok(entries.map(name).collect())
}
