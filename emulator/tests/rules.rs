//! What a link may and may not change: recovery, refused requests, tenants, conflicts and merges.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use common::{Local, PHONE, assert_refused};
use descope_ml_emulator::Options;
use serde_json::{Value, json};

const EMAIL: &str = "ada@example.com";

fn local() -> Local {
    Local::start(Options::default())
}

/// An emulator with these users and no others.
fn with_users(users: &Value) -> Local {
    let local = local();
    let (status, answer) = local.put("/_emulator/state", &json!({"users": users}));
    assert_eq!(status, 200, "{answer}");
    local
}

fn magic(local: &Local, path: &str, after: &str, body: &Value) -> (u16, Value) {
    local.post(&format!("/v1/auth/magiclink/{path}"), after, body)
}

fn follow(local: &Local, address: &str) -> Value {
    let (status, answer) = local.verify(&local.newest(address));
    assert_eq!(status, 200, "{answer}");
    answer
}

/// Signs a user in by a link to an address; the end of a bearer with the refresh token.
fn signed_in(local: &Local, method: &str, login_id: &str, address: &str) -> String {
    let body = json!({"loginId": login_id});
    let (status, answer) = magic(local, &format!("signin/{method}"), "", &body);
    assert_eq!(status, 200, "{answer}");
    let token = follow(local, address)["refreshJwt"].clone();
    format!(":{}", token.as_str().unwrap())
}

#[test]
fn a_link_to_a_recovery_address_proves_that_address_alone() {
    let local = with_users(&json!([{
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
        assert_eq!(magic(&local, &format!("signin/{method}"), "", &body).0, 200);
        let user = follow(&local, address)["user"].clone();
        assert_eq!((&user[proved], &user[other]), (&json!(true), &json!(false)));
    }
}

#[test]
fn a_user_without_a_recovery_address_has_no_recovery() {
    let local = with_users(&json!([{"loginId": EMAIL, "email": EMAIL}]));
    let body = json!({"loginId": EMAIL, "useRecovery": true});
    assert_refused(magic(&local, "signin/email", "", &body), 400, "E011002");
    assert!(local.emulator.messages(EMAIL).is_empty());
}

#[test]
fn a_refused_request_signs_nobody_up() {
    let local = Local::start(Options {
        approved_domains: vec!["example.com".to_owned()],
        ..Options::default()
    });
    let body = json!({"loginId": EMAIL, "redirectUrl": "https://evil.example/"});
    let mfa = json!({"loginId": EMAIL, "loginOptions": {"mfa": true}});
    for path in ["signup-in/email", "signup/email"] {
        assert_refused(magic(&local, path, "", &body), 400, "E061003");
    }
    assert_refused(magic(&local, "signup-in/email", "", &mfa), 401, "E061005");
    assert_refused(
        magic(&local, "signin/email", "", &json!({"loginId": EMAIL})),
        400,
        "E062108",
    );
}

#[test]
fn of_many_who_sign_up_or_in_at_once_all_get_a_link() {
    let local = local();
    let body = json!({"loginId": EMAIL});
    let sent = std::thread::scope(|scope| {
        let ask = || magic(&local, "signup-in/email", "", &body).0;
        let asked: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
        let answers = asked.into_iter().map(|asked| asked.join().unwrap());
        answers.filter(|status| *status == 200).count()
    });
    assert_eq!((sent, local.emulator.messages(EMAIL).len()), (8, 8));
}

#[test]
fn whoever_signs_up_for_a_tenant_is_a_member_of_it() {
    let local = local();
    for (path, login_id) in [
        ("signup/email", EMAIL),
        ("signup-in/email", "bob@example.com"),
    ] {
        let body = json!({"loginId": login_id, "loginOptions": {"tenantId": "T1"}});
        assert_eq!(magic(&local, path, "", &body).0, 200);
        let answer = follow(&local, login_id);
        assert_eq!(answer["user"]["userTenants"][0]["tenantId"], "T1");
        let session = format!(":{}", answer["sessionJwt"].as_str().unwrap());
        let (_, parsed) = local.post("/v1/auth/validate", &session, &json!({}));
        assert_eq!(parsed["parsedJWT"]["dct"], "T1");
        assert!(parsed["parsedJWT"]["tenants"]["T1"].is_object());
    }
}

#[test]
fn a_conflict_that_came_up_later_is_one_when_the_link_is_followed() {
    let local = with_users(&json!([{"loginId": PHONE, "phone": PHONE, "userId": "U1"}]));
    let bearer = signed_in(&local, "sms", PHONE, PHONE);
    let update = json!({
        "loginId": PHONE, "email": EMAIL, "addToLoginIDs": true, "failOnConflict": true,
    });
    assert_eq!(magic(&local, "update/email", &bearer, &update).0, 200);
    let link = local.newest(EMAIL);
    let body = json!({"loginId": EMAIL});
    assert_eq!(magic(&local, "signup/email", "", &body).0, 200);
    assert_refused(local.verify(&link), 409, "E062125");
    let me = local.get_as("/v1/auth/me", &bearer).1;
    assert_eq!(
        (&me["email"], &me["loginIds"]),
        (&json!(""), &json!([PHONE]))
    );
    let other = follow(&local, EMAIL);
    assert_ne!(other["user"]["userId"], "U1");
}

#[test]
fn whoever_is_disabled_keeps_the_old_address() {
    let user =
        |status| json!([{"loginId": PHONE, "phone": PHONE, "userId": "U1", "status": status}]);
    let local = with_users(&user("enabled"));
    let bearer = signed_in(&local, "sms", PHONE, PHONE);
    let update = json!({"loginId": PHONE, "email": EMAIL});
    assert_eq!(magic(&local, "update/email", &bearer, &update).0, 200);
    local.put("/_emulator/state", &json!({"users": user("disabled")}));
    assert_refused(local.verify(&local.newest(EMAIL)), 401, "E062504");
    let (_, state) = local.get("/_emulator/state");
    assert_eq!(state["users"][0]["email"], "");
}

#[test]
fn what_a_merge_takes_over_is_verified_only_if_it_was() {
    for (existing_wins, phone, verified) in [(false, PHONE, true), (true, "+14155550199", false)] {
        let local = with_users(&json!([
            {"loginId": PHONE, "phone": PHONE, "verifiedPhone": true, "userId": "U1",
             "roleNames": ["admin"], "permissions": ["read"]},
            {"loginId": EMAIL, "email": EMAIL, "phone": "+14155550199", "userId": "U2",
             "recoveryEmail": "r@example.com", "verifiedRecoveryEmail": true,
             "roleNames": ["admin", "clerk"], "permissions": ["pay"]},
        ]));
        let bearer = signed_in(&local, "sms", PHONE, PHONE);
        let update = json!({
            "loginId": PHONE, "email": EMAIL, "addToLoginIDs": true,
            "onMergeUseExisting": existing_wins,
        });
        assert_eq!(magic(&local, "update/email", &bearer, &update).0, 200);
        let user = follow(&local, EMAIL)["user"].clone();
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
fn a_confirmed_address_is_no_sign_in_of_the_history() {
    let local = with_users(&json!([{"loginId": PHONE, "phone": PHONE}]));
    let bearer = signed_in(&local, "sms", PHONE, PHONE);
    let update = json!({"loginId": PHONE, "email": EMAIL});
    assert_eq!(magic(&local, "update/email", &bearer, &update).0, 200);
    follow(&local, EMAIL);
    let sign_ins = || local.get_as("/v1/auth/me/history", &bearer).1;
    assert_eq!(sign_ins().as_array().unwrap().len(), 1);
    signed_in(&local, "sms", PHONE, PHONE);
    assert_eq!(sign_ins().as_array().unwrap().len(), 2);
}

#[test]
fn a_new_phone_number_must_be_one() {
    let local = with_users(&json!([{"loginId": PHONE, "phone": PHONE}]));
    let bearer = signed_in(&local, "sms", PHONE, PHONE);
    let update = json!({"loginId": PHONE, "phone": "call me"});
    for path in ["update/phone", "update/phone/sms", "update/phone/whatsapp"] {
        assert_refused(magic(&local, path, &bearer, &update), 400, "E032106");
    }
}

#[test]
fn trying_to_refresh_answers_the_documented_keys_and_refuses_what_is_broken() {
    let local = with_users(&json!([{"loginId": PHONE, "phone": PHONE}]));
    let bearer = signed_in(&local, "sms", PHONE, PHONE);
    let path = "/v1/auth/try-refresh";
    let (_, answer) = local.post(path, &bearer, &json!({}));
    for absent in ["user", "firstSeen", "unsavedSSO"] {
        assert_eq!(answer.get(absent), None, "{absent}");
    }
    assert_refused(local.post_text(path, &bearer, "{"), 400, "E011001");
    local.post("/v1/auth/logout", &bearer, &json!({}));
    assert_eq!(local.post(path, &bearer, &json!({})), (200, json!({})));
}
