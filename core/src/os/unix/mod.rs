//! Unix: what POSIX says, and a file for each kernel with what only that one has.

mod clock;
mod descriptors;
mod files;
mod process;
mod readiness;
mod signals;
mod sockets;
mod threads;

#[cfg(target_vendor = "apple")]
mod apple;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod apple_and_bsd;
#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
mod bsd;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod kqueue;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod linux;
#[cfg(not(target_vendor = "apple"))]
mod socket_flags;

#[cfg(target_vendor = "apple")]
use self::apple as kernel;
#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
use self::bsd as kernel;
#[cfg(any(target_os = "linux", target_os = "android"))]
use self::linux as kernel;

/// Whether the names of environment variables distinguish small letters from capitals.
pub(crate) const ENVIRONMENT_HAS_CASES: bool = true;

pub(crate) use self::clock::time_since_boot;
pub(crate) use self::files::{
    FileFingerprint, FileId, file_id, is_open_file_limit, list_directory, open_file,
};
pub(crate) use self::kernel::set_thread_name;
pub use self::kernel::stay_loaded;
pub(crate) use self::kernel::{
    CAN_WAIT_FOR_SIGNALS, SignalWait, WakeUp, connection_made, is_secure_execution, received_bytes,
    set_acknowledgement_timeout,
};
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) use self::kqueue::{Kqueue, new_pipe};
pub(crate) use self::process::ProcessMark;
pub use self::readiness::Readiness;
pub(crate) use self::sockets::{
    PollEntry, RECEIVE_NOW, SEND_NOW, is_connecting, new_tcp_socket, poll,
};
pub(crate) use self::threads::JoinHandle;
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) use self::{descriptors::above_standard_streams, linux::epoll_wait};
