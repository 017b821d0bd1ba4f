//! Which hosts are this machine.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::Host;

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
