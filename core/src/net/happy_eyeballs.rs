//! Connects to the first address that answers (RFC 8305, Happy Eyeballs version 2): a dead address costs
//! a quarter of a second, not the whole timeout.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, ioctl_fionbio};
use rustix::net::{AddressFamily, SocketFlags, SocketType, connect, ipproto, socket_with, sockopt};

use super::attempt_context::Step;
use super::poller::Interest;
use super::transport_error::TransportError;
use super::watched_stream::WatchedStream;

/// The time between the starts of two connection attempts (RFC 8305, section 5).
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// Attempts in progress, the first one first.
type Attempts = Vec<(WatchedStream, SocketAddr)>;

/// Connects to the first address that answers, and returns it.
///
/// # Errors
///
/// The error of the last attempt that failed, or [`TransportError::Timeout`].
pub(super) async fn connect_to_any(
    addresses: &[SocketAddr],
    step: Step<'_>,
) -> Result<(WatchedStream, SocketAddr), TransportError> {
    let mut remaining = interleave_families(addresses).into_iter();
    let mut attempts = Attempts::new();
    let mut next_start = step.now();
    let mut last_error = TransportError::Io(io::ErrorKind::AddrNotAvailable.into());
    loop {
        step.time_left()?;
        // The next attempt starts when its time has come, or when all others have failed.
        if attempts.is_empty() || next_start <= step.now() {
            match remaining.next().map(|address| (start(address), address)) {
                Some((Ok(stream), address)) => attempts.push((stream, address)),
                Some((Err(error), _)) => {
                    last_error = TransportError::Io(error);
                    continue;
                }
                None if attempts.is_empty() => return Err(last_error),
                None => {}
            }
            next_start = step.now() + ATTEMPT_DELAY;
        }
        let until = match remaining.len() {
            0 => step.deadline(),
            _ => step.deadline().min(next_start),
        };
        wait_for_any(&mut attempts, step, until).await?;
        match finish_one(&mut attempts)? {
            Some((Ok(stream), address)) => {
                ioctl_fionbio(&stream, false).map_err(io::Error::from)?;
                stream.tcp().set_nodelay(true)?;
                return Ok((stream, address));
            }
            Some((Err(error), _)) => {
                last_error = TransportError::Io(error);
                next_start = step.now();
            }
            None => {}
        }
    }
}

/// Starts to connect, without waiting.
fn start(address: SocketAddr) -> io::Result<WatchedStream> {
    let family = match address {
        SocketAddr::V4(_) => AddressFamily::INET,
        SocketAddr::V6(_) => AddressFamily::INET6,
    };
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(family, SocketType::STREAM, flags, Some(ipproto::TCP))?;
    match connect(&socket, &address) {
        Ok(()) | Err(Errno::INPROGRESS | Errno::INTR) => {
            Ok(WatchedStream::new(TcpStream::from(socket)))
        }
        Err(error) => Err(error.into()),
    }
}

async fn wait_for_any(
    attempts: &mut Attempts,
    step: Step<'_>,
    until: Instant,
) -> Result<(), TransportError> {
    let mut streams: Vec<_> = attempts
        .iter_mut()
        .map(|(stream, _)| (stream, Interest::Writable))
        .collect();
    step.wait(&mut streams, until).await
}

/// Takes an attempt that has ended. `None` if all are in progress.
#[allow(
    clippy::type_complexity,
    reason = "the result of an attempt and its address"
)]
fn finish_one(
    attempts: &mut Attempts,
) -> io::Result<Option<(io::Result<WatchedStream>, SocketAddr)>> {
    let mut fds: Vec<PollFd<'_>> = attempts
        .iter()
        .map(|(stream, _)| PollFd::from_borrowed_fd(stream.as_fd(), PollFlags::OUT))
        .collect();
    let no_wait = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    match poll(&mut fds, Some(&no_wait)) {
        Ok(_) | Err(Errno::INTR) => {}
        Err(error) => return Err(error.into()),
    }
    let ended = fds.iter().position(|fd| !fd.revents().is_empty());
    let Some(ended) = ended else {
        return Ok(None);
    };
    drop(fds);
    let (stream, address) = attempts.remove(ended);
    let result = match sockopt::socket_error(&stream) {
        Ok(Ok(())) => Ok(stream),
        Ok(Err(error)) | Err(error) => Err(error.into()),
    };
    Ok(Some((result, address)))
}

/// Orders addresses so that the families alternate, beginning with the family of the first (RFC 8305,
/// section 4).
fn interleave_families(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let starts_with_ipv6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<SocketAddr>, Vec<SocketAddr>) = addresses
        .iter()
        .partition(|address| address.is_ipv6() == starts_with_ipv6);
    let mut interleaved = Vec::with_capacity(addresses.len());
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    loop {
        let length = interleaved.len();
        interleaved.extend(first.next());
        interleaved.extend(second.next());
        if interleaved.len() == length {
            return interleaved;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_families_alternate() {
        let addresses = |hosts: &[&str]| -> Vec<SocketAddr> {
            let address = |host: &&str| SocketAddr::new(host.parse().unwrap(), 443);
            hosts.iter().map(address).collect()
        };
        let ordered = |hosts: &[&str]| interleave_families(&addresses(hosts));
        assert_eq!(
            ordered(&["::1", "::2", "::3", "192.0.2.1", "192.0.2.2"]),
            addresses(&["::1", "192.0.2.1", "::2", "192.0.2.2", "::3"])
        );
        assert_eq!(
            ordered(&["192.0.2.1", "192.0.2.2", "::1"]),
            addresses(&["192.0.2.1", "::1", "192.0.2.2"])
        );
        assert_eq!(ordered(&[]), []);
    }
}
