//! The control route for the request log.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::raw::RawConnection;
use common::{PHONE, start};
use serde_json::{Value, json};

#[test]
fn the_request_log_contains_no_secrets() {
    let emulator = start();
    let token = emulator.sign_up(PHONE);
    let (_, verified) = emulator.verify(&token);
    let refresh = verified["refreshJwt"].as_str().unwrap();
    let stepup = json!({"loginId": PHONE, "loginOptions": {"stepup": true}});
    let path = "/v1/auth/magiclink/signin/sms";
    assert_eq!(emulator.post(path, &format!(":{refresh}"), &stepup).0, 200);
    emulator.get("/v1/auth/nothing?t=hidden&x=shown");
    emulator.get("/_emulator/messages");

    let (_, seen) = emulator.get("/_emulator/requests");
    let all = seen.to_string();
    for secret in [
        &token,
        refresh,
        PHONE,
        emulator.server.management_key(),
        "hidden",
    ] {
        assert!(!all.contains(secret), "{all}");
    }
    let seen = seen["requests"].as_array().unwrap();
    assert_eq!(seen.len(), 4);
    let sign_in = &seen[2];
    assert_eq!(
        (&sign_in["method"], &sign_in["path"], &sign_in["status"]),
        (&json!("POST"), &json!(path), &json!(200))
    );
    assert_eq!(
        sign_in["bearer"],
        json!({"projectId": emulator.server.project_id(), "parts": ["refreshToken"]})
    );
    assert_eq!(
        sign_in["body"],
        json!({"loginId": "<redacted>", "loginOptions": {"stepup": true}})
    );
    assert_eq!(sign_in["headers"]["authorization"], json!("<redacted>"));
    assert!(
        sign_in["headers"]["host"]
            .as_str()
            .unwrap()
            .starts_with("127.0.0.1:")
    );
    assert!(sign_in["time"].is_u64());
    assert_eq!(seen[1]["body"], json!({"token": "<redacted>"}));
    assert_eq!(
        (&seen[3]["query"], &seen[3]["bearer"], &seen[3]["status"]),
        (
            &json!({"t": "<redacted>", "x": "shown"}),
            &Value::Null,
            &json!(404)
        )
    );

    let (_, seen) = emulator.get("/_emulator/requests?loginIds=show");
    assert_eq!(seen["requests"][2]["body"]["loginId"], json!(PHONE));
    assert_eq!(seen["requests"][1]["body"], json!({"token": "<redacted>"}));
    assert_eq!(emulator.get("/_emulator/requests?loginIds=yes").0, 400);
    assert_eq!(emulator.get("/_emulator/requests?loginids=show").0, 400);
    assert_eq!(emulator.delete("/_emulator/requests").0, 200);
    assert_eq!(
        emulator.get("/_emulator/requests").1,
        json!({"requests": []})
    );
}

#[test]
fn a_body_that_is_not_json_is_recorded_by_its_size() {
    let emulator = start();
    emulator.post_text("/v1/auth/magiclink/verify", "", "token=secret");
    let (_, seen) = emulator.get("/_emulator/requests");
    let one = &seen["requests"][0];
    assert_eq!((&one["body"], &one["bodySize"]), (&Value::Null, &json!(12)));
}

#[test]
fn only_the_newest_requests_are_kept() {
    let emulator = start();
    for number in 0..1010 {
        emulator.get(&format!("/v1/{number}"));
    }
    let (_, seen) = emulator.get("/_emulator/requests");
    let seen = seen["requests"].as_array().unwrap();
    assert_eq!((seen.len(), &seen[999]["path"]), (1000, &json!("/v1/1009")));
}

#[test]
fn the_log_can_be_read_by_path() {
    let emulator = start();
    let keys = format!("/v2/keys/{}", emulator.server.project_id());
    emulator.get(&keys);
    emulator.sign_up(PHONE);
    emulator.get(&keys);
    for (path, expected) in [
        (keys.as_str(), 2),
        ("/v2/keys/*", 2),
        ("/v1/*", 1),
        ("/*", 3),
    ] {
        assert_eq!(emulator.requests_to(path).len(), expected, "{path}");
    }
    let (status, response) = emulator.get("/_emulator/requests?path=keys");
    let error = response["error"].as_str().unwrap_or_default();
    assert!(status == 400 && error.contains("`path`"), "{response}");
}

#[test]
fn the_log_says_which_connection_a_request_came_on() {
    let emulator = start();
    let (mut first, mut second) = (
        RawConnection::open(&emulator.server),
        RawConnection::open(&emulator.server),
    );
    for connection in [&mut first, &mut second] {
        connection.get("/v1/one");
    }
    first.get("/v1/one");
    let seen = emulator.requests_to("/v1/one");
    let numbers: Vec<_> = seen.iter().map(|one| one["connection"].as_u64()).collect();
    assert_eq!(numbers[0], numbers[2]);
    assert!(numbers[0].is_some() && numbers[0] != numbers[1], "{seen:?}");
}
