//! IPv6: the emulator answers on `::1` as on 127.0.0.1, with and without TLS.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use common::raw::RawConnection;
use common::{TestEmulator, start};
use descope_ml_emulator::{Emulator, Options};

/// Whether this machine has IPv6. If not, the emulator says so; `net/loopback.rs` tests that.
fn has_ipv6() -> bool {
    TcpListener::bind(("::1", 0)).is_ok()
}

fn port(emulator: &Emulator) -> u16 {
    let (_, port) = emulator.base_url().rsplit_once(':').unwrap();
    port.parse().unwrap()
}

#[test]
fn both_loopback_addresses_lead_to_the_same_project() {
    if !has_ipv6() {
        return;
    }
    for latency in [Duration::ZERO, Duration::from_millis(1)] {
        let emulator = TestEmulator::start(Options {
            latency,
            ..Options::default()
        });
        let path = format!("/v2/keys/{}", emulator.server.project_id());
        let port = port(&emulator.server);
        let (_, ipv4) = RawConnection::open_address(&format!("127.0.0.1:{port}")).get(&path);
        let (_, ipv6) = RawConnection::open_address(&format!("[::1]:{port}")).get(&path);
        assert!(ipv4.contains("\"kid\""), "{ipv4}");
        assert_eq!(ipv4, ipv6);
        assert_eq!(emulator.requests_to(&path).len(), 2);
    }
}

#[test]
fn the_certificate_is_valid_for_all_names_of_this_machine() {
    let emulator = TestEmulator::start_tls(Options::default());
    let pem = std::fs::read(emulator.server.ca_file().unwrap()).unwrap();
    let ca = ureq::tls::Certificate::from_pem(&pem).unwrap();
    let roots = ureq::tls::RootCerts::new_with_certs(&[ca]);
    let tls = ureq::tls::TlsConfig::builder().root_certs(roots).build();
    let agent: ureq::Agent = ureq::Agent::config_builder().tls_config(tls).build().into();
    let ipv6 = has_ipv6().then_some("[::1]");
    for host in ["127.0.0.1", "localhost"].into_iter().chain(ipv6) {
        let url = format!("https://{host}:{}/healthz", port(&emulator.server));
        let response = agent.get(&url).call();
        assert_eq!(response.map(|it| it.status().as_u16()).unwrap(), 200);
    }
}

#[test]
fn a_given_port_is_served_on_both_addresses() {
    if !has_ipv6() {
        return;
    }
    let first = start();
    let port = port(&first.server);
    drop(first);
    let second = TestEmulator::start(Options {
        port,
        ..Options::default()
    });
    assert_eq!(self::port(&second.server), port);
    assert!(TcpStream::connect(("::1", port)).is_ok());
}

#[test]
fn a_port_in_use_on_ipv6_only_is_reported() {
    if !has_ipv6() {
        return;
    }
    let taken = TcpListener::bind(("::1", 0)).unwrap();
    let error = Emulator::start(Options {
        port: taken.local_addr().unwrap().port(),
        ..Options::default()
    });
    assert!(error.unwrap_err().to_string().contains("in use"));
}
