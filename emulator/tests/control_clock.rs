//! The control route for the clock.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{PHONE, TestEmulator, assert_api_error, jwt_part, start};
use descope_ml_emulator::Options;
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
fn the_offset_is_counted_from_the_clock_of_the_machine() {
    let emulator = start();
    for (offset, ahead) in [
        ("-12m", -720.0),
        ("-12m", -720.0),
        ("1500ms", 1.5),
        ("0s", 0.0),
    ] {
        let (status, clock) = emulator.post("/_emulator/clock", "", &json!({"offset": offset}));
        assert_eq!((status, &clock["ahead"]), (200, &json!(ahead)), "{offset}");
    }
    emulator.post("/_emulator/clock", "", &json!({"advance": "1h"}));
    let (_, clock) = emulator.post("/_emulator/clock", "", &json!({"offset": "-1s"}));
    assert_eq!(clock["ahead"], json!(-1.0));
}

#[test]
fn tokens_are_signed_at_the_time_of_a_clock_that_is_behind() {
    let emulator = start();
    let now = emulator.get("/_emulator/clock").1["now"].as_u64().unwrap();
    emulator.post("/_emulator/clock", "", &json!({"offset": "-12h"}));
    emulator.sign_up(PHONE);
    let response = emulator.verify_newest(PHONE);
    let claims = jwt_part(response["sessionJwt"].as_str().unwrap(), 1);
    let issued = claims["iat"].as_u64().unwrap();
    assert!(issued < now - 11 * 3600, "{claims}");
}

#[test]
fn a_reset_returns_to_the_clock_offset_of_the_start() {
    let emulator = TestEmulator::start(Options {
        clock_offset: -720_000,
        ..Options::default()
    });
    assert_eq!(emulator.get("/_emulator/clock").1["ahead"], json!(-720.0));
    emulator.post("/_emulator/clock", "", &json!({"advance": "1h"}));
    emulator.post("/_emulator/reset", "", &json!({}));
    assert_eq!(emulator.get("/_emulator/clock").1["ahead"], json!(-720.0));
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
        (json!({"offset": "5m", "set": 1}), "or `offset`"),
        (json!({"offset": "-soon"}), "`offset`: a duration is"),
        (json!({"offset": "9999999h"}), "2100"),
        (json!({"offset": "-9999999h"}), "before 1970"),
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
    for path in ["/_emulator/clock", "/_emulator/state"] {
        let (status, response) = emulator.delete(path);
        assert!(
            status == 405 && response["error"].is_string(),
            "{path}: {response}"
        );
    }
}
