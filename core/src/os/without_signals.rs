//! Systems on which no signal can end a call: Windows has none, and of the others only Linux is known to end each wait
//! in which a signal handler has run.

use std::io;
use std::time::Duration;

use rustix::fd::BorrowedFd;

use super::interest::Interest;

/// Whether signals can end a call here.
pub(crate) const CAN_WAIT_FOR_SIGNALS: bool = false;

/// A thread that lets signals in only while it waits: there is none.
pub(crate) enum SignalWait {}

impl SignalWait {
    pub(crate) fn start() -> Option<SignalWait> {
        None
    }

    pub(crate) fn poll(
        &self,
        _sockets: &[(BorrowedFd<'_>, Interest)],
        _wake_up: Option<&WakeUp>,
        _timeout: Duration,
    ) -> io::Result<bool> {
        match *self {}
    }
}

/// With what another thread ends such a wait.
pub(crate) enum WakeUp {}

impl WakeUp {
    pub(crate) fn new() -> io::Result<WakeUp> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn raise(&self) {
        match *self {}
    }

    pub(crate) fn clear(&self) {
        match *self {}
    }
}
