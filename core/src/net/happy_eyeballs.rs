//! Connects to the first address that answers (RFC 8305, Happy Eyeballs version 2): a dead address costs
//! a quarter of a second, not the whole timeout.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::attempt_context::Step;
use super::transport_error::TransportError;
use super::watched_stream::WatchedStream;
use crate::os::Interest;

/// The time between the starts of two connection attempts (RFC 8305, section 5).
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// An attempt in progress.
type Attempt = (WatchedStream, SocketAddr);

/// Attempts in progress, the first one first.
type Attempts = Vec<Attempt>;

/// Connects to the first address that answers, and returns it.
///
/// # Errors
///
/// The error of the last attempt that failed, or [`TransportError::Timeout`].
pub(super) async fn connect_to_any(
    addresses: &[SocketAddr],
    step: Step<'_>,
) -> Result<Attempt, TransportError> {
    let mut remaining = interleave_families(addresses).into_iter();
    let mut attempts = Attempts::new();
    let mut next_start = step.now();
    let mut last_error = TransportError::Io(io::ErrorKind::AddrNotAvailable.into());
    loop {
        step.time_left()?;
        // The next attempt starts when its time has come, or when all others have failed.
        if attempts.is_empty() || next_start <= step.now() {
            match remaining.next() {
                Some(address) => match step.connect(address) {
                    Ok(stream) => attempts.push((stream, address)),
                    Err(error) => {
                        last_error = TransportError::Io(error);
                        continue;
                    }
                },
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
        match take_ended(&mut attempts)? {
            Some(((stream, address), Ok(()))) => {
                stream.connected()?;
                return Ok((stream, address));
            }
            Some((_, Err(error))) => {
                last_error = TransportError::Io(error);
                next_start = step.now();
            }
            None => {}
        }
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
fn take_ended(attempts: &mut Attempts) -> io::Result<Option<(Attempt, io::Result<()>)>> {
    for index in 0..attempts.len() {
        let result = match attempts.get(index) {
            Some((stream, _)) => stream.connect_result()?,
            None => None,
        };
        if let Some(result) = result {
            return Ok(Some((attempts.remove(index), result)));
        }
    }
    Ok(None)
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
