//! The control route for the clock.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{PHONE, assert_api_error, start};
use serde_json::json;

#[test]
fn a_link_expires_when_the_clock_is_advanced() {
    let emulator = start();
    let (first, second) = (emulator.sign_up(PHONE), emulator.sign_up("+14155550199"));
    let start = emulator.get("/_emulator/clock").1["now"].as_u64().unwrap();
    let (status, clock) = emulator.post("/_emulator/clock", "", &json!({"advance": "170s"}));
    assert_eq!((status, &clock["ahead"]), (200, &json!(170.0)));
    assert!(clock["now"].as_u64().unwrap() >= start + 170);
    assert_eq!(emulator.verify(&first).0, 200);
    emulator.post("/_emulator/clock", "", &json!({"advance": "10s"}));
    assert_api_error(emulator.verify(&second), 401, "E062504");
}

#[test]
fn users_are_created_at_the_time_that_the_clock_is_set_to() {
    let emulator = start();
    let (status, clock) = emulator.post("/_emulator/clock", "", &json!({"set": 1_900_000_000}));
    assert!(status == 200 && clock["now"].as_u64().unwrap() >= 1_900_000_000);
    let token = emulator.sign_up(PHONE);
    let (_, response) = emulator.verify(&token);
    let created = response["user"]["createdTime"].as_u64().unwrap();
    assert!(
        (1_900_000_000..1_900_000_600).contains(&created),
        "{response}"
    );
}

#[test]
fn an_invalid_clock_change_gets_400_with_advice() {
    let emulator = start();
    for (invalid, expected_text) in [
        (json!({}), "set either `advance`"),
        (json!({"advance": "5m", "set": 1}), "set either `advance`"),
        (json!({"advance": "soon"}), "`advance`: a duration is"),
        (json!({"advance": "99999999h"}), "2100"),
        (json!({"set": u64::MAX}), "2100"),
        (json!({"set": -1}), "invalid value"),
        (json!({"forward": "5m"}), "unknown field `forward`"),
    ] {
        let (status, response) = emulator.post("/_emulator/clock", "", &invalid);
        let error = response["error"].as_str().unwrap_or_default();
        assert!(
            status == 400 && error.contains(expected_text),
            "{invalid}: {response}"
        );
    }
    let (status, response) = emulator.get("/_emulator/clocks");
    assert!(status == 404 && response["error"].as_str().unwrap().contains("clock"));
    for path in ["/_emulator/clock", "/_emulator/messages"] {
        let (status, response) = emulator.delete(path);
        assert!(
            status == 405 && response["error"].is_string(),
            "{path}: {response}"
        );
    }
}
