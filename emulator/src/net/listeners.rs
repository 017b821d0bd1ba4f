//! The sockets that the emulator listens on: 127.0.0.1 and `::1` with the same port, or another address.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener};

/// How many free ports of 127.0.0.1 are tried until one is free on `::1` too.
const MAX_ATTEMPTS: usize = 100;

/// The listeners of an emulator.
pub(crate) struct Listeners {
    /// On 127.0.0.1, unless another address was asked for.
    first: TcpListener,
    /// On the same port of `::1`. An error if this machine has no IPv6; `None` if another address was asked for.
    ipv6: Option<io::Result<TcpListener>>,
}

impl Listeners {
    /// Binds a port of an address, or of both loopback addresses. Port 0 stands for any free port.
    pub(crate) fn bind(address: Option<IpAddr>, port: u16) -> io::Result<Listeners> {
        let bind = |address, port| TcpListener::bind((address, port));
        let bound = match address {
            Some(address) => Listeners {
                first: bind(address, port)?,
                ipv6: None,
            },
            None => bind_both(port, bind)?,
        };
        for listener in std::iter::once(&bound.first).chain(bound.ipv6.iter().flatten()) {
            listener.set_nonblocking(true)?;
        }
        Ok(bound)
    }

    pub(crate) fn port(&self) -> io::Result<u16> {
        Ok(self.first.local_addr()?.port())
    }

    /// Why the emulator does not listen on `::1`, if it does not.
    pub(crate) fn ipv6_problem(&self) -> Option<String> {
        let ipv6 = self.ipv6.as_ref()?;
        ipv6.as_ref().err().map(io::Error::to_string)
    }

    /// All listeners.
    pub(crate) fn into_vec(self) -> Vec<TcpListener> {
        let ipv6 = self.ipv6.into_iter().flatten();
        std::iter::once(self.first).chain(ipv6).collect()
    }
}

/// Binds a port of both addresses. A free port of 127.0.0.1 may be in use on `::1`; then another one is
/// tried. Any other error on `::1` means that the machine has no such address.
fn bind_both(
    port: u16,
    bind: impl Fn(IpAddr, u16) -> io::Result<TcpListener>,
) -> io::Result<Listeners> {
    // The listeners of ports that are in use on `::1`. They are kept, so that each attempt gets another
    // port.
    let mut unsuitable = Vec::new();
    loop {
        let ipv4 = bind(Ipv4Addr::LOCALHOST.into(), port)?;
        let same_port = ipv4.local_addr()?.port();
        match bind(Ipv6Addr::LOCALHOST.into(), same_port) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                if port != 0 || unsuitable.len() >= MAX_ATTEMPTS {
                    return Err(error);
                }
                unsuitable.push(ipv4);
            }
            ipv6 => {
                return Ok(Listeners {
                    first: ipv4,
                    ipv6: Some(ipv6),
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    /// Binds 127.0.0.1 for both addresses, since a machine may have no IPv6. The first binds of `::1`
    /// fail with these errors. Returns what was bound, and each port that was tried on `::1`.
    fn bind_failing(port: u16, errors: &[io::ErrorKind]) -> (io::Result<Listeners>, Vec<u16>) {
        let tried = RefCell::new(Vec::new());
        let bound = bind_both(port, |address, port| {
            if address.is_ipv4() {
                return TcpListener::bind((address, port));
            }
            let mut tried = tried.borrow_mut();
            tried.push(port);
            match errors.get(tried.len() - 1) {
                Some(error) => Err((*error).into()),
                None => TcpListener::bind((Ipv4Addr::LOCALHOST, 0)),
            }
        });
        (bound, tried.into_inner())
    }

    #[test]
    fn another_free_port_is_tried_if_one_is_in_use_on_ipv6() {
        let in_use = io::ErrorKind::AddrInUse;
        let (bound, tried) = bind_failing(0, &[in_use, in_use]);
        let bound = bound.unwrap();
        assert_eq!((bound.ipv6_problem(), tried.len()), (None, 3));
        assert_eq!(tried.last(), Some(&bound.port().unwrap()));
        assert!(tried[0] != tried[1] && tried[1] != tried[2], "{tried:?}");
    }

    #[test]
    fn a_given_port_in_use_on_ipv6_is_an_error() {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let (bound, tried) = bind_failing(port, &[io::ErrorKind::AddrInUse]);
        let error = bound.err().map(|error| error.kind());
        assert_eq!(error, Some(io::ErrorKind::AddrInUse));
        assert_eq!(tried, [port]);
    }

    #[test]
    fn a_machine_without_ipv6_gets_one_listener() {
        for error in [io::ErrorKind::AddrNotAvailable, io::ErrorKind::Unsupported] {
            let bound = bind_failing(0, &[error]).0.unwrap();
            assert!(bound.ipv6_problem().is_some());
            assert_eq!(bound.into_vec().len(), 1);
        }
    }
}
