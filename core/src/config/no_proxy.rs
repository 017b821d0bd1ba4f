//! The rules of `NO_PROXY`: which hosts are connected to directly.

use std::net::IpAddr;

/// One rule. With a port, it applies to that port only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NoProxyRule {
    hosts: Hosts,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Hosts {
    All,
    /// A domain in lower case, and its subdomains.
    Domain(String),
    /// The addresses whose first bits, so many of them, are those of this address.
    Network(IpAddr, u32),
}

impl NoProxyRule {
    /// Parses `*`, `host`, `.domain`, `*.domain`, an address or `address/bits`. A host or an address may
    /// have a port, as in `host:8080`. `None` for a rule that matches nothing.
    pub(super) fn parse(entry: &str) -> Option<NoProxyRule> {
        let entry = entry.trim().to_lowercase();
        if let Some(network) = parse_network(&entry) {
            return Some(network.into());
        }
        let with_port = entry.rsplit_once(':');
        let (name, port) = match with_port.map(|(name, port)| (name, port.parse())) {
            Some((name, Ok(port))) => (name, Some(port)),
            _ => (entry.as_str(), None),
        };
        if let Some(network) = parse_network(name) {
            return Some(NoProxyRule {
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
        Some(NoProxyRule { hosts, port })
    }

    /// Whether the rule applies to a host, which is in lower case and without brackets.
    pub(super) fn matches(&self, host: &str, port: u16) -> bool {
        let matches_host = match &self.hosts {
            Hosts::All => true,
            Hosts::Domain(domain) => host
                .trim_end_matches('.')
                .strip_suffix(domain.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.')),
            Hosts::Network(network, length) => host
                .parse()
                .is_ok_and(|address| has_prefix(*network, address, *length)),
        };
        matches_host && self.port.is_none_or(|own| own == port)
    }
}

impl From<Hosts> for NoProxyRule {
    fn from(hosts: Hosts) -> NoProxyRule {
        NoProxyRule { hosts, port: None }
    }
}

/// Parses an address, with or without brackets, or a network in CIDR notation.
fn parse_network(text: &str) -> Option<Hosts> {
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

fn has_prefix(network: IpAddr, address: IpAddr, length: u32) -> bool {
    let bits = |address| match address {
        IpAddr::V4(address) => u128::from(u32::from(address)) << 96,
        IpAddr::V6(address) => u128::from(address),
    };
    let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
    network.is_ipv4() == address.is_ipv4() && (bits(network) ^ bits(address)) & mask == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_match_their_hosts() {
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
            let rule = NoProxyRule::parse(entry).unwrap();
            assert!(rule.matches(host, port), "{entry} {host}");
        }
    }

    #[test]
    fn rules_match_no_other_host() {
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
            let rule = NoProxyRule::parse(entry);
            let matches = rule.is_some_and(|rule| rule.matches(host, port));
            assert!(!matches, "{entry} {host}");
        }
        for invalid in ["", " ", ".", "*.", ":80"] {
            assert_eq!(NoProxyRule::parse(invalid), None, "{invalid:?}");
        }
    }
}
