//! The control routes: what goes wrong on request, and what is said of the requests that came in.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use common::{Local, PHONE, assert_refused};
use descope_ml_emulator::Options;
use serde_json::{Value, json};

const VERIFY: &str = "/v1/auth/magiclink/verify";
const SIGN_IN: &str = "/v1/auth/magiclink/signin/sms";

fn local() -> Local {
    Local::start(Options::default())
}

#[track_caller]
fn fault(local: &Local, fault: &Value) {
    let (status, answer) = local.post("/_emulator/faults", "", fault);
    assert_eq!(status, 200, "{answer}");
}

/// Posts over a connection of its own; all that was read, and how it ended.
fn raw(local: &Local, path: &str, body: &str) -> (String, Option<ErrorKind>) {
    let address = local.emulator.base_url().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let patience = Some(std::time::Duration::from_secs(30));
    stream.set_read_timeout(patience).unwrap();
    let bearer = local.emulator.project_id();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {bearer}\r\n\
         Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut read = Vec::new();
    let end = stream.read_to_end(&mut read).err().map(|e| e.kind());
    (String::from_utf8(read).unwrap(), end)
}

#[test]
fn a_fault_answers_so_many_times_before_the_request_takes_effect() {
    let local = local();
    let token = local.sign_up(PHONE);
    fault(
        &local,
        &json!({"path": VERIFY, "status": 503, "headers": {"Retry-After": "3"}, "times": 2}),
    );
    assert_refused(local.verify(&token), 503, "E010009");
    let (_, left) = local.get("/_emulator/faults");
    assert_eq!(
        (&left["faults"][0]["used"], &left["faults"][0]["times"]),
        (&json!(1), &json!(2))
    );
    let (head, _) = raw(&local, VERIFY, &json!({"token": token}).to_string());
    assert!(
        head.starts_with("HTTP/1.1 503 ") && head.contains("\r\nretry-after: 3\r\n"),
        "{head}"
    );
    assert_eq!(local.get("/_emulator/faults").1, json!({"faults": []}));
    assert_eq!(local.verify(&token).0, 200);
}

#[test]
fn a_fault_afterwards_spoils_only_the_answer() {
    let local = local();
    let token = local.sign_up(PHONE);
    fault(
        &local,
        &json!({"path": VERIFY, "status": 502, "body": "<html>", "times": 1, "after": true}),
    );
    assert_eq!(local.verify(&token), (502, json!("<html>")));
    assert_refused(local.verify(&token), 401, "E062504");
}

#[test]
fn a_reset_ends_the_connection_without_an_answer() {
    let local = local();
    let token = local.sign_up(PHONE);
    let body = json!({"token": token}).to_string();
    fault(
        &local,
        &json!({"path": "/v1/auth/*", "reset": true, "times": 1}),
    );
    let reset = (String::new(), Some(ErrorKind::ConnectionReset));
    assert_eq!(raw(&local, VERIFY, &body), reset);
    fault(
        &local,
        &json!({"path": VERIFY, "reset": true, "times": 1, "after": true}),
    );
    assert_eq!(raw(&local, VERIFY, &body), reset);
    assert_refused(local.verify(&token), 401, "E062504");
    let (_, seen) = local.get("/_emulator/requests");
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
fn a_truncated_answer_announces_its_full_length() {
    let local = local();
    let token = local.sign_up(PHONE);
    let body = json!({"token": token}).to_string();
    for (spoiled, expected) in [
        (json!({"truncate": 10, "after": true}), 10),
        (json!({"truncate": 4, "body": {"key": "value"}}), 4),
        (json!({"truncate": 999, "body": "short"}), 4),
        (json!({"truncate": 0, "status": 500}), 0),
    ] {
        let mut wanted = spoiled;
        wanted["path"] = json!(VERIFY);
        wanted["times"] = json!(1);
        fault(&local, &wanted);
        let (answer, _) = raw(&local, VERIFY, &body);
        let (head, rest) = answer.split_once("\r\n\r\n").unwrap();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.unwrap().parse().unwrap();
        assert_eq!(rest.len(), expected, "{answer}");
        assert!(length > expected, "{answer}");
    }
    assert_refused(local.verify(&token), 401, "E062504");
}

#[test]
fn a_truncation_and_a_reset_work_over_tls_as_well() {
    let local = Local::start(Options {
        tls: true,
        ..Options::default()
    });
    fault_over_tls(&local);
}

fn fault_over_tls(local: &Local) {
    let pem = std::fs::read(local.emulator.ca_file().unwrap()).unwrap();
    let ca = ureq::tls::Certificate::from_pem(&pem).unwrap();
    let roots = ureq::tls::RootCerts::new_with_certs(&[ca]);
    let tls = ureq::tls::TlsConfig::builder().root_certs(roots).build();
    let agent: ureq::Agent = ureq::Agent::config_builder().tls_config(tls).build().into();
    let url = |path: &str| format!("{}{path}", local.emulator.base_url());
    for broken in [json!({"reset": true}), json!({"truncate": 5})] {
        let mut wanted = broken;
        wanted["path"] = json!("/v2/keys/*");
        wanted["times"] = json!(1);
        let added = agent
            .post(url("/_emulator/faults"))
            .send(wanted.to_string());
        assert_eq!(added.unwrap().status().as_u16(), 200);
        let keys = url(&format!("/v2/keys/{}", local.emulator.project_id()));
        let read = agent
            .get(&keys)
            .call()
            .and_then(|mut answer| answer.body_mut().read_to_string());
        assert!(read.is_err(), "{read:?}");
        assert_eq!(agent.get(&keys).call().unwrap().status().as_u16(), 200);
    }
}

#[test]
fn a_delay_alone_leaves_the_request_its_effect() {
    let local = local();
    let token = local.sign_up(PHONE);
    fault(
        &local,
        &json!({"path": VERIFY, "delay": "5ms", "headers": {"X-Slow": "1"}}),
    );
    let (answer, _) = raw(&local, VERIFY, &json!({"token": "no"}).to_string());
    assert!(
        answer.contains("\r\nx-slow: 1\r\n") && answer.contains("E062504"),
        "{answer}"
    );
    assert_eq!(local.verify(&token).0, 200);
    let (_, left) = local.get("/_emulator/faults");
    assert_eq!(left["faults"][0]["used"], json!(2));
}

#[test]
fn the_first_fault_for_a_path_is_met_and_the_emulators_own_paths_meet_none() {
    let local = local();
    fault(&local, &json!({"path": SIGN_IN, "status": 500, "times": 1}));
    fault(&local, &json!({"path": "/*", "status": 429}));
    assert_eq!(local.sign_in(&json!({})).0, 500);
    assert_refused(local.sign_in(&json!({})), 429, "E130429");
    assert_eq!(local.get("/healthz").0, 200);
    assert_eq!(local.get("/_emulator/messages").0, 200);
    assert_eq!(
        local.get("/_emulator/faults").1["faults"][0]["used"],
        json!(1)
    );
    assert_eq!(local.delete("/_emulator/faults").0, 200);
    assert_refused(local.sign_in(&json!({})), 400, "E062108");
}

#[test]
fn a_fault_that_cannot_be_is_refused_with_what_to_do() {
    let local = local();
    for (wrong, words) in [
        (json!({}), "missing field `path`"),
        (json!({"path": "v1"}), "`path` must be a path"),
        (
            json!({"path": "/*/verify", "status": 500}),
            "`path` must be a path",
        ),
        (
            json!({"path": "/_emulator/reset", "status": 500}),
            "have no faults",
        ),
        (json!({"path": "/healthz", "status": 500}), "have no faults"),
        (json!({"path": VERIFY}), "nothing goes wrong"),
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
            json!({"path": VERIFY, "delay": "3 weeks"}),
            "no unit of time",
        ),
        (json!({"path": VERIFY, "delay": "2h"}), "1h at most"),
        (
            json!({"path": VERIFY, "reset": true, "status": 500}),
            "leaves no answer",
        ),
        (
            json!({"path": VERIFY, "status": 204, "truncate": 1}),
            "has no body",
        ),
        (
            json!({"path": VERIFY, "headers": {"a b": "c"}}),
            "names with texts",
        ),
        (
            json!({"path": VERIFY, "headers": {"Content-Length": "1"}}),
            "use `truncate`",
        ),
    ] {
        let (status, answer) = local.post("/_emulator/faults", "", &wrong);
        let error = answer["error"].as_str().unwrap_or_default();
        assert!(status == 400 && error.contains(words), "{wrong}: {answer}");
    }
    assert_eq!(local.post_text("/_emulator/faults", "", "[").0, 400);
    assert_eq!(local.get("/_emulator/faults").1, json!({"faults": []}));
}
