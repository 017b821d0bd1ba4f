//! Updating an address: new login IDs, conflicts, and users who are merged.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{
    EMAIL, PHONE, TestEmulator, assert_api_error, refresh_bearer, start, start_with_users,
};
use serde_json::{Value, json};

/// Signs a user in with a link to an address. Returns the refresh token as a bearer.
fn sign_in_and_verify(
    emulator: &TestEmulator,
    method: &str,
    login_id: &str,
    address: &str,
) -> String {
    let body = json!({"loginId": login_id});
    let (status, response) = emulator.post_magic_link(&format!("signin/{method}"), "", &body);
    assert_eq!(status, 200, "{response}");
    refresh_bearer(&emulator.verify_newest(address))
}

#[test]
fn a_verified_new_address_replaces_the_old_one_as_login_id() {
    let emulator = start();
    let first = emulator.verify(&emulator.sign_up(PHONE)).1;
    let new = "+14155550188";
    let body = json!({"loginId": PHONE, "phone": new});
    for path in ["update/phone", "update/phone/sms", "update/phone/whatsapp"] {
        assert_api_error(emulator.post_magic_link(path, "", &body), 401, "E061005");
        assert_eq!(
            emulator
                .post_magic_link(path, &refresh_bearer(&first), &body)
                .0,
            200
        );
        assert_eq!(
            emulator
                .get_with_bearer("/v1/auth/me", &refresh_bearer(&first))
                .1["phone"],
            PHONE
        );
    }
    let second = emulator.verify_newest(new);
    assert_eq!(second["user"]["userId"], first["user"]["userId"]);
    assert_eq!(second["user"]["loginIds"], json!([new]));
    assert_eq!(second["user"]["phone"], new);
    assert_api_error(
        emulator.post_magic_link("signin/sms", "", &json!({"loginId": PHONE})),
        400,
        "E062108",
    );
}

#[test]
fn add_to_login_ids_adds_the_new_address_as_login_id() {
    let emulator = start();
    let first = emulator.verify(&emulator.sign_up(PHONE)).1;
    let body = json!({"loginId": PHONE, "email": EMAIL});
    assert_eq!(
        emulator
            .post_magic_link("update/email", &refresh_bearer(&first), &body)
            .0,
        200
    );
    assert_eq!(
        emulator.verify_newest(EMAIL)["user"]["loginIds"],
        json!([PHONE])
    );
    let body = json!({"loginId": PHONE, "email": EMAIL, "addToLoginIDs": true});
    assert_eq!(
        emulator
            .post_magic_link("update/email", &refresh_bearer(&first), &body)
            .0,
        200
    );
    assert_eq!(
        emulator.verify_newest(EMAIL)["user"]["loginIds"],
        json!([PHONE, EMAIL])
    );
}

#[test]
fn an_update_of_another_user_or_to_an_invalid_address_is_rejected() {
    let emulator = start();
    let first = emulator.verify(&emulator.sign_up(PHONE)).1;
    emulator.sign_up("+14155550177");
    let update =
        |body: Value| emulator.post_magic_link("update/email", &refresh_bearer(&first), &body);
    assert_api_error(
        update(json!({"loginId": "+14155550177", "email": EMAIL})),
        401,
        "E061005",
    );
    assert_api_error(
        update(json!({"loginId": "nobody", "email": EMAIL})),
        400,
        "E062108",
    );
    assert_api_error(
        update(json!({"loginId": PHONE, "email": "no address"})),
        400,
        "E011003",
    );
    assert_api_error(update(json!({"loginId": PHONE})), 400, "E011003");
}

#[test]
fn an_invalid_new_phone_number_is_rejected() {
    let emulator = start_with_users(&json!([{"loginId": PHONE, "phone": PHONE}]));
    let bearer = sign_in_and_verify(&emulator, "sms", PHONE, PHONE);
    let update = json!({"loginId": PHONE, "phone": "call me"});
    for path in ["update/phone", "update/phone/sms", "update/phone/whatsapp"] {
        assert_api_error(
            emulator.post_magic_link(path, &bearer, &update),
            400,
            "E032106",
        );
    }
}

#[test]
fn users_with_the_same_address_are_merged_unless_fail_on_conflict() {
    for use_existing in [false, true] {
        let emulator = start();
        let other =
            json!({"loginId": EMAIL, "email": EMAIL, "user": {"name": "Other", "givenName": "O"}});
        emulator.post_magic_link("signup/email", "", &other);
        let other = emulator.verify_newest(EMAIL);
        let mine = json!({"loginId": PHONE, "phone": PHONE, "user": {"name": "Mine"}});
        emulator.post_magic_link("signup/sms", "", &mine);
        let mine = emulator.verify_newest(PHONE);
        let body = json!({"loginId": PHONE, "email": EMAIL, "addToLoginIDs": true,
            "failOnConflict": true, "onMergeUseExisting": use_existing});
        assert_api_error(
            emulator.post_magic_link("update/email", &refresh_bearer(&mine), &body),
            409,
            "E062125",
        );
        let mut body = body;
        body["failOnConflict"] = json!(false);
        assert_eq!(
            emulator
                .post_magic_link("update/email", &refresh_bearer(&mine), &body)
                .0,
            200
        );
        let merged = emulator.verify_newest(EMAIL);
        let user = &merged["user"];
        assert_eq!(user["userId"], mine["user"]["userId"]);
        assert_eq!(user["loginIds"], json!([PHONE, EMAIL]));
        assert_eq!(user["givenName"], "O");
        assert_eq!(user["name"], if use_existing { "Other" } else { "Mine" });
        // The session of the other user now belongs to the remaining user.
        let me = emulator
            .get_with_bearer("/v1/auth/me", &refresh_bearer(&other))
            .1;
        assert_eq!(me["userId"], user["userId"]);
    }
}

#[test]
fn a_merge_keeps_the_verification_of_each_address() {
    for (use_existing, phone, verified) in [(false, PHONE, true), (true, "+14155550199", false)] {
        let emulator = start_with_users(&json!([
            {"loginId": PHONE, "phone": PHONE, "verifiedPhone": true, "userId": "U1",
             "roleNames": ["admin"], "permissions": ["read"]},
            {"loginId": EMAIL, "email": EMAIL, "phone": "+14155550199", "userId": "U2",
             "recoveryEmail": "r@example.com", "verifiedRecoveryEmail": true,
             "roleNames": ["admin", "clerk"], "permissions": ["pay"]},
        ]));
        let bearer = sign_in_and_verify(&emulator, "sms", PHONE, PHONE);
        let update = json!({
            "loginId": PHONE, "email": EMAIL, "addToLoginIDs": true,
            "onMergeUseExisting": use_existing,
        });
        assert_eq!(
            emulator.post_magic_link("update/email", &bearer, &update).0,
            200
        );
        let user = emulator.verify_newest(EMAIL)["user"].clone();
        assert_eq!(
            (&user["phone"], &user["verifiedPhone"]),
            (&json!(phone), &json!(verified))
        );
        assert_eq!(user["verifiedEmail"], true);
        assert_eq!(
            (&user["recoveryEmail"], &user["verifiedRecoveryEmail"]),
            (&json!("r@example.com"), &json!(true))
        );
        assert_eq!(user["roleNames"], json!(["admin", "clerk"]));
        assert_eq!(user["permissions"], json!(["read", "pay"]));
    }
}

#[test]
fn fail_on_conflict_also_fails_when_the_link_is_verified() {
    let emulator = start_with_users(&json!([{"loginId": PHONE, "phone": PHONE, "userId": "U1"}]));
    let bearer = sign_in_and_verify(&emulator, "sms", PHONE, PHONE);
    let update = json!({
        "loginId": PHONE, "email": EMAIL, "addToLoginIDs": true, "failOnConflict": true,
    });
    assert_eq!(
        emulator.post_magic_link("update/email", &bearer, &update).0,
        200
    );
    let link = emulator.newest_token(EMAIL);
    let body = json!({"loginId": EMAIL});
    assert_eq!(emulator.post_magic_link("signup/email", "", &body).0, 200);
    assert_api_error(emulator.verify(&link), 409, "E062125");
    let me = emulator.get_with_bearer("/v1/auth/me", &bearer).1;
    assert_eq!(
        (&me["email"], &me["loginIds"]),
        (&json!(""), &json!([PHONE]))
    );
    let other = emulator.verify_newest(EMAIL);
    assert_ne!(other["user"]["userId"], "U1");
}

#[test]
fn a_disabled_user_keeps_the_old_address() {
    let user =
        |status| json!([{"loginId": PHONE, "phone": PHONE, "userId": "U1", "status": status}]);
    let emulator = start_with_users(&user("enabled"));
    let bearer = sign_in_and_verify(&emulator, "sms", PHONE, PHONE);
    let update = json!({"loginId": PHONE, "email": EMAIL});
    assert_eq!(
        emulator.post_magic_link("update/email", &bearer, &update).0,
        200
    );
    emulator.put("/_emulator/state", &json!({"users": user("disabled")}));
    assert_api_error(
        emulator.verify(&emulator.newest_token(EMAIL)),
        401,
        "E062504",
    );
    let (_, state) = emulator.get("/_emulator/state");
    assert_eq!(state["users"][0]["email"], "");
}

#[test]
fn a_verified_new_address_is_not_a_sign_in_in_the_history() {
    let emulator = start_with_users(&json!([{"loginId": PHONE, "phone": PHONE}]));
    let bearer = sign_in_and_verify(&emulator, "sms", PHONE, PHONE);
    let update = json!({"loginId": PHONE, "email": EMAIL});
    assert_eq!(
        emulator.post_magic_link("update/email", &bearer, &update).0,
        200
    );
    emulator.verify_newest(EMAIL);
    let sign_ins = || emulator.get_with_bearer("/v1/auth/me/history", &bearer).1;
    assert_eq!(sign_ins().as_array().unwrap().len(), 1);
    sign_in_and_verify(&emulator, "sms", PHONE, PHONE);
    assert_eq!(sign_ins().as_array().unwrap().len(), 2);
}
