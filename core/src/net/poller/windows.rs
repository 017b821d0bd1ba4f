//! Windows: an event object is signaled while there is something to do. The system signals it when one of the
//! watched sockets becomes ready. A timer of the thread pool and the wake-up signal it as well.
//!
//! The system signals a change, not a state. So whenever the event is reset, `select` says which sockets are ready.

use std::io;
use std::os::windows::io::AsHandle;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::fd::BorrowedFd;

use super::wait::Wait;
use crate::os::{self, Event, Interest, PollEntry, ProcessMark, Readiness, SocketId, Timer};

/// Watches sockets, a timer and a wake-up.
pub(crate) struct Poller {
    event: Arc<Event>,
    timer: Timer,
    /// Whether somebody has called [`Poller::wake`] since the last [`Poller::sleep`].
    is_awake: AtomicBool,
    /// Whether the event may be signaled although nothing is ready.
    needs_check: AtomicBool,
    watched: Mutex<Vec<Watched>>,
    process: ProcessMark,
}

/// A socket that is watched. It leaves the poller before it is closed.
struct Watched {
    socket: SocketId,
    key: u64,
    interest: Interest,
}

impl Poller {
    pub(crate) fn new() -> io::Result<Poller> {
        let event = Arc::new(Event::new()?);
        Ok(Poller {
            timer: Timer::new(Arc::clone(&event)),
            event,
            is_awake: AtomicBool::new(false),
            needs_check: AtomicBool::new(false),
            watched: Mutex::default(),
            process: ProcessMark::current(),
        })
    }

    /// The event that is signaled while there is something to do.
    pub(crate) fn readiness(&self) -> Readiness<'_> {
        Readiness::new(self.event.as_handle())
    }

    /// Whether the poller was made by this process: always.
    pub(crate) fn belongs_to_this_process(&self) -> bool {
        self.process.is_current()
    }

    /// Starts to watch a socket. Events carry the key.
    pub(crate) fn add(&self, fd: BorrowedFd<'_>, key: u64, interest: Interest) -> io::Result<()> {
        let mut watched = self.lock_watched();
        watched.try_reserve(1)?;
        os::watch(fd, interest, &self.event)?;
        watched.push(Watched {
            socket: SocketId::of(fd),
            key,
            interest,
        });
        Ok(())
    }

    /// Changes what a socket is watched for.
    pub(crate) fn modify(
        &self,
        fd: BorrowedFd<'_>,
        key: u64,
        interest: Interest,
    ) -> io::Result<()> {
        self.remove(fd);
        self.add(fd, key, interest)
    }

    /// Stops to watch a socket.
    pub(crate) fn remove(&self, fd: BorrowedFd<'_>) {
        os::stop_watching(fd);
        let socket = SocketId::of(fd);
        self.lock_watched()
            .retain(|watched| watched.socket != socket);
        // The event may be signaled because of this socket.
        self.needs_check.store(true, Ordering::SeqCst);
    }

    /// Signals the event until [`Poller::sleep`]. Safe in a signal handler and in an exception handler.
    pub(crate) fn wake(&self) {
        if !self.is_awake.swap(true, Ordering::SeqCst) {
            self.needs_check.store(true, Ordering::SeqCst);
            self.event.set();
        }
    }

    /// Undoes [`Poller::wake`]. The caller looks for work afterwards: a wake-up that comes before that
    /// is not lost.
    pub(crate) fn sleep(&self) {
        if !self.needs_check.swap(false, Ordering::SeqCst) {
            return;
        }
        // In this order: what comes after the reset signals the event again.
        self.event.reset();
        self.is_awake.store(false, Ordering::SeqCst);
        let mut is_ready = self.timer.is_over();
        self.for_each_ready(|_| is_ready = true);
        if is_ready {
            self.event.set();
        }
    }

    /// Signals the event at a time, instead of at an earlier choice. `None`: never.
    pub(crate) fn set_timer(&self, at: Option<Instant>, now: Instant) -> io::Result<()> {
        // The event may be signaled because of the time that was set before.
        self.needs_check.store(true, Ordering::SeqCst);
        self.timer
            .set(at.map(|at| at.saturating_duration_since(now)))
    }

    /// Waits until something is ready and appends the keys of the ready sockets. `None`: without a limit.
    pub(crate) fn wait(&self, ready: &mut Vec<u64>, timeout: Option<Duration>) -> io::Result<Wait> {
        if self.event.wait(timeout)? {
            // Whoever is continued may leave bytes where they are, which signals nothing.
            self.needs_check.store(true, Ordering::SeqCst);
            ready.try_reserve(self.lock_watched().len())?;
            self.for_each_ready(|key| ready.push(key));
        }
        Ok(Wait::Done)
    }

    /// The keys of the sockets that are ready. If the system cannot say which, these are all: their calls look.
    fn for_each_ready(&self, mut found: impl FnMut(u64)) {
        let watched = self.lock_watched();
        let entries = watched.iter();
        let mut entries: Vec<PollEntry<'_>> = entries
            .map(|watched| PollEntry::new(watched.socket, watched.interest))
            .collect();
        let polled = os::poll(&mut entries, Duration::ZERO);
        for (watched, entry) in watched.iter().zip(&entries) {
            if entry.is_ready() || polled.is_err() {
                found(watched.key);
            }
        }
    }

    fn lock_watched(&self) -> MutexGuard<'_, Vec<Watched>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
