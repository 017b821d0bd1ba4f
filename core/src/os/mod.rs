//! Calls into the C library and the kernel that the standard library does not have: notice a child process,
//! keep descriptors away from those of the standard streams, start threads with all signals blocked, let
//! signals in only in a wait, wait for `epoll`, ask what a TCP connection has received, read a clock that does not stop, keep the
//! library loaded.
//!
//! This is the only module of the crate with `unsafe` code.
#![allow(unsafe_code)]

mod clock;
mod descriptors;
mod per_process;
mod process;
mod signals;
mod sockets;
mod stay_loaded;
mod threads;

pub(crate) use self::clock::time_since_boot;
pub(crate) use self::descriptors::{above_standard_streams, list_directory};
pub(crate) use self::per_process::{Current, PerProcess};
pub(crate) use self::process::ProcessMark;
pub(crate) use self::signals::BlockedSignals;
pub(crate) use self::sockets::{epoll_wait, received_bytes};
pub use self::stay_loaded::stay_loaded;
pub use self::threads::is_library_thread;
pub(crate) use self::threads::{Thread, ThreadId};
