//! What differs between operating systems, behind one interface: a folder for each family of systems, with the
//! calls into the C library and the kernel that the standard library does not have. They notice a child process,
//! open sockets and wait for them, let signals in only while they wait, start threads, identify files, read a clock that does not stop, and keep the
//! library loaded, and ask whether the environment can be trusted.
//!
//! This is the only module of the crate with `unsafe` code. The names of the re-export below are the interface:
//! each system has all of them. What no other layer but `net` needs of a system, such as its way to watch many
//! sockets at once, is in `net/poller`.
#![allow(unsafe_code)]

mod interest;
mod per_process;
mod threads;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod without_signals;

#[cfg(unix)]
use self::unix as system;
#[cfg(windows)]
use self::windows as system;

pub(crate) use self::interest::Interest;
pub(crate) use self::per_process::{Current, PerProcess};
pub(crate) use self::system::{
    CAN_WAIT_FOR_SIGNALS, ENVIRONMENT_HAS_CASES, FileFingerprint, FileId, PollEntry, ProcessMark,
    RECEIVE_NOW, SEND_NOW, SignalWait, WakeUp, connection_made, file_id, is_connecting,
    is_open_file_limit, is_secure_execution, list_directory, new_tcp_socket, open_file, poll,
    received_bytes, set_acknowledgement_timeout, time_since_boot,
};
pub use self::system::{Readiness, stay_loaded};
pub use self::threads::is_library_thread;
pub(crate) use self::threads::{Thread, ThreadId};

// For the pollers only.
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
pub(crate) use self::unix::{Kqueue, new_pipe};
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) use self::unix::{above_standard_streams, epoll_wait};
#[cfg(windows)]
pub(crate) use self::windows::{Event, SocketId, Timer, stop_watching, watch};
