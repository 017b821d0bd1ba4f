//! The control routes: the clock, the requests that came in, and back to the start.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use common::{Local, PHONE, assert_refused};
use descope_ml_emulator::Options;
use serde_json::{Value, json};

fn local() -> Local {
    Local::start(Options::default())
}

#[test]
fn a_link_expires_when_the_clock_is_put_forward() {
    let local = local();
    let (first, second) = (local.sign_up(PHONE), local.sign_up("+14155550199"));
    let start = local.get("/_emulator/clock").1["now"].as_u64().unwrap();
    let (status, clock) = local.post("/_emulator/clock", "", &json!({"advance": "170s"}));
    assert_eq!((status, &clock["ahead"]), (200, &json!(170.0)));
    assert!(clock["now"].as_u64().unwrap() >= start + 170);
    assert_eq!(local.verify(&first).0, 200);
    local.post("/_emulator/clock", "", &json!({"advance": "10s"}));
    assert_refused(local.verify(&second), 401, "E062504");
}

#[test]
fn tokens_are_issued_at_the_time_that_the_clock_is_set_to() {
    let local = local();
    let (status, clock) = local.post("/_emulator/clock", "", &json!({"set": 1_900_000_000}));
    assert!(status == 200 && clock["now"].as_u64().unwrap() >= 1_900_000_000);
    let token = local.sign_up(PHONE);
    let (_, answer) = local.verify(&token);
    let created = answer["user"]["createdTime"].as_u64().unwrap();
    assert!(
        (1_900_000_000..1_900_000_600).contains(&created),
        "{answer}"
    );
}

#[test]
fn a_time_that_cannot_be_is_refused_with_what_to_do() {
    let local = local();
    for (wrong, words) in [
        (json!({}), "give either `advance`"),
        (json!({"advance": "5m", "set": 1}), "give either `advance`"),
        (json!({"advance": "soon"}), "`advance`: a time looks like"),
        (json!({"advance": "99999999h"}), "2100"),
        (json!({"set": u64::MAX}), "2100"),
        (json!({"set": -1}), "invalid value"),
        (json!({"forward": "5m"}), "unknown field `forward`"),
    ] {
        let (status, answer) = local.post("/_emulator/clock", "", &wrong);
        let error = answer["error"].as_str().unwrap_or_default();
        assert!(status == 400 && error.contains(words), "{wrong}: {answer}");
    }
    let (status, answer) = local.get("/_emulator/clocks");
    assert!(status == 404 && answer["error"].as_str().unwrap().contains("clock"));
    for path in ["/_emulator/clock", "/_emulator/messages"] {
        let (status, answer) = local.delete(path);
        assert!(
            status == 405 && answer["error"].is_string(),
            "{path}: {answer}"
        );
    }
}

#[test]
fn the_requests_that_came_in_are_shown_without_their_secrets() {
    let local = local();
    let token = local.sign_up(PHONE);
    let (_, verified) = local.verify(&token);
    let refresh = verified["refreshJwt"].as_str().unwrap();
    let stepup = json!({"loginId": PHONE, "loginOptions": {"stepup": true}});
    let path = "/v1/auth/magiclink/signin/sms";
    assert_eq!(local.post(path, &format!(":{refresh}"), &stepup).0, 200);
    local.get("/v1/auth/nothing?t=hidden&x=shown");
    local.get("/_emulator/messages");

    let (_, seen) = local.get("/_emulator/requests");
    let all = seen.to_string();
    for secret in [
        &token,
        refresh,
        PHONE,
        local.emulator.management_key(),
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
        json!({"projectId": local.emulator.project_id(), "parts": ["refreshToken"]})
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

    let (_, seen) = local.get("/_emulator/requests?loginIds=show");
    assert_eq!(seen["requests"][2]["body"]["loginId"], json!(PHONE));
    assert_eq!(seen["requests"][1]["body"], json!({"token": "<redacted>"}));
    assert_eq!(local.get("/_emulator/requests?loginIds=yes").0, 400);
    assert_eq!(local.get("/_emulator/requests?loginids=show").0, 400);
    assert_eq!(local.delete("/_emulator/requests").0, 200);
    assert_eq!(local.get("/_emulator/requests").1, json!({"requests": []}));
}

#[test]
fn a_body_that_is_not_json_is_noted_by_its_size() {
    let local = local();
    local.post_text("/v1/auth/magiclink/verify", "", "token=secret");
    let (_, seen) = local.get("/_emulator/requests");
    let one = &seen["requests"][0];
    assert_eq!((&one["body"], &one["bodySize"]), (&Value::Null, &json!(12)));
}

#[test]
fn only_the_newest_requests_are_kept() {
    let local = local();
    for number in 0..1010 {
        local.get(&format!("/v1/{number}"));
    }
    let (_, seen) = local.get("/_emulator/requests");
    let seen = seen["requests"].as_array().unwrap();
    assert_eq!((seen.len(), &seen[999]["path"]), (1000, &json!("/v1/1009")));
}

#[test]
fn a_reset_brings_back_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users.json");
    std::fs::write(
        &path,
        json!([{"loginId": PHONE, "name": "Ada"}]).to_string(),
    )
    .unwrap();
    let local = Local::start(Options {
        seed: Some(path.clone()),
        ..Options::default()
    });
    std::fs::remove_file(path).unwrap();
    local.sign_in(&json!({}));
    let (_, first) = local.verify(&local.newest(PHONE));
    local.sign_in(&json!({}));
    let token = local.newest(PHONE);
    local.sign_up("+14155550199");
    local.post("/_emulator/clock", "", &json!({"advance": "1m"}));
    let fault = json!({"path": "/*", "status": 500});
    assert_eq!(local.post("/_emulator/faults", "", &fault).0, 200);

    assert_eq!(
        local.post("/_emulator/reset", "", &json!({})),
        (200, json!({}))
    );
    assert_eq!(local.get("/_emulator/messages").1, json!({"messages": []}));
    assert_eq!(local.get("/_emulator/requests").1, json!({"requests": []}));
    assert_eq!(local.get("/_emulator/faults").1, json!({"faults": []}));
    assert_eq!(local.get("/_emulator/clock").1["ahead"], json!(0.0));
    assert_refused(local.verify(&token), 401, "E062504");
    local.sign_up("+14155550199");
    assert_eq!(local.sign_in(&json!({})).0, 200);
    let (_, again) = local.verify(&local.newest(PHONE));
    assert_eq!(again["user"]["userId"], first["user"]["userId"]);
    assert_eq!(
        (&first["firstSeen"], &again["firstSeen"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(local.post_text("/_emulator/reset", "", "").0, 200);
    let (status, answer) = local.post("/_emulator/reset", "", &json!({"key": true}));
    assert!(
        status == 400
            && answer["error"]
                .as_str()
                .unwrap()
                .contains("unknown field `key`")
    );
}
