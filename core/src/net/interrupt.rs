//! What ends a blocking call early: a question to the host program, or its signals.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::fd::BorrowedFd;

use super::parker::Parker;
use super::transport_error::TransportError;
use crate::logging::{HeldLines, Log, Logger};
use crate::os::{Interest, SignalWait};

/// How long a call waits at a time if nothing ends its wait: a signal may come just before a wait that asks
/// the host program, and a parker without a descriptor is only looked at.
pub(super) const CHECK_INTERVAL: Duration = Duration::from_millis(50);

/// Asks the host program whether a call has to end early.
pub(crate) type InterruptCheck<'a> = &'a (dyn Fn() -> bool + Sync);

/// What ends a blocking call early.
#[derive(Clone, Copy)]
pub(crate) enum Interrupt<'a> {
    /// Nothing.
    Never,
    /// The host program, when it is asked.
    Check(InterruptCheck<'a>),
    /// A signal whose handler has run.
    Signals(&'a SignalInterrupt<'a>),
}

/// A call that ends when a signal handler runs on its thread. The thread lets signals in only while it waits, so
/// none is missed in between. Dropped on the same thread, when the call is over: then signals that came
/// after the last wait are handled.
pub(crate) struct SignalInterrupt<'a> {
    has_handled: AtomicBool,
    signals: SignalWait,
    /// The lines of the call are written after it, when signals are no longer blocked: the code of the host
    /// program runs with its own mask, and no signal is handled where the call would not notice it.
    lines: HeldLines<'a>,
}

impl<'a> Interrupt<'a> {
    /// The signals, if they end the call.
    #[inline]
    pub(super) fn signals(self) -> Option<&'a SignalInterrupt<'a>> {
        match self {
            Interrupt::Signals(signals) => Some(signals),
            _ => None,
        }
    }

    /// Ends the call if it has to.
    #[inline]
    pub(super) fn check(self) -> Result<(), TransportError> {
        match self {
            Interrupt::Check(is_interrupted) if is_interrupted() => Err(TransportError::Cancelled),
            Interrupt::Signals(signals) if signals.has_handled.load(Ordering::Relaxed) => {
                Err(TransportError::Interrupted)
            }
            _ => Ok(()),
        }
    }

    /// How long a wait that nothing ends may take, for a call that has so much time left.
    #[inline]
    pub(super) fn limit(self, left: Duration) -> Duration {
        match self {
            Interrupt::Check(_) => left.min(CHECK_INTERVAL),
            _ => left,
        }
    }

    /// What wakes the thread of the call.
    pub(super) fn new_parker(self) -> Parker {
        match self {
            Interrupt::Signals(_) => Parker::with_wake_up(),
            _ => Parker::default(),
        }
    }
}

impl<'a> SignalInterrupt<'a> {
    /// Blocks the signals of this thread. `None` where signals cannot end a call. In a box: other calls need no room
    /// for it.
    #[cold]
    pub(crate) fn new(logger: &'a Logger) -> Option<Box<SignalInterrupt<'a>>> {
        Some(Box::new(SignalInterrupt {
            has_handled: AtomicBool::new(false),
            signals: SignalWait::start()?,
            lines: Log::new(logger).hold(),
        }))
    }

    pub(super) fn lines(&self) -> &HeldLines<'a> {
        &self.lines
    }

    /// Waits for descriptors, the parker and signals. Returns whether a descriptor is ready; it may return earlier.
    ///
    /// # Errors
    ///
    /// [`TransportError::Interrupted`] if a signal handler ran, and [`TransportError::Io`].
    #[cold]
    pub(super) fn wait(
        &self,
        sockets: &[(BorrowedFd<'_>, Interest)],
        parker: Option<&Parker>,
        left: Duration,
    ) -> Result<bool, TransportError> {
        if parker.is_some_and(Parker::take_wake_up) {
            return Ok(false);
        }
        let wake_up = parker.and_then(Parker::wake_up);
        let left = match (parker, wake_up) {
            (Some(_), None) => left.min(CHECK_INTERVAL),
            _ => left,
        };
        match self.signals.poll(sockets, wake_up, left) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                self.has_handled.store(true, Ordering::Relaxed);
                Err(TransportError::Interrupted)
            }
            result => result.map_err(TransportError::Io),
        }
    }
}
