//! Linux: the descriptor of `epoll` is readable while there is something to do. It watches the sockets of the
//! calls in progress, a timer, and a wake-up that any thread and any signal handler may trigger.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, timerfd_create, timerfd_settime,
};

use super::wait::Wait;
use crate::os::{self, Interest, ProcessMark, Readiness, above_standard_streams};

/// How many events are fetched at a time.
const MAX_EVENTS: usize = 64;

/// The keys of the poller's own descriptors. Calls have smaller ones.
const WAKE_UP_KEY: u64 = u64::MAX;
const TIMER_KEY: u64 = u64::MAX - 1;

/// Watches sockets, a timer and a wake-up.
pub(crate) struct Poller {
    epoll: OwnedFd,
    wake_up: OwnedFd,
    timer: OwnedFd,
    /// Whether the wake-up descriptor is readable. A signal handler sets it, so it is no lock.
    is_awake: AtomicBool,
    process: ProcessMark,
}

impl Poller {
    pub(crate) fn new() -> io::Result<Poller> {
        let poller = Poller {
            epoll: above_standard_streams(epoll::create(CreateFlags::CLOEXEC)?)?,
            wake_up: above_standard_streams(eventfd(
                0,
                EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK,
            )?)?,
            timer: above_standard_streams(timerfd_create(
                TimerfdClockId::Monotonic,
                TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK,
            )?)?,
            is_awake: AtomicBool::new(false),
            process: ProcessMark::current(),
        };
        for (descriptor, key) in [(&poller.wake_up, WAKE_UP_KEY), (&poller.timer, TIMER_KEY)] {
            epoll::add(
                &poller.epoll,
                descriptor,
                EventData::new_u64(key),
                EventFlags::IN,
            )?;
        }
        Ok(poller)
    }

    /// The descriptor that is readable while there is something to do.
    pub(crate) fn readiness(&self) -> Readiness<'_> {
        Readiness::new(self.epoll.as_fd())
    }

    /// Whether the poller was made by this process. A forked child must not change it: both share it.
    pub(crate) fn belongs_to_this_process(&self) -> bool {
        self.process.is_current()
    }

    /// Starts to watch a descriptor. Events carry the key.
    pub(crate) fn add(&self, fd: BorrowedFd<'_>, key: u64, interest: Interest) -> io::Result<()> {
        epoll::add(&self.epoll, fd, EventData::new_u64(key), interest.flags())?;
        Ok(())
    }

    /// Changes what a descriptor is watched for.
    pub(crate) fn modify(
        &self,
        fd: BorrowedFd<'_>,
        key: u64,
        interest: Interest,
    ) -> io::Result<()> {
        epoll::modify(&self.epoll, fd, EventData::new_u64(key), interest.flags())?;
        Ok(())
    }

    /// Stops to watch a descriptor. Does nothing in a forked child.
    pub(crate) fn remove(&self, fd: BorrowedFd<'_>) {
        if self.belongs_to_this_process() {
            // It fails only if the descriptor is not watched.
            let _ = epoll::delete(&self.epoll, fd);
        }
    }

    /// Makes the descriptor readable until [`Poller::sleep`]. Safe in a signal handler.
    pub(crate) fn wake(&self) {
        if !self.is_awake.swap(true, Ordering::SeqCst) {
            // It fails only if the counter is full. Then the descriptor is readable anyway.
            let _ = rustix::io::write(&self.wake_up, &1_u64.to_ne_bytes());
        }
    }

    /// Undoes [`Poller::wake`]. The caller looks for work afterwards: a wake-up that comes before that
    /// is not lost.
    pub(crate) fn sleep(&self) {
        // It reads nothing while another thread is between the two steps of `wake`. That wake-up is
        // undone next time, so that the descriptor does not stay readable.
        if self.is_awake.load(Ordering::SeqCst)
            && is_readable(&self.wake_up)
            && rustix::io::read(&self.wake_up, &mut [0; 8]).is_ok()
        {
            self.is_awake.store(false, Ordering::SeqCst);
        }
    }

    /// Makes the descriptor readable at a time, instead of at an earlier choice. `None`: never.
    pub(crate) fn set_timer(&self, at: Option<Instant>, now: Instant) -> io::Result<()> {
        let left = match at {
            // Zero would disarm the timer.
            Some(at) => at
                .saturating_duration_since(now)
                .max(Duration::from_nanos(1)),
            None => Duration::ZERO,
        };
        let it_value = Timespec::try_from(left).unwrap_or(Timespec {
            tv_sec: i64::MAX,
            tv_nsec: 0,
        });
        let it_interval = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        let timer = Itimerspec {
            it_interval,
            it_value,
        };
        timerfd_settime(&self.timer, TimerfdTimerFlags::empty(), &timer)?;
        Ok(())
    }

    /// Waits until something is ready and appends the keys of the ready sockets. `None`: without a limit.
    pub(crate) fn wait(&self, ready: &mut Vec<u64>, timeout: Option<Duration>) -> io::Result<Wait> {
        let mut events = [libc::epoll_event { events: 0, u64: 0 }; MAX_EVENTS];
        let count = match os::epoll_wait(self.epoll.as_fd(), &mut events, milliseconds(timeout)) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                return Ok(Wait::Interrupted);
            }
            Err(error) => return Err(error),
        };
        for event in events.iter().take(count) {
            match event.u64 {
                // Also if nobody has called `wake`: it must not stay readable whoever wrote to it.
                WAKE_UP_KEY => self.is_awake.store(true, Ordering::SeqCst),
                TIMER_KEY => {}
                key => ready.push(key),
            }
        }
        Ok(Wait::Done)
    }
}

/// Whether reading does not wait, also if the host program has replaced the descriptor by another one.
fn is_readable(fd: impl AsFd) -> bool {
    let mut fds = [PollFd::new(&fd, PollFlags::IN)];
    poll(&mut fds, Some(&Timespec::default())) == Ok(1)
}

/// A timeout for `epoll_wait`, rounded up.
fn milliseconds(timeout: Option<Duration>) -> i32 {
    let Some(timeout) = timeout else {
        return -1;
    };
    let rounded_up = timeout.as_nanos().div_ceil(1_000_000);
    i32::try_from(rounded_up).unwrap_or(i32::MAX)
}

impl Interest {
    /// Errors and hang-ups are always reported.
    fn flags(self) -> EventFlags {
        match self {
            Interest::Readable => EventFlags::IN | EventFlags::RDHUP,
            Interest::Writable => EventFlags::OUT,
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
        rustix::io::write(&poller.wake_up, &1_u64.to_ne_bytes()).unwrap();
        assert!(is_readable(poller.readiness()));
        poller.sleep();
        assert!(!is_readable(poller.readiness()));
        poller.wake();
        assert!(is_readable(poller.readiness()));
        poller.sleep();
        assert!(!is_readable(poller.readiness()));
    }

    #[test]
    fn what_the_host_writes_by_mistake_is_read_once() {
        let poller = Poller::new().unwrap();
        rustix::io::write(&poller.wake_up, &1_u64.to_ne_bytes()).unwrap();
        let mut ready = Vec::new();
        poller.wait(&mut ready, Some(Duration::ZERO)).unwrap();
        poller.sleep();
        assert!(ready.is_empty() && !is_readable(poller.readiness()));
    }
}
