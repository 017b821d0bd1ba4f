//! Faults that depend on the connection of a request, or that end it: silence, 408, kept connections.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::time::Duration;

use common::raw::{RawConnection, header};
use common::{PHONE, TestEmulator, assert_api_error, start};
use descope_ml_emulator::Options;
use serde_json::{Value, json};

const VERIFY: &str = "/v1/auth/magiclink/verify";

fn is_ok((head, _): &(String, String)) -> bool {
    head.starts_with("http/1.1 200 ")
}

fn keys_path(emulator: &TestEmulator) -> String {
    format!("/v2/keys/{}", emulator.server.project_id())
}

#[test]
fn a_connection_goes_silent_after_a_number_of_responses() {
    let emulator = start();
    let keys = keys_path(&emulator);
    emulator.add_fault(&json!({"path": "/*", "silent": true, "connectionResponses": 2}));
    let mut connection = RawConnection::open(&emulator.server);
    for _ in 0..2 {
        assert!(is_ok(&connection.get(&keys)));
    }
    connection.send(&keys);
    emulator.wait_for_requests(&keys, 3);
    // Each connection is counted for itself.
    let mut other = RawConnection::open(&emulator.server);
    assert!(is_ok(&other.get(&keys)));
    assert!(connection.is_silent());
    let seen = emulator.requests_to(&keys);
    let statuses: Vec<&Value> = seen.iter().map(|one| &one["status"]).collect();
    assert_eq!(
        statuses,
        [&json!(200), &json!(200), &Value::Null, &json!(200)]
    );
    assert_eq!(seen[2]["fault"]["silent"], json!(true));
}

#[test]
fn the_emulators_own_routes_answer_on_every_connection() {
    let emulator = start();
    let mut connection = RawConnection::open(&emulator.server);
    connection.get(&keys_path(&emulator));
    emulator.add_fault(&json!({"path": "/*", "silent": true, "openConnections": true}));
    assert!(is_ok(&connection.get("/healthz")));
    assert!(is_ok(&connection.get("/_emulator/requests")));
}

#[test]
fn connections_that_are_open_go_silent_and_new_ones_work() {
    let emulator = start();
    let keys = keys_path(&emulator);
    let mut open: Vec<RawConnection> = (0..8)
        .map(|_| RawConnection::open(&emulator.server))
        .collect();
    for connection in &mut open {
        assert!(is_ok(&connection.get(&keys)));
    }
    emulator.add_fault(&json!({"path": "/*", "silent": true, "openConnections": true}));
    for connection in &mut open {
        connection.send(&keys);
    }
    emulator.wait_for_requests(&keys, 16);
    let mut new = RawConnection::open(&emulator.server);
    assert!(is_ok(&new.get(&keys)) && is_ok(&new.get(&keys)));
    assert!(open.iter_mut().all(RawConnection::is_silent));
    assert_eq!(
        emulator.get("/_emulator/faults").1["faults"][0]["used"],
        json!(8)
    );
    // A silent connection stays silent, also when the fault is gone.
    emulator.delete("/_emulator/faults");
    assert!(is_ok(&new.get(&keys)));
    assert!(open.iter_mut().all(RawConnection::is_silent));
}

#[test]
fn a_silent_request_is_processed_only_with_after() {
    let emulator = start();
    let token = emulator.sign_up(PHONE);
    let body = json!({"token": token}).to_string();
    let bearer = emulator.server.project_id();
    let mut fault = json!({"path": VERIFY, "silent": true, "times": 1});
    for (after, count) in [(false, 1), (true, 2)] {
        fault["after"] = json!(after);
        emulator.add_fault(&fault);
        let mut connection = RawConnection::open(&emulator.server);
        connection.send_post(VERIFY, bearer, &body);
        emulator.wait_for_requests(VERIFY, count);
        let is_verified = || {
            let (_, state) = emulator.get("/_emulator/state");
            state["users"][0]["verifiedPhone"].as_bool().unwrap()
        };
        match after {
            true => while !is_verified() {},
            false => assert!(!is_verified()),
        }
        assert!(connection.is_silent());
    }
    // The second request has used the link, the first one has not.
    assert_api_error(emulator.verify(&token), 401, "E062504");
}

#[test]
fn a_connection_goes_silent_over_tls_too() {
    let emulator = TestEmulator::start_tls(Options::default());
    let keys = keys_path(&emulator);
    let pem = std::fs::read(emulator.server.ca_file().unwrap()).unwrap();
    let ca = ureq::tls::Certificate::from_pem(&pem).unwrap();
    let roots = ureq::tls::RootCerts::new_with_certs(&[ca]);
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .tls_config(ureq::tls::TlsConfig::builder().root_certs(roots).build())
        .build()
        .into();
    let url = format!("{}{keys}", emulator.server.base_url());
    let status = |timeout: Option<Duration>| {
        let request = agent.get(&url).config().timeout_recv_response(timeout);
        let mut response = request.build().call()?;
        response.body_mut().read_to_string()?;
        Ok::<u16, ureq::Error>(response.status().as_u16())
    };
    assert_eq!(status(None).unwrap(), 200);
    emulator.add_fault(&json!({"path": "/*", "silent": true, "openConnections": true}));
    // The kept connection is silent, so the client gives up and opens a new one.
    assert!(matches!(
        status(Some(Duration::from_secs(1))),
        Err(ureq::Error::Timeout(_))
    ));
    assert_eq!(status(None).unwrap(), 200);
    assert_eq!(emulator.requests_to(&keys).len(), 3);
}

#[test]
fn a_408_can_close_the_connection_or_leave_it_open() {
    let emulator = start();
    let keys = keys_path(&emulator);
    emulator.add_fault(&json!({
        "path": "/*", "status": 408, "body": "", "headers": {"Connection": "close"},
        "connectionResponses": 1, "times": 1,
    }));
    let mut connection = RawConnection::open(&emulator.server);
    assert!(is_ok(&connection.get(&keys)));
    let (head, body) = connection.get(&keys);
    assert!(head.starts_with("http/1.1 408 "), "{head}");
    assert_eq!(
        (header(&head, "connection"), body.as_str()),
        (Some("close"), "")
    );
    assert!(connection.is_closed());

    emulator.add_fault(&json!({"path": "/*", "status": 408, "times": 1}));
    let mut connection = RawConnection::open(&emulator.server);
    let (head, body) = connection.get(&keys);
    assert!(head.starts_with("http/1.1 408 "), "{head}");
    assert_eq!(header(&head, "connection"), None);
    assert!(body.contains("E010009"), "{body}");
    assert!(is_ok(&connection.get(&keys)));
}

#[test]
fn a_408_leaves_the_request_unprocessed() {
    let emulator = start();
    let token = emulator.sign_up(PHONE);
    emulator.add_fault(&json!({"path": VERIFY, "status": 408, "body": "", "times": 1}));
    assert_eq!(emulator.verify(&token), (408, json!("")));
    assert_eq!(emulator.verify(&token).0, 200);
}

#[test]
fn random_faults_do_not_depend_on_connections() {
    let emulator = start();
    for condition in [
        json!({"openConnections": true}),
        json!({"connectionResponses": 1}),
    ] {
        let mut fault = condition;
        fault["percent"] = json!(5);
        fault["silent"] = json!(true);
        let faults = json!({"path": "/*", "faults": [fault]});
        let (status, response) = emulator.put("/_emulator/faults/random", &faults);
        let error = response["error"].as_str().unwrap_or_default();
        assert!(
            status == 400 && error.contains("is not allowed inside"),
            "{response}"
        );
    }
}
