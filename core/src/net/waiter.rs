//! The two ways to wait: a blocking call blocks its thread, a call of a queue returns to the queue.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Poll, Waker};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

#[cfg(feature = "fuzzing")]
use super::any_socket::AnySocket;
use super::interrupt::{Interrupt, SignalInterrupt};
use super::parker::Parker;
use super::poller::Poller;
#[cfg(feature = "fuzzing")]
use super::simulation::{SimulatedSocket, SimulatedWaiter, Simulation};
use super::test_clock::test_time;
use super::transport_error::TransportError;
use super::watched_stream::WatchedStream;
use crate::os::{self, Interest, PollEntry, ThreadId};

/// How a call waits.
pub(crate) enum Waiter<'a> {
    /// Blocks the thread of the call.
    Thread(ThreadWaiter<'a>),
    /// Returns to the queue that drives the call.
    Queue(QueueWaiter),
    /// Returns to a fuzz target.
    #[cfg(feature = "fuzzing")]
    Simulated(SimulatedWaiter),
}

/// Who makes progress when a call waits: a thread that is blocked in it, or a queue whose `next` has to
/// be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Driver {
    Thread(ThreadId),
    Queue(u64),
}

impl Driver {
    /// Whether a call may wait for one that `other` drives: only if that makes progress meanwhile. A log
    /// callback of a call may start another call on the same thread, and a blocking call may keep the
    /// host program from driving a queue.
    pub(crate) fn can_wait_for(self, other: Driver) -> bool {
        match (self, other) {
            (_, Driver::Thread(other)) => other != ThreadId::current(),
            (Driver::Queue(queue), Driver::Queue(other)) => queue == other,
            (Driver::Thread(_), Driver::Queue(_)) => false,
        }
    }
}

/// Waits of a blocking call.
pub(crate) struct ThreadWaiter<'a> {
    interrupt: Interrupt<'a>,
    /// Made when another thread may have to wake this one.
    parker: OnceLock<Arc<Parker>>,
}

/// Waits of a call in a queue.
pub(crate) struct QueueWaiter {
    /// The number of the queue in this process.
    queue: u64,
    /// The call in the queue: its events and wake-ups carry this key.
    key: u64,
    poller: Arc<Poller>,
    waker: Waker,
    /// When the call has to be continued even if nothing is ready.
    wake_at: Mutex<Option<Instant>>,
    /// The time of day for the call, if a test has replaced it.
    test_time: Option<SystemTime>,
}

impl<'a> Waiter<'a> {
    /// A waiter that blocks. The call ends early if `interrupt` says so.
    pub(crate) fn blocking(interrupt: Interrupt<'a>) -> Waiter<'a> {
        Waiter::Thread(ThreadWaiter {
            interrupt,
            parker: OnceLock::new(),
        })
    }

    pub(crate) fn driver(&self) -> Driver {
        match self {
            Waiter::Thread(_) => Driver::Thread(ThreadId::current()),
            Waiter::Queue(queue) => Driver::Queue(queue.queue),
            #[cfg(feature = "fuzzing")]
            Waiter::Simulated(simulated) => Driver::Queue(simulated.queue),
        }
    }

    /// Wakes the call from [`Waiter::wait`].
    pub(super) fn waker(&self) -> Waker {
        match self {
            Waiter::Thread(waiter) => {
                let new_parker = || Arc::new(waiter.interrupt.new_parker());
                Arc::clone(waiter.parker.get_or_init(new_parker)).into()
            }
            Waiter::Queue(queue) => queue.waker.clone(),
            #[cfg(feature = "fuzzing")]
            Waiter::Simulated(_) => Waker::noop().clone(),
        }
    }

    /// Waits until a socket is ready, the waker was used, or the time is over. It may return earlier:
    /// the caller looks again.
    ///
    /// # Errors
    ///
    /// [`TransportError::Cancelled`] or [`TransportError::Interrupted`] if an interruptible call was interrupted.
    pub(super) async fn wait(
        &self,
        sockets: &mut [(&mut WatchedStream, Interest)],
        until: Instant,
    ) -> Result<(), TransportError> {
        match self {
            Waiter::Thread(waiter) => waiter.wait(sockets, until),
            Waiter::Queue(waiter) => {
                waiter.start_wait(sockets, until)?;
                return_to_driver().await;
                waiter.set_wake_at(None);
                may_be_readable(sockets);
                Ok(())
            }
            #[cfg(feature = "fuzzing")]
            Waiter::Simulated(_) => {
                return_to_driver().await;
                may_be_readable(sockets);
                Ok(())
            }
        }
    }

    pub(super) fn now(&self) -> Instant {
        match self {
            Waiter::Thread(_) | Waiter::Queue(_) => Instant::now(),
            #[cfg(feature = "fuzzing")]
            Waiter::Simulated(simulated) => simulated.simulation.now(),
        }
    }

    /// The time since the machine started, including the time for which it was suspended.
    pub(super) fn time_since_boot(&self) -> Duration {
        match self {
            Waiter::Thread(_) | Waiter::Queue(_) => os::time_since_boot(),
            #[cfg(feature = "fuzzing")]
            Waiter::Simulated(simulated) => simulated.simulation.elapsed(),
        }
    }

    pub(super) fn system_time(&self) -> SystemTime {
        match self {
            Waiter::Thread(_) | Waiter::Queue(_) => SystemTime::now(),
            #[cfg(feature = "fuzzing")]
            Waiter::Simulated(simulated) => simulated.simulation.system_time(),
        }
    }

    /// The time of day for the call, if a test has replaced it.
    pub(super) fn test_time(&self) -> Option<SystemTime> {
        match self {
            Waiter::Thread(_) => test_time(),
            Waiter::Queue(queue) => queue.test_time,
            #[cfg(feature = "fuzzing")]
            Waiter::Simulated(_) => None,
        }
    }

    /// Lets other calls run, if the call does not block.
    pub(super) async fn return_to_driver(&self) {
        match self {
            Waiter::Thread(_) => {}
            _ => return_to_driver().await,
        }
    }

    /// Starts to connect, without waiting.
    pub(super) fn connect(&self, address: SocketAddr) -> io::Result<WatchedStream> {
        match self {
            Waiter::Thread(_) | Waiter::Queue(_) => WatchedStream::connect(address),
            #[cfg(feature = "fuzzing")]
            Waiter::Simulated(simulated) => {
                let socket = SimulatedSocket::connect(&simulated.simulation)?;
                Ok(WatchedStream::new(AnySocket::Simulated(socket)))
            }
        }
    }

    /// The network of the call, if it is no real one.
    #[cfg(feature = "fuzzing")]
    pub(super) fn simulation(&self) -> Option<&Arc<Simulation>> {
        match self {
            Waiter::Thread(_) | Waiter::Queue(_) => None,
            Waiter::Simulated(simulated) => Some(&simulated.simulation),
        }
    }

    /// How long a blocking read may take at most. `None` if the call must not block in one: it returns to a
    /// queue, or has to let signals in while it waits.
    pub(super) fn blocking_read_limit(&self, left: Duration) -> Option<Duration> {
        match self {
            Waiter::Thread(waiter) if waiter.interrupt.signals().is_none() => {
                Some(waiter.interrupt.limit(left))
            }
            _ => None,
        }
    }

    /// The signals that end the call.
    pub(super) fn signals(&self) -> Option<&SignalInterrupt<'a>> {
        match self {
            Waiter::Thread(waiter) => waiter.interrupt.signals(),
            _ => None,
        }
    }
}

impl ThreadWaiter<'_> {
    fn wait(
        &self,
        sockets: &mut [(&mut WatchedStream, Interest)],
        until: Instant,
    ) -> Result<(), TransportError> {
        self.interrupt.check()?;
        let left = until.saturating_duration_since(Instant::now());
        let left = self.interrupt.limit(left);
        if let Some(signals) = self.interrupt.signals() {
            let sockets_of_call: Vec<_> = sockets
                .iter()
                .filter_map(|(socket, interest)| Some((socket.fd()?, *interest)))
                .collect();
            if signals.wait(&sockets_of_call, self.parker.get().map(Arc::as_ref), left)? {
                may_be_readable(sockets);
            }
            return Ok(());
        }
        if sockets.is_empty() {
            match self.parker.get() {
                Some(parker) => parker.wait(left),
                None => thread::sleep(left),
            }
        } else {
            let mut entries: Vec<PollEntry<'_>> = sockets
                .iter()
                .filter_map(|(socket, interest)| Some(interest.in_socket(socket.fd()?)))
                .collect();
            match os::poll(&mut entries, left) {
                Ok(true) => may_be_readable(sockets),
                Ok(false) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(TransportError::Io(error)),
            }
        }
        self.interrupt.check()
    }
}

impl QueueWaiter {
    /// The waiter of a call that this thread starts.
    pub(crate) fn new(queue: u64, key: u64, poller: Arc<Poller>, waker: Waker) -> QueueWaiter {
        QueueWaiter {
            queue,
            key,
            poller,
            waker,
            wake_at: Mutex::default(),
            test_time: test_time(),
        }
    }

    /// Lets the queue continue the call when a socket is ready or the time is over.
    fn start_wait(
        &self,
        sockets: &mut [(&mut WatchedStream, Interest)],
        until: Instant,
    ) -> io::Result<()> {
        for (socket, interest) in sockets {
            socket.watch(&self.poller, self.key, *interest)?;
        }
        self.set_wake_at(Some(until));
        Ok(())
    }

    /// When the call has to be continued even if nothing is ready.
    pub(crate) fn wake_at(&self) -> Option<Instant> {
        *self.wake_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_wake_at(&self, at: Option<Instant>) {
        *self.wake_at.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }
}

/// Notes that the sockets that were waited for may be readable.
fn may_be_readable(sockets: &mut [(&mut WatchedStream, Interest)]) {
    for (socket, interest) in sockets {
        if *interest == Interest::Readable {
            socket.set_may_be_readable(true);
        }
    }
}

/// Leaves the call until it is continued.
async fn return_to_driver() {
    let mut has_returned = false;
    poll_fn(|_| {
        if std::mem::replace(&mut has_returned, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}
