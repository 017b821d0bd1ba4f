//! Which hosts are connected to without a proxy: the entries of `NO_PROXY`.

use std::net::IpAddr;

/// One entry, with the only port that it is about, where it names one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Direct {
    hosts: Hosts,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Hosts {
    All,
    /// A domain, in lower case, and all below it.
    Domain(String),
    /// The addresses that begin with so many bits of this one.
    Network(IpAddr, u32),
}

impl Direct {
    /// Reads `*`, `host`, `.domain`, `*.domain`, an address, or `address/bits`; a port may follow a
    /// host or an address, as in `host:8080`. `None` for an entry that can match nothing.
    pub(super) fn parse(entry: &str) -> Option<Direct> {
        let entry = entry.trim().to_lowercase();
        if let Some(network) = network(&entry) {
            return Some(network.into());
        }
        let with_port = entry.rsplit_once(':');
        let (name, port) = match with_port.map(|(name, port)| (name, port.parse())) {
            Some((name, Ok(port))) => (name, Some(port)),
            _ => (entry.as_str(), None),
        };
        if let Some(network) = network(name) {
            return Some(Direct {
                port,
                ..network.into()
            });
        }
        let domain = name.trim_start_matches('*').trim_matches('.');
        let hosts = match (name, domain) {
            ("*", _) => Hosts::All,
            (_, "") => return None,
            _ => Hosts::Domain(domain.to_owned()),
        };
        Some(Direct { hosts, port })
    }

    /// Whether a host, in lower case and without brackets, is one of them.
    pub(super) fn holds(&self, host: &str, port: u16) -> bool {
        let is_host = match &self.hosts {
            Hosts::All => true,
            Hosts::Domain(domain) => host
                .trim_end_matches('.')
                .strip_suffix(domain.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.')),
            Hosts::Network(network, length) => host
                .parse()
                .is_ok_and(|address| begin_alike(*network, address, *length)),
        };
        is_host && self.port.is_none_or(|own| own == port)
    }
}

impl From<Hosts> for Direct {
    fn from(hosts: Hosts) -> Direct {
        Direct { hosts, port: None }
    }
}

/// An address, in brackets or not, or a network in CIDR notation.
fn network(text: &str) -> Option<Hosts> {
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(length.parse().ok()?)),
        None => (text, None),
    };
    let bare = address
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let address: IpAddr = bare.unwrap_or(address).parse().ok()?;
    let all = if address.is_ipv4() { 32 } else { 128 };
    let length = length.unwrap_or(all);
    (length <= all).then_some(Hosts::Network(address, length))
}

fn begin_alike(one: IpAddr, other: IpAddr, length: u32) -> bool {
    let bits = |address| match address {
        IpAddr::V4(address) => u128::from(u32::from(address)) << 96,
        IpAddr::V6(address) => u128::from(address),
    };
    let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
    one.is_ipv4() == other.is_ipv4() && (bits(one) ^ bits(other)) & mask == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_hold_the_hosts_that_they_name() {
        for (entry, host, port) in [
            ("*", "api.descope.com", 443),
            ("Descope.com", "api.descope.com", 443),
            (".descope.com", "descope.com", 443),
            ("*.descope.com", "api.descope.com", 443),
            ("descope.com.", "api.descope.com.", 443),
            (" api.descope.com:443 ", "api.descope.com", 443),
            ("10.0.0.1", "10.0.0.1", 80),
            ("10.0.0.1:80", "10.0.0.1", 80),
            ("10.0.0.0/8", "10.255.0.1", 80),
            ("0.0.0.0/0", "192.0.2.1", 80),
            ("2001:db8::/32", "2001:db8::7", 80),
            ("[2001:db8::7]", "2001:db8::7", 80),
            ("[2001:db8::7]:80", "2001:db8::7", 80),
        ] {
            let rule = Direct::parse(entry).unwrap();
            assert!(rule.holds(host, port), "{entry} {host}");
        }
    }

    #[test]
    fn entries_hold_no_other_host() {
        for (entry, host, port) in [
            ("descope.com", "notdescope.com", 443),
            ("descope.com", "descope.com.example", 443),
            ("descope.com:8443", "descope.com", 443),
            ("10.0.0.1", "10.0.0.10", 80),
            ("10.0.0.0/9", "10.128.0.0", 80),
            ("0.0.0.0/0", "::1", 80),
            ("0.0.0.0/0", "descope.com", 80),
            ("10.0.0.0/33", "10.0.0.0", 80),
            ("2001:db8::/32", "2001:db9::", 80),
        ] {
            let rule = Direct::parse(entry);
            let holds = rule.is_some_and(|rule| rule.holds(host, port));
            assert!(!holds, "{entry} {host}");
        }
        for nothing in ["", " ", ".", "*.", ":80"] {
            assert_eq!(Direct::parse(nothing), None, "{nothing:?}");
        }
    }
}
