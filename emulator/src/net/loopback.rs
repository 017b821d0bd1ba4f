//! The loopback addresses: the sockets that the emulator listens on, 127.0.0.1 and `::1` with the same
//! port, and which hosts of URLs are this machine.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener};

use url::Host;

/// How many free ports of 127.0.0.1 are tried until one is free on `::1` too.
const MAX_ATTEMPTS: usize = 100;

/// The hosts that the emulator answers to, as they stand in `NO_PROXY`.
pub(crate) const LOOPBACK_HOSTS: &str = "127.0.0.1,localhost,::1";

/// The loopback addresses of a host; `None` if it is not this machine. No name is looked up: `localhost` and
/// the names below it are this machine by RFC 6761.
pub(crate) fn loopback_addresses<S: AsRef<str>>(host: &Host<S>) -> Option<Vec<IpAddr>> {
    match host {
        Host::Ipv4(ip) if ip.is_loopback() => Some(vec![IpAddr::V4(*ip)]),
        Host::Ipv6(ip) if ip.to_canonical().is_loopback() => Some(vec![IpAddr::V6(*ip)]),
        Host::Domain(name) => {
            let name = name.as_ref();
            let is_local = name == "localhost" || name.ends_with(".localhost");
            is_local.then(|| vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()])
        }
        _ => None,
    }
}

/// Listeners on the same port of both loopback addresses.
pub(crate) struct LoopbackListeners {
    ipv4: TcpListener,
    /// An error if this machine has no IPv6.
    ipv6: io::Result<TcpListener>,
}

impl LoopbackListeners {
    /// Binds a port; 0 stands for any port that is free on both addresses.
    pub(crate) fn bind(port: u16) -> io::Result<LoopbackListeners> {
        let bound = bind_both(port, |address, port| TcpListener::bind((address, port)))?;
        for listener in std::iter::once(&bound.ipv4).chain(&bound.ipv6) {
            listener.set_nonblocking(true)?;
        }
        Ok(bound)
    }

    pub(crate) fn port(&self) -> io::Result<u16> {
        Ok(self.ipv4.local_addr()?.port())
    }

    /// Why the emulator does not listen on `::1`, if it does not.
    pub(crate) fn ipv6_problem(&self) -> Option<String> {
        self.ipv6.as_ref().err().map(io::Error::to_string)
    }

    /// All listeners.
    pub(crate) fn into_vec(self) -> Vec<TcpListener> {
        std::iter::once(self.ipv4).chain(self.ipv6).collect()
    }
}

/// Binds a port of both addresses. A free port of 127.0.0.1 may be in use on `::1`; then another one is
/// tried. Any other error on `::1` means that the machine has no such address.
fn bind_both(
    port: u16,
    bind: impl Fn(IpAddr, u16) -> io::Result<TcpListener>,
) -> io::Result<LoopbackListeners> {
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
            ipv6 => return Ok(LoopbackListeners { ipv4, ipv6 }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    /// Binds 127.0.0.1 for both addresses, since a machine may have no IPv6. The first binds of `::1`
    /// fail with these errors. Returns what was bound, and each port that was tried on `::1`.
    fn bind_failing(
        port: u16,
        errors: &[io::ErrorKind],
    ) -> (io::Result<LoopbackListeners>, Vec<u16>) {
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
