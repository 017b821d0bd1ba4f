//! macOS and BSD: the descriptor of a `kqueue` is readable while there is something to do. It watches the sockets of
//! the calls in progress, a timer, and a pipe into which any thread and any signal handler may write to wake it.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::event::kqueue::{Event, EventFilter, EventFlags};

use super::wait::Wait;
use crate::os::{self, Interest, Kqueue, Readiness};

/// How many events are fetched at a time.
const MAX_EVENTS: usize = 64;

/// The kernel counts in 64 bits of nanoseconds.
const MAX_TIMER: Duration = Duration::from_secs(60 * 60 * 24 * 365 * 100);

/// Watches sockets, a timer and a wake-up.
pub(crate) struct Poller {
    kqueue: Kqueue,
    wake_up_reader: OwnedFd,
    wake_up_writer: OwnedFd,
    /// Whether the pipe is readable. A signal handler sets it, so it is no lock.
    is_awake: AtomicBool,
}

impl Poller {
    pub(crate) fn new() -> io::Result<Poller> {
        let (wake_up_reader, wake_up_writer) = os::new_pipe()?;
        let poller = Poller {
            kqueue: Kqueue::new()?,
            wake_up_reader,
            wake_up_writer,
            is_awake: AtomicBool::new(false),
        };
        let reader = EventFilter::Read(poller.wake_up_reader.as_raw_fd());
        poller
            .kqueue
            .change(&[Event::new(reader, EventFlags::ADD, ptr::null_mut())])?;
        Ok(poller)
    }

    /// The descriptor that is readable while there is something to do.
    pub(crate) fn readiness(&self) -> Readiness<'_> {
        Readiness::new(self.kqueue.as_fd())
    }

    /// Whether the poller was made by this process. A forked child does not have its descriptor.
    pub(crate) fn belongs_to_this_process(&self) -> bool {
        self.kqueue.belongs_to_this_process()
    }

    /// Starts to watch a descriptor. Events carry the key.
    pub(crate) fn add(&self, fd: BorrowedFd<'_>, key: u64, interest: Interest) -> io::Result<()> {
        let key = usize::try_from(key).map_err(|_| io::ErrorKind::InvalidInput)?;
        let key = ptr::without_provenance_mut(key);
        self.kqueue
            .change(&[Event::new(interest.filter(fd), EventFlags::ADD, key)])
    }

    /// Changes what a descriptor is watched for.
    pub(crate) fn modify(
        &self,
        fd: BorrowedFd<'_>,
        key: u64,
        interest: Interest,
    ) -> io::Result<()> {
        self.add(fd, key, interest)?;
        self.stop_watching(fd, interest.other());
        Ok(())
    }

    /// Stops to watch a descriptor. Does nothing in a forked child.
    pub(crate) fn remove(&self, fd: BorrowedFd<'_>) {
        if self.belongs_to_this_process() {
            self.stop_watching(fd, Interest::Readable);
            self.stop_watching(fd, Interest::Writable);
        }
    }

    fn stop_watching(&self, fd: BorrowedFd<'_>, interest: Interest) {
        let event = Event::new(interest.filter(fd), EventFlags::DELETE, ptr::null_mut());
        // It fails only if the descriptor is not watched for that.
        let _ = self.kqueue.change(&[event]);
    }

    /// Makes the descriptor readable until [`Poller::sleep`]. Safe in a signal handler.
    pub(crate) fn wake(&self) {
        if !self.is_awake.swap(true, Ordering::SeqCst) {
            // It fails only if the pipe is full. Then the descriptor is readable anyway.
            let _ = rustix::io::write(&self.wake_up_writer, &[1]);
        }
    }

    /// Undoes [`Poller::wake`]. The caller looks for work afterwards: a wake-up that comes before that
    /// is not lost.
    pub(crate) fn sleep(&self) {
        // It reads nothing while another thread is between the two steps of `wake`. That wake-up is
        // undone next time, so that the descriptor does not stay readable.
        if self.is_awake.load(Ordering::SeqCst)
            && is_readable(self.wake_up_reader.as_fd())
            && rustix::io::read(&self.wake_up_reader, &mut [0; 64]).is_ok()
        {
            self.is_awake.store(false, Ordering::SeqCst);
        }
    }

    /// Makes the descriptor readable at a time, instead of at an earlier choice. `None`: never.
    pub(crate) fn set_timer(&self, at: Option<Instant>, now: Instant) -> io::Result<()> {
        let Some(at) = at else {
            let event = Event::new(timer(None), EventFlags::DELETE, ptr::null_mut());
            // It fails if no timer is set, or if it has fired.
            let _ = self.kqueue.change(&[event]);
            return Ok(());
        };
        // In whole milliseconds, rounded up: parts of them would be cut off, and the timer would fire too early.
        let left = at.saturating_duration_since(now).min(MAX_TIMER);
        let milliseconds = left.as_nanos().div_ceil(1_000_000).max(1);
        let left = Duration::from_millis(u64::try_from(milliseconds).unwrap_or(u64::MAX));
        let flags = EventFlags::ADD | EventFlags::ONESHOT;
        self.kqueue
            .change(&[Event::new(timer(Some(left)), flags, ptr::null_mut())])
    }

    /// Waits until something is ready and appends the keys of the ready sockets. `None`: without a limit.
    pub(crate) fn wait(&self, ready: &mut Vec<u64>, timeout: Option<Duration>) -> io::Result<Wait> {
        let mut events = Vec::with_capacity(MAX_EVENTS);
        match self.kqueue.wait(&mut events, timeout) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                return Ok(Wait::Interrupted);
            }
            Err(error) => return Err(error),
        }
        for event in events {
            match event.filter() {
                // Also if nobody has called `wake`: it must not stay readable whoever wrote to it.
                EventFilter::Read(fd) if fd == self.wake_up_reader.as_raw_fd() => {
                    self.is_awake.store(true, Ordering::SeqCst);
                }
                EventFilter::Read(_) | EventFilter::Write(_) => {
                    ready.push(event.udata().addr() as u64);
                }
                _ => {}
            }
        }
        Ok(Wait::Done)
    }
}

/// The only timer of a poller.
fn timer(left: Option<Duration>) -> EventFilter {
    EventFilter::Timer {
        ident: 0,
        timer: left,
    }
}

/// Whether reading does not wait, also if the host program has replaced the descriptor by another one.
fn is_readable(fd: BorrowedFd<'_>) -> bool {
    matches!(
        os::poll(&mut [Interest::Readable.in_socket(fd)], Duration::ZERO),
        Ok(true)
    )
}

impl Interest {
    /// The end of a connection and errors are always reported.
    fn filter(self, fd: BorrowedFd<'_>) -> EventFilter {
        match self {
            Interest::Readable => EventFilter::Read(fd.as_raw_fd()),
            Interest::Writable => EventFilter::Write(fd.as_raw_fd()),
        }
    }

    fn other(self) -> Interest {
        match self {
            Interest::Readable => Interest::Writable,
            Interest::Writable => Interest::Readable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wake_up_between_its_two_steps_is_undone_later() {
        let poller = Poller::new().unwrap();
        poller.is_awake.store(true, Ordering::SeqCst);
        poller.sleep();
        rustix::io::write(&poller.wake_up_writer, &[1]).unwrap();
        assert!(is_readable(poller.readiness().as_fd()));
        poller.sleep();
        assert!(!is_readable(poller.readiness().as_fd()));
        poller.wake();
        assert!(is_readable(poller.readiness().as_fd()));
        poller.sleep();
        assert!(!is_readable(poller.readiness().as_fd()));
    }

    #[test]
    fn a_timer_makes_the_descriptor_readable_once() {
        let poller = Poller::new().unwrap();
        let now = Instant::now();
        poller.set_timer(Some(now), now).unwrap();
        let mut ready = Vec::new();
        assert_eq!(poller.wait(&mut ready, None).unwrap(), Wait::Done);
        assert!(ready.is_empty() && !is_readable(poller.readiness().as_fd()));
        poller.set_timer(None, now).unwrap();
    }
}
