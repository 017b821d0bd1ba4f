//! How the results of calls in the background come back to an event loop, without a thread of ours
//! ever touching the interpreter: a thread that asks for the interpreter's lock while Python is ending
//! is unwound or hung by it, and takes the process along.

use std::collections::VecDeque;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsRawFd, RawFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use descope_ml_core::Error;

use crate::logging::{self, Line};

/// A call that has ended.
pub(crate) struct Completion {
    pub(crate) ticket: u64,
    /// The answer, or the error document.
    pub(crate) result: Result<String, String>,
    pub(crate) log: Vec<Line>,
}

/// Completed calls that wait for their event loop, and the pipe that wakes it: it holds one byte as long
/// as there is something to take, so neither end ever blocks.
pub(crate) struct Completions {
    wake: PipeReader,
    waiting: Mutex<Waiting>,
}

struct Waiting {
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
    /// When the system has no descriptor left.
    pub(crate) fn new() -> io::Result<Arc<Completions>> {
        let (wake, waker) = io::pipe()?;
        Ok(Arc::new(Completions {
            wake,
            waiting: Mutex::new(Waiting {
                calls: VecDeque::new(),
                waker,
                woken: false,
            }),
        }))
    }

    /// What becomes readable when a call has completed.
    pub(crate) fn descriptor(&self) -> RawFd {
        self.wake.as_raw_fd()
    }

    /// Adds a call's result, on the thread that performed the call.
    pub(crate) fn put(&self, ticket: u64, result: Result<String, Error>) {
        let mut waiting = self.waiting();
        waiting.calls.push_back(Completion {
            ticket,
            result: result.map_err(|error| error.to_json()),
            log: logging::kept(),
        });
        if !waiting.woken {
            // Both ends are held here and the pipe is empty, so the byte fits; were it refused all the
            // same, the next call to complete would try again.
            waiting.woken = waiting.waker.write_all(&[1]).is_ok();
        }
    }

    /// All that has completed since the last time, oldest first.
    pub(crate) fn take(&self) -> io::Result<VecDeque<Completion>> {
        let mut waiting = self.waiting();
        if waiting.woken {
            (&self.wake).read_exact(&mut [0])?;
            waiting.woken = false;
        }
        Ok(std::mem::take(&mut waiting.calls))
    }

    /// The queue is whole between any two of its statements, also where one panicked.
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
