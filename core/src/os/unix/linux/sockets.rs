//! What only Linux can say of sockets, or do with them.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::time::Duration;

use rustix::io::ioctl_fionbio;
use rustix::net::sockopt;

/// Prepares a socket whose connection was made: from now on it waits if it is not told otherwise.
pub(crate) fn connection_made(socket: BorrowedFd<'_>) -> io::Result<()> {
    Ok(ioctl_fionbio(socket, false)?)
}

/// Waits for events of an `epoll` descriptor, at most for so many milliseconds (-1: without a limit).
/// Returns the number of events. The wrapper of the C library, because Valgrind misreads the arguments of
/// the system call that rustix makes.
pub(crate) fn epoll_wait(
    epoll: BorrowedFd<'_>,
    events: &mut [libc::epoll_event],
    timeout_ms: i32,
) -> io::Result<usize> {
    let length = i32::try_from(events.len()).unwrap_or(i32::MAX);
    // SAFETY: `events` has room for `length` events, and the descriptor is open.
    let count =
        unsafe { libc::epoll_wait(epoll.as_raw_fd(), events.as_mut_ptr(), length, timeout_ms) };
    usize::try_from(count).map_err(|_| io::Error::last_os_error())
}

/// Sets for how long sent bytes may remain unacknowledged. After that the connection fails with
/// [`io::ErrorKind::TimedOut`] (RFC 5482).
pub(crate) fn set_acknowledgement_timeout(socket: BorrowedFd<'_>, timeout: Duration) {
    let milliseconds = u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX);
    // Where it fails, as in some sandboxes, a request ends at its deadline.
    let _ = sockopt::set_tcp_user_timeout(socket, milliseconds);
}

/// The beginning of `struct tcp_info` of Linux, to which only the end may be added to.
#[repr(C)]
struct TcpInfo {
    state: u8,
    _before: [u8; 127],
    bytes_received: u64,
}

const _: () = assert!(std::mem::offset_of!(TcpInfo, bytes_received) == 128);

/// `TCP_ESTABLISHED`: neither side has closed the connection.
const ESTABLISHED: u8 = 1;

/// How many bytes have arrived on a TCP connection so far, read or not. `None` if a side has closed it, for
/// other descriptors, and where the system does not say.
pub(crate) fn received_bytes(socket: BorrowedFd<'_>) -> Option<u64> {
    const SIZE: libc::socklen_t = size_of::<TcpInfo>() as libc::socklen_t;
    let mut info = MaybeUninit::<TcpInfo>::uninit();
    let mut size = SIZE;
    // SAFETY: `info` has room for `size` bytes.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_INFO,
            info.as_mut_ptr().cast(),
            &raw mut size,
        )
    };
    // Linux before 4.1 does not count. Then the size is smaller.
    if result != 0 || size != SIZE {
        return None;
    }
    // SAFETY: the kernel has written all bytes, and any bytes are valid.
    let info = unsafe { info.assume_init_ref() };
    (info.state == ESTABLISHED).then_some(info.bytes_received)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::os::fd::AsFd;
    use std::os::unix::net::UnixStream;

    #[test]
    fn bytes_count_from_their_arrival_until_a_side_closes_the_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut server, _) = listener.accept().unwrap();
        assert_eq!(received_bytes(client.as_fd()), Some(0));
        server.write_all(b"hello").unwrap();
        client.peek(&mut [0]).unwrap();
        assert_eq!(received_bytes(client.as_fd()), Some(5));
        client.read_exact(&mut [0; 5]).unwrap();
        assert_eq!(received_bytes(client.as_fd()), Some(5));
        drop(server);
        assert_eq!(client.read(&mut [0]).unwrap(), 0);
        assert_eq!(received_bytes(client.as_fd()), None);
    }

    #[test]
    fn other_descriptors_count_no_bytes() {
        let (socket, _other) = UnixStream::pair().unwrap();
        assert_eq!(received_bytes(socket.as_fd()), None);
        let file = std::fs::File::open("/dev/null").unwrap();
        assert_eq!(received_bytes(file.as_fd()), None);
    }
}
