//! Where messages are sent: by SMS, email and WhatsApp, and to recovery addresses.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{EMAIL, PHONE, assert_api_error, start, start_with_users};
use serde_json::json;

#[test]
fn each_method_uses_its_own_address_and_channel() {
    let emulator = start();
    for (method, address, masked) in [
        ("sms", PHONE, json!({"maskedPhone": "+1********23"})),
        ("email", EMAIL, json!({"maskedEmail": "a**@e******.com"})),
        (
            "whatsapp",
            "+14155550199",
            json!({"maskedPhone": "+1********99"}),
        ),
    ] {
        let body = json!({"loginId": address});
        assert_api_error(
            emulator.post_magic_link(&format!("signin/{method}"), "", &body),
            400,
            "E062108",
        );
        let made = emulator.post_magic_link(&format!("signup-in/{method}"), "", &body);
        assert_eq!(made, (200, masked.clone()));
        assert_eq!(emulator.server.messages(address)[0].channel, method);
        let response = emulator.verify_newest(address);
        assert_eq!(response["firstSeen"], true);
        let verified = if method == "email" {
            "verifiedEmail"
        } else {
            "verifiedPhone"
        };
        assert_eq!(response["user"][verified], true);
        assert_eq!(
            emulator.post_magic_link(&format!("signin/{method}"), "", &body),
            (200, masked)
        );
        assert_eq!(emulator.verify_newest(address)["firstSeen"], false);
        assert_api_error(
            emulator.post_magic_link(&format!("signup/{method}"), "", &body),
            400,
            "E062107",
        );
    }
    let body = json!({"loginId": "ada"});
    assert_api_error(
        emulator.post_magic_link("signup-in/email", "", &body),
        400,
        "E011002",
    );
    assert_api_error(
        emulator.post_magic_link("signin/email", "", &json!({"loginId": PHONE})),
        400,
        "E011002",
    );
}

#[test]
fn a_sign_up_accepts_the_address_in_every_field_that_sdks_use() {
    let emulator = start();
    let bodies = [
        (
            "whatsapp",
            json!({"loginId": "a", "whatsapp": "+14155550101"}),
            "+14155550101",
        ),
        (
            "sms",
            json!({"loginId": "b", "voice": "+14155550102"}),
            "+14155550102",
        ),
        (
            "sms",
            json!({"loginId": "c", "user": {"phone": "+14155550103"}}),
            "+14155550103",
        ),
        ("sms", json!({"phone": "+14155550104"}), "+14155550104"),
        (
            "email",
            json!({"loginId": "d", "email": "d@e.com"}),
            "d@e.com",
        ),
        ("email", json!({"user": {"email": "e@e.com"}}), "e@e.com"),
    ];
    for (method, body, address) in bodies {
        assert_eq!(
            emulator
                .post_magic_link(&format!("signup/{method}"), "", &body)
                .0,
            200,
            "{body}"
        );
        assert!(emulator.verify_newest(address)["user"]["userId"].is_string());
    }
    assert_api_error(
        emulator.post_magic_link("signup/sms", "", &json!({"loginId": "f"})),
        400,
        "E011002",
    );
}

#[test]
fn use_recovery_sends_to_the_recovery_address() {
    let emulator = start();
    let user = json!({"loginId": "ada", "email": EMAIL, "user": {
        "recoveryEmail": "r@example.com", "recoveryPhone": PHONE, "givenName": "Ada"}});
    assert_eq!(emulator.post_magic_link("signup/email", "", &user).0, 200);
    assert_eq!(
        emulator.verify_newest(EMAIL)["user"]["recoveryPhone"],
        PHONE
    );
    let body = json!({"loginId": "ada", "useRecovery": true});
    assert_eq!(emulator.post_magic_link("signin/email", "", &body).0, 200);
    assert_eq!(emulator.server.messages("r@example.com").len(), 1);
    assert_eq!(emulator.post_magic_link("signin/sms", "", &body).0, 200);
    assert_eq!(emulator.server.messages(PHONE).len(), 1);
}

#[test]
fn a_link_to_a_recovery_address_verifies_only_that_address() {
    let emulator = start_with_users(&json!([{
        "loginId": "ada", "email": EMAIL, "phone": PHONE,
        "recoveryEmail": "r@example.com", "recoveryPhone": "+14155550144",
    }]));
    for (method, address, proved, other) in [
        (
            "email",
            "r@example.com",
            "verifiedRecoveryEmail",
            "verifiedEmail",
        ),
        (
            "sms",
            "+14155550144",
            "verifiedRecoveryPhone",
            "verifiedPhone",
        ),
    ] {
        let body = json!({"loginId": "ada", "useRecovery": true});
        assert_eq!(
            emulator
                .post_magic_link(&format!("signin/{method}"), "", &body)
                .0,
            200
        );
        let user = emulator.verify_newest(address)["user"].clone();
        assert_eq!((&user[proved], &user[other]), (&json!(true), &json!(false)));
    }
}

#[test]
fn use_recovery_fails_for_a_user_without_recovery_address() {
    let emulator = start_with_users(&json!([{"loginId": EMAIL, "email": EMAIL}]));
    let body = json!({"loginId": EMAIL, "useRecovery": true});
    assert_api_error(
        emulator.post_magic_link("signin/email", "", &body),
        400,
        "E011002",
    );
    assert!(emulator.server.messages(EMAIL).is_empty());
}
