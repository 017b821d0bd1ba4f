//! The queue that carries results of calls on background threads to an asyncio event loop.
//!
//! The threads never use the interpreter. A thread that asks for the GIL while Python shuts down is unwound
//! or blocked by Python, which can crash or hang the process.

use std::collections::VecDeque;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsRawFd, RawFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use descope_ml_core::Error;

use crate::logging::{self, LogLine};

/// A finished call.
pub(crate) struct Completion {
    pub(crate) ticket: u64,
    /// The JSON text of the response, or of the error document.
    pub(crate) result: Result<String, String>,
    pub(crate) log: Vec<LogLine>,
}

/// Finished calls that the event loop has not taken yet, and a pipe that wakes the loop. The pipe holds one
/// byte while the queue is not empty, and none otherwise, so neither end blocks.
pub(crate) struct Completions {
    wake: PipeReader,
    pending: Mutex<Pending>,
}

struct Pending {
    calls: VecDeque<Completion>,
    waker: PipeWriter,
    /// Whether the byte is in the pipe.
    woken: bool,
}

impl Completions {
    /// An empty queue.
    ///
    /// # Errors
    ///
    /// When the process has no file descriptor left.
    pub(crate) fn new() -> io::Result<Arc<Completions>> {
        let (wake, waker) = io::pipe()?;
        Ok(Arc::new(Completions {
            wake,
            pending: Mutex::new(Pending {
                calls: VecDeque::new(),
                waker,
                woken: false,
            }),
        }))
    }

    /// The descriptor that is readable while the queue is not empty.
    pub(crate) fn descriptor(&self) -> RawFd {
        self.wake.as_raw_fd()
    }

    /// Adds the result of a call. Must run on the thread that made the call: it takes that thread's log lines.
    pub(crate) fn put(&self, ticket: u64, result: Result<String, Error>) {
        let mut pending = self.lock();
        pending.calls.push_back(Completion {
            ticket,
            result: result.map_err(|error| error.to_json()),
            log: logging::take_lines(),
        });
        if !pending.woken {
            // The write cannot block: the pipe is empty and both ends are open. If it fails all the same,
            // the next finished call tries again.
            pending.woken = pending.waker.write_all(&[1]).is_ok();
        }
    }

    /// Takes the calls that finished since the last time, oldest first.
    pub(crate) fn take(&self) -> io::Result<VecDeque<Completion>> {
        let mut pending = self.lock();
        if pending.woken {
            (&self.wake).read_exact(&mut [0])?;
            pending.woken = false;
        }
        Ok(std::mem::take(&mut pending.calls))
    }

    /// Locks the queue. A poisoned lock is safe to use: every statement leaves the queue consistent.
    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
