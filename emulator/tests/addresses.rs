//! Addresses: every method, recovery, updates, and users who become one.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use common::{Local, PHONE, assert_refused};
use descope_ml_emulator::Options;
use serde_json::{Value, json};

const EMAIL: &str = "ada@example.com";

fn local() -> Local {
    Local::start(Options::default())
}

fn magic(local: &Local, path: &str, after: &str, body: &Value) -> (u16, Value) {
    local.post(&format!("/v1/auth/magiclink/{path}"), after, body)
}

/// Follows the newest link to an address; the answer.
fn follow(local: &Local, address: &str) -> Value {
    let (status, answer) = local.verify(&local.newest(address));
    assert_eq!(status, 200, "{answer}");
    answer
}

fn bearer(answer: &Value) -> String {
    format!(":{}", answer["refreshJwt"].as_str().unwrap())
}

#[test]
fn every_method_has_its_own_address_and_channel() {
    let local = local();
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
        assert_refused(
            magic(&local, &format!("signin/{method}"), "", &body),
            400,
            "E062108",
        );
        let made = magic(&local, &format!("signup-in/{method}"), "", &body);
        assert_eq!(made, (200, masked.clone()));
        assert_eq!(local.emulator.messages(address)[0].channel, method);
        let answer = follow(&local, address);
        assert_eq!(answer["firstSeen"], true);
        let verified = if method == "email" {
            "verifiedEmail"
        } else {
            "verifiedPhone"
        };
        assert_eq!(answer["user"][verified], true);
        assert_eq!(
            magic(&local, &format!("signin/{method}"), "", &body),
            (200, masked)
        );
        assert_eq!(follow(&local, address)["firstSeen"], false);
        assert_refused(
            magic(&local, &format!("signup/{method}"), "", &body),
            400,
            "E062107",
        );
    }
    let body = json!({"loginId": "ada"});
    assert_refused(magic(&local, "signup-in/email", "", &body), 400, "E011002");
    assert_refused(
        magic(&local, "signin/email", "", &json!({"loginId": PHONE})),
        400,
        "E011002",
    );
}

#[test]
fn a_sign_up_finds_the_address_wherever_an_sdk_puts_it() {
    let local = local();
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
            magic(&local, &format!("signup/{method}"), "", &body).0,
            200,
            "{body}"
        );
        assert!(follow(&local, address)["user"]["userId"].is_string());
    }
    assert_refused(
        magic(&local, "signup/sms", "", &json!({"loginId": "f"})),
        400,
        "E011002",
    );
}

#[test]
fn a_recovery_address_is_used_when_asked_for() {
    let local = local();
    let user = json!({"loginId": "ada", "email": EMAIL, "user": {
        "recoveryEmail": "r@example.com", "recoveryPhone": PHONE, "givenName": "Ada"}});
    assert_eq!(magic(&local, "signup/email", "", &user).0, 200);
    assert_eq!(follow(&local, EMAIL)["user"]["recoveryPhone"], PHONE);
    let body = json!({"loginId": "ada", "useRecovery": true});
    assert_eq!(magic(&local, "signin/email", "", &body).0, 200);
    assert_eq!(local.emulator.messages("r@example.com").len(), 1);
    assert_eq!(magic(&local, "signin/sms", "", &body).0, 200);
    assert_eq!(local.emulator.messages(PHONE).len(), 1);
}

#[test]
fn an_address_that_is_the_login_id_is_renamed_once_it_is_verified() {
    let local = local();
    let first = local.verify(&local.sign_up(PHONE)).1;
    let new = "+14155550188";
    let body = json!({"loginId": PHONE, "phone": new});
    for path in ["update/phone", "update/phone/sms", "update/phone/whatsapp"] {
        assert_refused(magic(&local, path, "", &body), 401, "E061005");
        assert_eq!(magic(&local, path, &bearer(&first), &body).0, 200);
        assert_eq!(
            local.get_as("/v1/auth/me", &bearer(&first)).1["phone"],
            PHONE
        );
    }
    let second = follow(&local, new);
    assert_eq!(second["user"]["userId"], first["user"]["userId"]);
    assert_eq!(second["user"]["loginIds"], json!([new]));
    assert_eq!(second["user"]["phone"], new);
    assert_refused(
        magic(&local, "signin/sms", "", &json!({"loginId": PHONE})),
        400,
        "E062108",
    );
}

#[test]
fn another_address_may_become_a_login_id_too() {
    let local = local();
    let first = local.verify(&local.sign_up(PHONE)).1;
    let body = json!({"loginId": PHONE, "email": EMAIL});
    assert_eq!(magic(&local, "update/email", &bearer(&first), &body).0, 200);
    assert_eq!(follow(&local, EMAIL)["user"]["loginIds"], json!([PHONE]));
    let body = json!({"loginId": PHONE, "email": EMAIL, "addToLoginIDs": true});
    assert_eq!(magic(&local, "update/email", &bearer(&first), &body).0, 200);
    assert_eq!(
        follow(&local, EMAIL)["user"]["loginIds"],
        json!([PHONE, EMAIL])
    );
}

#[test]
fn an_update_is_refused_to_others_and_for_what_is_no_address() {
    let local = local();
    let first = local.verify(&local.sign_up(PHONE)).1;
    local.sign_up("+14155550177");
    let update = |body: Value| magic(&local, "update/email", &bearer(&first), &body);
    assert_refused(
        update(json!({"loginId": "+14155550177", "email": EMAIL})),
        401,
        "E061005",
    );
    assert_refused(
        update(json!({"loginId": "nobody", "email": EMAIL})),
        400,
        "E062108",
    );
    assert_refused(
        update(json!({"loginId": PHONE, "email": "no address"})),
        400,
        "E011003",
    );
    assert_refused(update(json!({"loginId": PHONE})), 400, "E011003");
}

#[test]
fn users_with_one_address_are_merged_unless_that_is_a_conflict() {
    for existing_wins in [false, true] {
        let local = local();
        let other =
            json!({"loginId": EMAIL, "email": EMAIL, "user": {"name": "Other", "givenName": "O"}});
        magic(&local, "signup/email", "", &other);
        let other = follow(&local, EMAIL);
        let mine = json!({"loginId": PHONE, "phone": PHONE, "user": {"name": "Mine"}});
        magic(&local, "signup/sms", "", &mine);
        let mine = follow(&local, PHONE);
        let body = json!({"loginId": PHONE, "email": EMAIL, "addToLoginIDs": true,
            "failOnConflict": true, "onMergeUseExisting": existing_wins});
        assert_refused(
            magic(&local, "update/email", &bearer(&mine), &body),
            409,
            "E062125",
        );
        let mut body = body;
        body["failOnConflict"] = json!(false);
        assert_eq!(magic(&local, "update/email", &bearer(&mine), &body).0, 200);
        let merged = follow(&local, EMAIL);
        let user = &merged["user"];
        assert_eq!(user["userId"], mine["user"]["userId"]);
        assert_eq!(user["loginIds"], json!([PHONE, EMAIL]));
        assert_eq!(user["givenName"], "O");
        assert_eq!(user["name"], if existing_wins { "Other" } else { "Mine" });
        // The other one's session is this user's now.
        let me = local.get_as("/v1/auth/me", &bearer(&other)).1;
        assert_eq!(me["userId"], user["userId"]);
    }
}

#[test]
fn test_users_have_what_the_request_says_and_are_deleted_together() {
    let local = local();
    let key = format!(":{}", local.emulator.management_key());
    let body = json!({"loginId": "t1", "phone": PHONE, "email": EMAIL, "displayName": "T",
        "roleNames": ["admin"], "userTenants": [{"tenantId": "T1", "roleNames": ["clerk"]}],
        "customAttributes": {"n": 1}, "verifiedEmail": true, "ssoAppIDs": ["S1"],
        "recoveryEmail": "r@e.com", "picture": "https://p.example"});
    let (status, answer) = local.post("/v1/mgmt/user/create/test", &key, &body);
    let user = &answer["user"];
    assert_eq!(
        (status, &user["name"], &user["test"]),
        (200, &json!("T"), &json!(true))
    );
    assert_eq!(user["roleNames"], json!(["admin"]));
    assert_eq!(user["userTenants"][0]["roleNames"], json!(["clerk"]));
    assert_eq!(user["customAttributes"], json!({"n": 1}));
    assert_eq!(
        (&user["ssoAppIds"], &user["recoveryEmail"]),
        (&json!(["S1"]), &json!("r@e.com"))
    );
    let generate = json!({"loginId": "t1", "deliveryMethod": "email"});
    let (_, link) = local.post("/v1/mgmt/tests/generate/magiclink", &key, &generate);
    let (_, token) = link["link"].as_str().unwrap().rsplit_once("t=").unwrap();
    local.sign_up("+14155550177");
    assert_eq!(local.delete("/v1/mgmt/user/test/delete/all").0, 401);
    assert_eq!(
        local.delete_as_manager("/v1/mgmt/user/test/delete/all"),
        (200, json!({}))
    );
    assert_refused(local.verify(token), 401, "E062504");
    assert_refused(local.sign_in(&json!({"loginId": "t1"})), 400, "E062108");
    assert_eq!(local.sign_in(&json!({"loginId": "+14155550177"})).0, 200);
}
