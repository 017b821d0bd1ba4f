//! Windows.

mod clock;
mod event;
mod files;
mod process;
mod readiness;
mod sockets;
mod stay_loaded;
mod threads;
mod timer;
mod winsock;

/// Whether the names of environment variables distinguish small letters from capitals.
pub(crate) const ENVIRONMENT_HAS_CASES: bool = false;

/// Programs have their own environment: there are no set-user-ID programs.
pub(crate) fn is_secure_execution() -> bool {
    false
}

pub(crate) use super::without_signals::{CAN_WAIT_FOR_SIGNALS, SignalWait, WakeUp};

pub(crate) use self::clock::time_since_boot;
pub(crate) use self::event::Event;
pub(crate) use self::files::{
    FileFingerprint, FileId, file_id, is_open_file_limit, list_directory, open_file,
};
pub(crate) use self::process::ProcessMark;
pub use self::readiness::Readiness;
pub(crate) use self::sockets::{
    PollEntry, RECEIVE_NOW, SEND_NOW, SocketId, connection_made, is_connecting, new_tcp_socket,
    poll, received_bytes, set_acknowledgement_timeout, stop_watching, watch,
};
pub use self::stay_loaded::stay_loaded;
pub(crate) use self::threads::{JoinHandle, set_thread_name};
pub(crate) use self::timer::Timer;
