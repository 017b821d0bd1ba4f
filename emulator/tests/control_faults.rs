//! The control route for faults.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use common::{PHONE, TestEmulator, assert_api_error, start};
use descope_ml_emulator::Options;
use serde_json::{Value, json};

const VERIFY: &str = "/v1/auth/magiclink/verify";
const SIGN_IN: &str = "/v1/auth/magiclink/signin/sms";

/// Posts over a new connection. Returns everything that was read, and the error that ended it, if any.
fn post_raw(emulator: &TestEmulator, path: &str, body: &str) -> (String, Option<ErrorKind>) {
    let address = emulator.server.base_url().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let timeout = Some(std::time::Duration::from_secs(30));
    stream.set_read_timeout(timeout).unwrap();
    let bearer = emulator.server.project_id();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {bearer}\r\n\
         Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut read = Vec::new();
    let error = stream.read_to_end(&mut read).err().map(|e| e.kind());
    (String::from_utf8(read).unwrap(), error)
}

fn fault_over_tls(emulator: &TestEmulator) {
    let pem = std::fs::read(emulator.server.ca_file().unwrap()).unwrap();
    let ca = ureq::tls::Certificate::from_pem(&pem).unwrap();
    let roots = ureq::tls::RootCerts::new_with_certs(&[ca]);
    let tls = ureq::tls::TlsConfig::builder().root_certs(roots).build();
    let agent: ureq::Agent = ureq::Agent::config_builder().tls_config(tls).build().into();
    let url = |path: &str| format!("{}{path}", emulator.server.base_url());
    for invalid in [json!({"reset": true}), json!({"truncate": 5})] {
        let mut request = invalid;
        request["path"] = json!("/v2/keys/*");
        request["times"] = json!(1);
        let added = agent
            .post(url("/_emulator/faults"))
            .send(request.to_string());
        assert_eq!(added.unwrap().status().as_u16(), 200);
        let keys = url(&format!("/v2/keys/{}", emulator.server.project_id()));
        let read = agent
            .get(&keys)
            .call()
            .and_then(|mut response| response.body_mut().read_to_string());
        assert!(read.is_err(), "{read:?}");
        assert_eq!(agent.get(&keys).call().unwrap().status().as_u16(), 200);
    }
}

#[test]
fn a_fault_with_times_ends_after_that_many_requests() {
    let emulator = start();
    let token = emulator.sign_up(PHONE);
    emulator.add_fault(
        &json!({"path": VERIFY, "status": 503, "headers": {"Retry-After": "3"}, "times": 2}),
    );
    assert_api_error(emulator.verify(&token), 503, "E010009");
    let (_, left) = emulator.get("/_emulator/faults");
    assert_eq!(
        (&left["faults"][0]["used"], &left["faults"][0]["times"]),
        (&json!(1), &json!(2))
    );
    let (head, _) = post_raw(&emulator, VERIFY, &json!({"token": token}).to_string());
    assert!(
        head.starts_with("HTTP/1.1 503 ") && head.contains("\r\nretry-after: 3\r\n"),
        "{head}"
    );
    assert_eq!(emulator.get("/_emulator/faults").1, json!({"faults": []}));
    assert_eq!(emulator.verify(&token).0, 200);
}

#[test]
fn a_fault_with_after_changes_only_the_response() {
    let emulator = start();
    let token = emulator.sign_up(PHONE);
    emulator.add_fault(
        &json!({"path": VERIFY, "status": 502, "body": "<html>", "times": 1, "after": true}),
    );
    assert_eq!(emulator.verify(&token), (502, json!("<html>")));
    assert_api_error(emulator.verify(&token), 401, "E062504");
}

#[test]
fn a_reset_fault_ends_the_connection_without_a_response() {
    let emulator = start();
    let token = emulator.sign_up(PHONE);
    let body = json!({"token": token}).to_string();
    emulator.add_fault(&json!({"path": "/v1/auth/*", "reset": true, "times": 1}));
    let reset = (String::new(), Some(ErrorKind::ConnectionReset));
    assert_eq!(post_raw(&emulator, VERIFY, &body), reset);
    emulator.add_fault(&json!({"path": VERIFY, "reset": true, "times": 1, "after": true}));
    assert_eq!(post_raw(&emulator, VERIFY, &body), reset);
    assert_api_error(emulator.verify(&token), 401, "E062504");
    let (_, seen) = emulator.get("/_emulator/requests");
    let statuses: Vec<_> = seen["requests"].as_array().unwrap().iter().collect();
    assert_eq!(
        statuses
            .iter()
            .map(|one| &one["status"])
            .collect::<Vec<_>>(),
        [&json!(200), &Value::Null, &Value::Null, &json!(401)]
    );
}

#[test]
fn a_truncated_response_announces_its_full_length() {
    let emulator = start();
    let token = emulator.sign_up(PHONE);
    let body = json!({"token": token}).to_string();
    for (spec, expected) in [
        (json!({"truncate": 10, "after": true}), 10),
        (json!({"truncate": 4, "body": {"key": "value"}}), 4),
        (json!({"truncate": 999, "body": "short"}), 4),
        (json!({"truncate": 0, "status": 500}), 0),
    ] {
        let mut request = spec;
        request["path"] = json!(VERIFY);
        request["times"] = json!(1);
        emulator.add_fault(&request);
        let (response, _) = post_raw(&emulator, VERIFY, &body);
        let (head, rest) = response.split_once("\r\n\r\n").unwrap();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.unwrap().parse().unwrap();
        assert_eq!(rest.len(), expected, "{response}");
        assert!(length > expected, "{response}");
    }
    assert_api_error(emulator.verify(&token), 401, "E062504");
}

#[test]
fn truncate_and_reset_faults_work_over_tls() {
    let emulator = TestEmulator::start(Options {
        tls: true,
        ..Options::default()
    });
    fault_over_tls(&emulator);
}

#[test]
fn a_request_with_only_a_delay_is_processed() {
    let emulator = start();
    let token = emulator.sign_up(PHONE);
    emulator.add_fault(&json!({"path": VERIFY, "delay": "5ms", "headers": {"X-Slow": "1"}}));
    let (response, _) = post_raw(&emulator, VERIFY, &json!({"token": "no"}).to_string());
    assert!(
        response.contains("\r\nx-slow: 1\r\n") && response.contains("E062504"),
        "{response}"
    );
    assert_eq!(emulator.verify(&token).0, 200);
    let (_, left) = emulator.get("/_emulator/faults");
    assert_eq!(left["faults"][0]["used"], json!(2));
}

#[test]
fn the_first_matching_fault_applies_but_not_to_the_emulators_own_paths() {
    let emulator = start();
    emulator.add_fault(&json!({"path": SIGN_IN, "status": 500, "times": 1}));
    emulator.add_fault(&json!({"path": "/*", "status": 429}));
    assert_eq!(emulator.sign_in(&json!({})).0, 500);
    assert_api_error(emulator.sign_in(&json!({})), 429, "E130429");
    assert_eq!(emulator.get("/healthz").0, 200);
    assert_eq!(emulator.get("/_emulator/messages").0, 200);
    assert_eq!(
        emulator.get("/_emulator/faults").1["faults"][0]["used"],
        json!(1)
    );
    assert_eq!(emulator.delete("/_emulator/faults").0, 200);
    assert_api_error(emulator.sign_in(&json!({})), 400, "E062108");
}

#[test]
fn an_invalid_fault_gets_400_with_advice() {
    let emulator = start();
    for (invalid, expected_text) in [
        (json!({}), "missing field `path`"),
        (json!({"path": "v1"}), "`path` must be a path"),
        (
            json!({"path": "/*/verify", "status": 500}),
            "`path` must be a path",
        ),
        (
            json!({"path": "/_emulator/reset", "status": 500}),
            "faults do not apply to",
        ),
        (
            json!({"path": "/healthz", "status": 500}),
            "faults do not apply to",
        ),
        (json!({"path": VERIFY}), "the fault is empty"),
        (
            json!({"path": VERIFY, "stauts": 500}),
            "unknown field `stauts`",
        ),
        (json!({"path": VERIFY, "status": 100}), "200 to 599"),
        (
            json!({"path": VERIFY, "status": 500, "times": 0}),
            "at least 1",
        ),
        (
            json!({"path": VERIFY, "delay": "3 years"}),
            "not a unit of time",
        ),
        (json!({"path": VERIFY, "delay": "2h"}), "at most 1h"),
        (
            json!({"path": VERIFY, "reset": true, "status": 500}),
            "cannot be combined with",
        ),
        (
            json!({"path": VERIFY, "silent": true, "headers": {"a": "b"}}),
            "`silent` cannot be combined with",
        ),
        (
            json!({"path": VERIFY, "reset": true, "silent": true}),
            "cannot be combined with `silent`",
        ),
        (
            json!({"path": VERIFY, "reset": true, "date": "1m"}),
            "there is no response",
        ),
        (
            json!({"path": VERIFY, "date": "yesterday"}),
            "`date` must be `none` or a duration",
        ),
        (
            json!({"path": VERIFY, "date": "none", "headers": {"date": "x"}}),
            "set either `date`",
        ),
        (
            json!({"path": VERIFY, "openConnections": true}),
            "the fault is empty",
        ),
        (
            json!({"path": VERIFY, "status": 204, "truncate": 1}),
            "has no body",
        ),
        (
            json!({"path": VERIFY, "headers": {"a b": "c"}}),
            "header names to values",
        ),
        (
            json!({"path": VERIFY, "headers": {"Content-Length": "1"}}),
            "use `truncate`",
        ),
    ] {
        let (status, response) = emulator.post("/_emulator/faults", "", &invalid);
        let error = response["error"].as_str().unwrap_or_default();
        assert!(
            status == 400 && error.contains(expected_text),
            "{invalid}: {response}"
        );
    }
    assert_eq!(emulator.post_text("/_emulator/faults", "", "[").0, 400);
    assert_eq!(emulator.get("/_emulator/faults").1, json!({"faults": []}));
}
