//! Sockets, which never wait, and waiting for them.

use std::io;
use std::marker::PhantomData;
use std::mem::offset_of;
use std::os::windows::io::{
    AsHandle, AsRawHandle, AsRawSocket, FromRawSocket, OwnedSocket, RawSocket,
};
use std::ptr;
use std::time::Duration;

use rustix::fd::BorrowedFd;
use rustix::io::{Errno, ioctl_fionbio};
use rustix::net::{AddressFamily, RecvFlags, SendFlags, sockopt};
use windows_sys::Win32::Networking::WinSock::{
    FD_CLOSE, FD_CONNECT, FD_READ, FD_SET, FD_WRITE, INVALID_SOCKET, IPPROTO_TCP, SOCK_STREAM,
    SOCKET, TIMEVAL, WSA_FLAG_NO_HANDLE_INHERIT, WSA_FLAG_OVERLAPPED, WSAEventSelect,
    WSAGetLastError, WSASocketW, select,
};

use super::super::interest::Interest;
use super::event::Event;
use super::winsock::start_winsock;

/// Sends what the system takes. No socket waits.
pub(crate) const SEND_NOW: SendFlags = SendFlags::empty();

/// Receives what has arrived. No socket waits.
pub(crate) const RECEIVE_NOW: RecvFlags = RecvFlags::empty();

/// The number of a socket. It does not keep the socket open: what is done with a number after that fails.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct SocketId(SOCKET);

impl SocketId {
    pub(crate) fn of(socket: BorrowedFd<'_>) -> SocketId {
        SocketId(number(socket))
    }
}

/// A socket that is waited for.
pub(crate) struct PollEntry<'a> {
    socket: SocketId,
    interest: Interest,
    is_ready: bool,
    borrowed: PhantomData<BorrowedFd<'a>>,
}

impl<'a> PollEntry<'a> {
    pub(crate) fn new(socket: SocketId, interest: Interest) -> PollEntry<'a> {
        PollEntry {
            socket,
            interest,
            is_ready: false,
            borrowed: PhantomData,
        }
    }

    /// Whether [`poll`] has found the socket ready.
    pub(crate) fn is_ready(&self) -> bool {
        self.is_ready
    }
}

/// A TCP socket that does not wait. Child processes do not inherit it.
pub(crate) fn new_tcp_socket(family: AddressFamily) -> io::Result<OwnedSocket> {
    start_winsock();
    let flags = WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT;
    let family = i32::from(family.as_raw());
    // SAFETY: no protocol is described in memory.
    let socket = unsafe { WSASocketW(family, SOCK_STREAM, IPPROTO_TCP, ptr::null(), 0, flags) };
    if socket == INVALID_SOCKET {
        return Err(last_error());
    }
    // SAFETY: the socket was just made, and nobody else has it.
    let socket = unsafe { OwnedSocket::from_raw_socket(socket as RawSocket) };
    ioctl_fionbio(&socket, true)?;
    // Otherwise `select` would take urgent data for a failed connection.
    sockopt::set_socket_oobinline(&socket, true)?;
    Ok(socket)
}

/// Whether the error of `connect` says that it goes on.
pub(crate) fn is_connecting(error: Errno) -> bool {
    error == Errno::WOULDBLOCK
}

/// Prepares a socket whose connection was made. Nothing has to be done.
#[allow(clippy::unnecessary_wraps, reason = "it can fail on other systems")]
pub(crate) fn connection_made(_socket: BorrowedFd<'_>) -> io::Result<()> {
    Ok(())
}

/// As on Linux, where it is known. Without it, a socket never waits in `recv`.
pub(crate) fn received_bytes(_socket: BorrowedFd<'_>) -> Option<u64> {
    None
}

/// The system has no such timeout: a request that is not acknowledged ends at its deadline.
pub(crate) fn set_acknowledgement_timeout(_socket: BorrowedFd<'_>, _timeout: Duration) {}

impl Interest {
    /// An entry for [`poll`].
    pub(crate) fn in_socket(self, socket: BorrowedFd<'_>) -> PollEntry<'_> {
        PollEntry::new(SocketId::of(socket), self)
    }

    /// The network events that make a socket ready.
    fn network_events(self) -> i32 {
        let events = match self {
            Interest::Readable => FD_READ | FD_CLOSE,
            Interest::Writable => FD_WRITE | FD_CONNECT | FD_CLOSE,
        };
        events as i32
    }
}

/// Waits until a socket is ready, at most for this time. Returns whether one is.
///
/// By `select`: before Windows 10 2004, `WSAPoll` does not notice that a connection was refused.
///
/// # Errors
///
/// What the system says.
pub(crate) fn poll(entries: &mut [PollEntry<'_>], timeout: Duration) -> io::Result<bool> {
    if entries.is_empty() {
        return Ok(false);
    }
    let of = |interest: Interest| {
        let entries = entries
            .iter()
            .filter(move |entry| entry.interest == interest);
        entries.map(|entry| entry.socket.0)
    };
    let mut readable = SocketSet::of(of(Interest::Readable))?;
    let mut writable = SocketSet::of(of(Interest::Writable))?;
    // Connections that were refused.
    let mut failed = SocketSet::of(of(Interest::Writable))?;
    let timeout = timeval(timeout);
    // SAFETY: all sets have as many sockets as they say. The first argument is ignored.
    let count = unsafe {
        select(
            0,
            readable.as_mut_ptr(),
            writable.as_mut_ptr(),
            failed.as_mut_ptr(),
            &raw const timeout,
        )
    };
    if count < 0 {
        return Err(last_error());
    }
    if count == 0 {
        return Ok(false);
    }
    let (readable, writable, failed) = (readable.sorted(), writable.sorted(), failed.sorted());
    for entry in entries {
        let has = |set: &[usize]| set.binary_search(&entry.socket.0).is_ok();
        entry.is_ready = match entry.interest {
            Interest::Readable => has(readable),
            Interest::Writable => has(writable) || has(failed),
        };
    }
    Ok(true)
}

/// An `FD_SET` of any size: the number of sockets, and the sockets. Windows does not limit it; only the size of the
/// type in C does.
struct SocketSet(Vec<usize>);

const _: () = assert!(size_of::<SOCKET>() == size_of::<usize>());
const _: () = assert!(offset_of!(FD_SET, fd_array) == size_of::<usize>());

impl SocketSet {
    fn of(sockets: impl Iterator<Item = SOCKET> + Clone) -> io::Result<SocketSet> {
        let mut words = Vec::new();
        words.try_reserve_exact(1 + sockets.clone().count())?;
        // On a 64-bit system, the upper half of this word is the gap before the sockets.
        words.push(sockets.clone().count());
        words.extend(sockets);
        Ok(SocketSet(words))
    }

    /// NULL if it is empty.
    fn as_mut_ptr(&mut self) -> *mut FD_SET {
        match self.0.len() {
            1 => ptr::null_mut(),
            _ => self.0.as_mut_ptr().cast(),
        }
    }

    /// The sockets that are left, in the order of their numbers.
    fn sorted(&mut self) -> &[usize] {
        let Some((length, sockets)) = self.0.split_first_mut() else {
            return &[];
        };
        let sockets = sockets.get_mut(..*length).unwrap_or_default();
        sockets.sort_unstable();
        sockets
    }
}

/// A time for `select`, rounded up.
fn timeval(timeout: Duration) -> TIMEVAL {
    let microseconds = timeout.as_nanos().div_ceil(1_000);
    let seconds = i32::try_from(microseconds / 1_000_000);
    TIMEVAL {
        tv_sec: seconds.unwrap_or(i32::MAX),
        tv_usec: i32::try_from(microseconds % 1_000_000).unwrap_or_default(),
    }
}

/// Signals the event when the socket becomes ready, or if it is. Only the last event of a socket counts.
pub(crate) fn watch(socket: BorrowedFd<'_>, interest: Interest, event: &Event) -> io::Result<()> {
    let handle = event.as_handle().as_raw_handle().expose_provenance() as isize;
    // SAFETY: both are open.
    let result = unsafe { WSAEventSelect(number(socket), handle, interest.network_events()) };
    if result != 0 {
        return Err(last_error());
    }
    Ok(())
}

/// Ends what [`watch`] did.
pub(crate) fn stop_watching(socket: BorrowedFd<'_>) {
    // SAFETY: the socket is open. It fails only for one that is not.
    unsafe { WSAEventSelect(number(socket), 0, 0) };
}

/// Rust's types of a socket differ in size on 32-bit systems. Handles fit into both.
fn number(socket: BorrowedFd<'_>) -> SOCKET {
    socket.as_raw_socket() as SOCKET
}

fn last_error() -> io::Error {
    // SAFETY: it has no arguments.
    io::Error::from_raw_os_error(unsafe { WSAGetLastError() })
}
