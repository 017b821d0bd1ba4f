//! Linux and BSD: a socket is opened with its flags in one system call.

use std::io;
use std::os::fd::OwnedFd;

use rustix::net::{AddressFamily, SendFlags, SocketFlags, SocketType, ipproto, socket_with};

/// The flag with which sending never raises SIGPIPE.
pub(super) const WITHOUT_SIGPIPE: SendFlags = SendFlags::NOSIGNAL;

/// A TCP socket that does not wait, and that programs started by the host do not get.
pub(super) fn open_tcp_socket(family: AddressFamily) -> io::Result<OwnedFd> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    Ok(socket_with(
        family,
        SocketType::STREAM,
        flags,
        Some(ipproto::TCP),
    )?)
}
