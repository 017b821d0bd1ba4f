//! The server: connections, TLS, the seed file, invalid options, and unusual requests.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;

use common::raw::RawConnection;
use common::{PHONE, TestEmulator, assert_api_error, start};
use descope_ml_emulator::{Emulator, Options};
use serde_json::json;

#[test]
fn a_connection_is_kept_alive_for_several_requests() {
    let emulator = Emulator::start(Options::default()).unwrap();
    let address = emulator.base_url().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    for _ in 0..3 {
        write!(stream, "GET /healthz HTTP/1.1\r\nHost: {address}\r\n\r\n").unwrap();
        let mut response = Vec::new();
        while !response.ends_with(br#"{"ok":true}"#) {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            response.push(byte[0]);
        }
        assert!(response.starts_with(b"HTTP/1.1 200 OK\r\n"));
    }
}

#[test]
fn unusual_requests_get_json_errors() {
    let emulator = start();
    assert_api_error(emulator.get("/v2/keys/%FF"), 401, "E071001");
    let (status, body) = emulator.get("/_emulator/messages?to=a&to=b");
    assert_eq!((status, body["error"].is_string()), (400, true));
    let large = format!(r#"{{"loginId": "{}"}}"#, "a".repeat(3 << 20));
    let sign_in = "/v1/auth/magiclink/signin/sms";
    assert_api_error(emulator.post_text(sign_in, "", &large), 400, "E011001");
}

#[test]
fn unknown_paths_and_methods_get_the_services_error_document() {
    let emulator = start();
    assert_api_error(emulator.get("/v1/auth/nothing"), 404, "E011001");
    assert_api_error(emulator.get("/v1/auth/magiclink/verify"), 405, "E011001");
    assert_eq!(emulator.get("/healthz").0, 200);
    let key = format!(":{}", emulator.server.management_key());
    assert_eq!(emulator.post("/v1/mgmt/license", &key, &json!({})).0, 405);
}

#[test]
fn an_unknown_control_route_gets_404_with_all_routes() {
    let emulator = start();
    let (status, response) = emulator.get("/_emulator/nothing");
    let routes = [
        "reset",
        "state",
        "settings",
        "clock",
        "faults",
        "faults/random",
        "keys/rotate",
        "forge",
        "requests",
        "scanner",
        "messages",
        "messages/latest",
        "messages/events",
        "openapi.json",
    ];
    let (_, listed) = response["error"]
        .as_str()
        .unwrap()
        .split_once(": use ")
        .unwrap();
    let listed = listed.replace(" or ", ", ");
    let mut listed: Vec<&str> = listed.split(", ").collect();
    listed.sort_unstable();
    let mut expected = routes.to_vec();
    expected.sort_unstable();
    assert_eq!((status, listed), (404, expected));
    for route in routes {
        // Most routes do not have this method.
        let (status, response) = emulator.patch(&format!("/_emulator/{route}"), &json!({}));
        assert_ne!(status, 404, "{route}: {response}");
    }
}

#[test]
fn the_whole_request_is_read_also_if_its_body_is_not_needed() {
    let emulator = start();
    let mut connection = RawConnection::open(&emulator.server);
    let address = emulator.server.base_url().strip_prefix("http://").unwrap();
    for (method, path, host, expected) in [
        ("PATCH", "/_emulator/clock", address, 405),
        ("POST", "/_emulator/nothing", address, 404),
        ("DELETE", "/_emulator/faults", address, 200),
        ("POST", "/_emulator/reset", "evil.example", 403),
    ] {
        let body = "x".repeat(1 << 20);
        connection.send_when_asked(method, path, host, &body);
        let (head, _) = connection.read();
        assert!(head.starts_with(&format!("http/1.1 {expected} ")), "{head}");
    }
}

#[test]
fn a_seed_file_creates_users_and_an_invalid_one_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let seed = |text: &str| {
        let path = folder.path().join("users.json");
        std::fs::write(&path, text).unwrap();
        Options {
            seed: Some(path),
            ..Options::default()
        }
    };
    let emulator = TestEmulator::start(seed(
        &json!([{"loginId": PHONE, "name": "Ada"}]).to_string(),
    ));
    assert_eq!(emulator.sign_in(&json!({})).0, 200);
    for (invalid, expected_text) in [
        ("[{}]", "missing field `loginId` at line 1"),
        (r#"[{"loginId": "a", "phon": "b"}]"#, "unknown field `phon`"),
        (r#"[{"loginId": ""}]"#, "empty loginId"),
        (
            r#"[{"loginId": "a"}, {"loginId": "a"}]"#,
            "user 2 is used by an earlier user",
        ),
        ("{", "at line 1"),
    ] {
        let error = Emulator::start(seed(invalid)).unwrap_err().to_string();
        assert!(
            error.contains("users.json") && error.contains(expected_text),
            "{error}"
        );
    }
    let missing = Options {
        seed: Some("/nowhere.json".into()),
        ..Options::default()
    };
    assert!(
        Emulator::start(missing)
            .unwrap_err()
            .to_string()
            .contains("/nowhere.json")
    );
}

#[test]
fn seed_users_are_created_at_the_time_of_the_emulators_clock() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users.json");
    std::fs::write(&path, json!([{"loginId": PHONE}]).to_string()).unwrap();
    let emulator = TestEmulator::start(Options {
        seed: Some(path),
        clock_offset: -12 * 3600 * 1000,
        ..Options::default()
    });
    emulator.sign_in(&json!({}));
    let user = emulator.verify_newest(PHONE)["user"].take();
    let now = emulator.get("/_emulator/clock").1["now"].as_u64().unwrap();
    assert!(user["createdTime"].as_u64().unwrap() <= now, "{user}");
}

#[test]
fn https_uses_a_certificate_of_the_ca_in_the_ca_file() {
    let emulator = Emulator::start(Options {
        tls: true,
        ..Options::default()
    })
    .unwrap();
    let pem = std::fs::read(emulator.ca_file().unwrap()).unwrap();
    let ca = ureq::tls::Certificate::from_pem(&pem).unwrap();
    let health = |roots: ureq::tls::RootCerts| {
        let tls = ureq::tls::TlsConfig::builder().root_certs(roots).build();
        let agent: ureq::Agent = ureq::Agent::config_builder().tls_config(tls).build().into();
        let response = agent.get(format!("{}/healthz", emulator.base_url())).call();
        response.map(|response| response.status().as_u16())
    };
    assert!(emulator.base_url().starts_with("https://127.0.0.1:"));
    assert_eq!(
        health(ureq::tls::RootCerts::new_with_certs(&[ca])).unwrap(),
        200
    );
    assert!(health(ureq::tls::RootCerts::WebPki).is_err());
    let path = emulator.ca_file().unwrap().to_owned();
    drop(emulator);
    assert!(!path.exists());
}

#[test]
fn a_port_in_use_is_reported() {
    let first = Emulator::start(Options::default()).unwrap();
    let port = first
        .base_url()
        .rsplit(':')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let second = Emulator::start(Options {
        port,
        ..Options::default()
    });
    assert!(second.unwrap_err().to_string().contains("in use"));
}

#[test]
fn debug_output_contains_no_secrets() {
    let options = Options {
        management_key: Some("Kmine".to_owned()),
        ..Options::default()
    };
    assert!(!format!("{options:?}").contains("Kmine"));
    let emulator = TestEmulator::start(options);
    assert!(!format!("{:?}", emulator.server).contains("Kmine"));
    let token = emulator.sign_up(PHONE);
    let shown = format!("{:?}", emulator.server.messages(PHONE));
    assert!(!shown.contains(&token) && !shown.contains(PHONE));
}

#[test]
fn an_emulator_can_start_and_stop_inside_a_tokio_runtime() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let served = runtime.block_on(async {
        let emulator = Emulator::start(Options::default()).unwrap();
        let invalid = Options {
            seed: Some("/nowhere.json".into()),
            ..Options::default()
        };
        assert!(Emulator::start(invalid).is_err());
        TcpStream::connect(emulator.base_url().strip_prefix("http://").unwrap()).is_ok()
    });
    assert!(served);
}
