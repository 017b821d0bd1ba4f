//! How a wait for many sockets ends.

/// Why `Poller::wait` returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    /// Something is ready, or the time is over.
    Done,
    /// A signal handler ran.
    Interrupted,
}
