//! The `Date` header: the emulator's clock, and faults that make it wrong.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::time::UNIX_EPOCH;

use common::raw::{RawConnection, header};
use common::{TestEmulator, start};
use serde_json::json;

/// How far, in seconds, the `Date` of a response is ahead of the emulator's clock. The second number is
/// how long that took at most.
fn ahead(emulator: &TestEmulator, path: &str) -> (i64, i64) {
    let now = || emulator.get("/_emulator/clock").1["now"].as_i64().unwrap();
    let before = now();
    let date = httpdate::parse_http_date(&emulator.get_header(path, "date")).unwrap();
    let date = date.duration_since(UNIX_EPOCH).unwrap().as_secs();
    (i64::try_from(date).unwrap() - before, now() - before)
}

#[test]
fn the_date_is_that_of_the_emulators_clock() {
    let emulator = start();
    for offset in ["0s", "-12m", "3h", "-99999h"] {
        emulator.post("/_emulator/clock", "", &json!({"offset": offset}));
        for path in ["/healthz", "/", "/_emulator/messages", "/v2/keys/*"] {
            let (ahead, taken) = ahead(&emulator, &path.replace('*', emulator.server.project_id()));
            assert!((0..=taken).contains(&ahead), "{offset} {path}: {ahead}");
        }
    }
    let mut connection = RawConnection::open(&emulator.server);
    let (head, _) = connection.get("/v1/unknown");
    assert_eq!(head.matches("\r\ndate: ").count(), 1, "{head}");
}

#[test]
fn a_fault_makes_the_date_wrong() {
    let emulator = start();
    let keys = format!("/v2/keys/{}", emulator.server.project_id());
    emulator.post("/_emulator/clock", "", &json!({"offset": "1h"}));
    for (date, expected) in [("-10m", -600), ("30s", 30), ("+2h", 7200)] {
        emulator.add_fault(&json!({"path": "/v2/*", "date": date, "times": 1}));
        let (ahead, taken) = ahead(&emulator, &keys);
        assert!(
            (expected..=expected + taken).contains(&ahead),
            "{date}: {ahead}"
        );
    }
    // A duration that no calendar has is cut off at the ends of the emulator's clock.
    for (date, expected) in [
        ("-99999999h", "Thu, 01 Jan 1970 00:00:00 GMT"),
        ("99999999h", "Fri, 01 Jan 2100 00:00:00 GMT"),
    ] {
        emulator.add_fault(&json!({"path": "/v2/*", "date": date, "times": 1}));
        assert_eq!(emulator.get_header(&keys, "date"), expected);
    }
}

#[test]
fn a_fault_leaves_the_date_out_or_makes_it_unreadable() {
    let emulator = start();
    let keys = format!("/v2/keys/{}", emulator.server.project_id());
    let mut connection = RawConnection::open(&emulator.server);
    emulator.add_fault(&json!({"path": "/v2/*", "date": "none", "times": 1}));
    let (head, _) = connection.get(&keys);
    assert!(head.starts_with("http/1.1 200 "), "{head}");
    assert_eq!(header(&head, "date"), None);

    emulator.add_fault(&json!({"path": "/v2/*", "headers": {"Date": "soon"}, "times": 1}));
    let (head, _) = connection.get(&keys);
    assert_eq!(header(&head, "date"), Some("soon"));

    emulator.add_fault(&json!({"path": "/v2/*", "status": 503, "date": "none", "times": 1}));
    let (head, _) = connection.get(&keys);
    assert!(head.starts_with("http/1.1 503 "), "{head}");
    assert_eq!(header(&head, "date"), None);

    assert!(header(&connection.get(&keys).0, "date").is_some());
}
