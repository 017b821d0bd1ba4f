//! macOS and BSD: the event queue of the kernel, and the pipe that wakes it.

use std::io;
use std::mem::ManuallyDrop;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::event::kqueue::{Event, kevent};
use rustix::io::{FdFlags, fcntl_setfd, ioctl_fionbio};

use super::descriptors::above_standard_streams;
use super::process::ProcessMark;

/// An event queue. A child process does not get the descriptor: there, its number may be that of another file.
pub(crate) struct Kqueue {
    descriptor: ManuallyDrop<OwnedFd>,
    process: ProcessMark,
}

impl Kqueue {
    pub(crate) fn new() -> io::Result<Kqueue> {
        let descriptor = above_standard_streams(rustix::event::kqueue::kqueue()?)?;
        // A child of `fork` does not get it anyway, but `exec` alone would keep it.
        fcntl_setfd(&descriptor, FdFlags::CLOEXEC)?;
        Ok(Kqueue {
            descriptor: ManuallyDrop::new(descriptor),
            process: ProcessMark::current(),
        })
    }

    /// Whether the queue was made by this process. A forked child must not use it.
    pub(crate) fn belongs_to_this_process(&self) -> bool {
        self.process.is_current()
    }

    /// Changes what is watched.
    ///
    /// # Errors
    ///
    /// At the first change that fails. Those behind it are not made.
    pub(crate) fn change(&self, changes: &[Event]) -> io::Result<()> {
        // SAFETY: the kernel takes a descriptor that is not open for an error, and forgets one that is closed.
        unsafe { kevent(self, changes, &mut [] as &mut [Event; 0], None) }?;
        Ok(())
    }

    /// Waits for events, at most for this time (`None`: without a limit), and appends them, as many as there is
    /// room for.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::Interrupted`] after a signal handler has run, and what the system says.
    pub(crate) fn wait(
        &self,
        events: &mut Vec<Event>,
        timeout: Option<Duration>,
    ) -> io::Result<()> {
        // SAFETY: nothing is changed.
        unsafe { kevent(self, &[], rustix::buffer::spare_capacity(events), timeout) }?;
        Ok(())
    }
}

/// A pipe that does not wait: its end to read from, and its end to write to.
pub(crate) fn new_pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let (reader, writer) = rustix::pipe::pipe()?;
    let prepared = |end: OwnedFd| -> io::Result<OwnedFd> {
        fcntl_setfd(&end, FdFlags::CLOEXEC)?;
        ioctl_fionbio(&end, true)?;
        above_standard_streams(end)
    };
    Ok((prepared(reader)?, prepared(writer)?))
}

impl AsFd for Kqueue {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}

impl Drop for Kqueue {
    fn drop(&mut self) {
        if self.belongs_to_this_process() {
            // SAFETY: the descriptor is not used afterwards.
            unsafe { ManuallyDrop::drop(&mut self.descriptor) };
        }
    }
}
