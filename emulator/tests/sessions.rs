//! What follows a sign-in: refresh, who it is, history, tenants, logout, and cookies.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use common::{Local, PHONE, assert_refused};
use descope_ml_emulator::{Options, Tokens};
use serde_json::{Value, json};

fn local() -> Local {
    Local::start(Options::default())
}

/// Signs the user of [`PHONE`] in, and returns the answer to the verification.
fn signed_in(local: &Local, options: &Value) -> Value {
    let (status, body) = local.sign_in(&json!({"loginOptions": options}));
    assert_eq!(status, 200, "{body}");
    let (status, body) = local.verify(&local.newest(PHONE));
    assert_eq!(status, 200, "{body}");
    body
}

fn signed_up(local: &Local) -> Value {
    local.verify(&local.sign_up(PHONE)).1
}

/// A token of an answer as the end of a bearer.
fn bearer(answer: &Value, key: &str) -> String {
    format!(":{}", answer[key].as_str().unwrap())
}

fn claims(token: &Value) -> Value {
    let payload = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

#[test]
fn a_refresh_token_brings_new_tokens_and_tells_who_it_is() {
    let local = local();
    let first = signed_up(&local);
    let token = bearer(&first, "refreshJwt");
    let (status, refreshed) = local.post("/v1/auth/refresh", &token, &json!({}));
    assert_eq!(
        (status, refreshed["user"].clone()),
        (200, first["user"].clone())
    );
    assert_eq!(claims(&refreshed["sessionJwt"])["drn"], "DS");
    assert_eq!(claims(&refreshed["refreshJwt"])["drn"], "DSR");
    let (status, me) = local.get_as("/v1/auth/me", &token);
    assert_eq!((status, &me["userId"]), (200, &first["user"]["userId"]));
    let (status, history) = local.get_as("/v1/auth/me/history", &token);
    assert_eq!((status, history.as_array().unwrap().len()), (200, 1));
    // Some SDKs send no body at all.
    assert_eq!(local.post_text("/v1/auth/refresh", &token, "").0, 200);
    for path in ["/v1/auth/refresh", "/v1/auth/logout", "/v1/auth/logoutall"] {
        assert_refused(local.post(path, "", &json!({})), 401, "E061005");
        let session = bearer(&first, "sessionJwt");
        assert_refused(local.post(path, &session, &json!({})), 401, "E061005");
    }
}

#[test]
fn trying_to_refresh_is_never_refused() {
    let local = local();
    let token = bearer(&signed_up(&local), "refreshJwt");
    let (status, answer) = local.post("/v1/auth/try-refresh", &token, &json!({}));
    assert_eq!(
        (status, answer["sessionJwt"].is_string(), answer.get("user")),
        (200, true, None)
    );
    let nobody = local.post("/v1/auth/try-refresh", ":a.b.c", &json!({}));
    assert_eq!(nobody, (200, json!({})));
}

#[test]
fn the_service_says_whether_a_session_holds() {
    let local = local();
    let first = signed_up(&local);
    let session = bearer(&first, "sessionJwt");
    let (status, answer) = local.post("/v1/auth/validate", &session, &json!({}));
    assert_eq!(
        (status, &answer["parsedJWT"]["sub"]),
        (200, &first["user"]["userId"])
    );
    let refresh = bearer(&first, "refreshJwt");
    assert_refused(
        local.post("/v1/auth/validate", &refresh, &json!({})),
        401,
        "E061005",
    );
    local.post("/_emulator/clock", "", &json!({"advance": "11m"}));
    assert_refused(
        local.post("/v1/auth/validate", &session, &json!({})),
        401,
        "E061005",
    );
}

#[test]
fn a_logout_ends_one_session_and_logoutall_ends_them_all() {
    let local = local();
    let first = bearer(&signed_up(&local), "refreshJwt");
    let [second, third] = [(); 2].map(|()| bearer(&signed_in(&local, &json!({})), "refreshJwt"));
    let refresh = |token: &str| local.post("/v1/auth/refresh", token, &json!({}));
    let (status, answer) = local.post("/v1/auth/logout", &first, &json!({}));
    assert_eq!(
        (status, &answer["sessionJwt"], &answer["refreshJwt"]),
        (200, &json!(""), &json!(""))
    );
    assert_refused(refresh(&first), 401, "E064001");
    assert_refused(local.get_as("/v1/auth/me", &first), 401, "E064001");
    assert_eq!(refresh(&second).0, 200);
    // Sessions that were begun in another way are not meant.
    local.post(
        "/v1/auth/logoutall",
        &second,
        &json!({"logoutType": ["email"]}),
    );
    assert_eq!(refresh(&second).0, 200);
    assert_eq!(local.post("/v1/auth/logoutall", &second, &json!({})).0, 200);
    assert_refused(refresh(&second), 401, "E064001");
    assert_refused(refresh(&third), 401, "E064001");
}

#[test]
fn a_sign_in_may_end_the_other_sessions() {
    let local = local();
    let first = bearer(&signed_up(&local), "refreshJwt");
    let options = json!({"revokeOtherSessions": true, "revokeOtherSessionsTypes": ["email"]});
    let second = bearer(&signed_in(&local, &options), "refreshJwt");
    assert_eq!(local.post("/v1/auth/refresh", &first, &json!({})).0, 200);
    let options = json!({"revokeOtherSessions": true});
    let third = bearer(&signed_in(&local, &options), "refreshJwt");
    for ended in [&first, &second] {
        assert_refused(
            local.post("/v1/auth/refresh", ended, &json!({})),
            401,
            "E064001",
        );
    }
    assert_eq!(local.post("/v1/auth/refresh", &third, &json!({})).0, 200);
}

#[test]
fn a_session_has_the_users_grants_and_moves_between_tenants() {
    let local = local();
    let user = json!({"users": [{
        "loginId": PHONE, "userId": "U1", "roleNames": ["admin"], "permissions": ["read"],
        "userTenants": [{"tenantId": "T1", "roleNames": ["clerk"], "permissions": ["pay"]}],
    }]});
    assert_eq!(local.put("/_emulator/state", &user).0, 200);
    let first = signed_in(&local, &json!({}));
    let session = claims(&first["sessionJwt"]);
    assert_eq!(session["roles"], json!(["admin"]));
    assert_eq!(session["permissions"], json!(["read"]));
    assert_eq!(
        session["tenants"],
        json!({"T1": {"permissions": ["pay"], "roles": ["clerk"]}})
    );
    assert_eq!(session.get("dct"), None);
    let token = bearer(&first, "refreshJwt");
    let select =
        |tenant: &str| local.post("/v1/auth/tenant/select", &token, &json!({"tenant": tenant}));
    assert_refused(select("T2"), 400, "E011003");
    assert_eq!(claims(&select("T1").1["sessionJwt"])["dct"], "T1");
    let (_, refreshed) = local.post("/v1/auth/refresh", &token, &json!({}));
    assert_eq!(claims(&refreshed["sessionJwt"])["dct"], "T1");
    let at_once = signed_in(&local, &json!({"tenantId": "T1"}));
    assert_eq!(claims(&at_once["sessionJwt"])["dct"], "T1");
    let outside = local.sign_in(&json!({"loginOptions": {"tenantId": "T2"}}));
    assert_refused(outside, 400, "E011003");
}

#[test]
fn tokens_come_in_cookies_where_the_project_says_so() {
    let local = Local::start(Options {
        tokens: Tokens::Cookies,
        session_cookie: "S1".to_owned(),
        cookie_domain: Some("app.example.com".to_owned()),
        ..Options::default()
    });
    let token = local.sign_up(PHONE);
    let path = "/v1/auth/magiclink/verify";
    let (status, body, cookies) = local.post_for_cookies(path, "", &json!({"token": token}));
    assert_eq!(
        (status, &body["sessionJwt"], &body["refreshJwt"]),
        (200, &json!(""), &json!(""))
    );
    assert_eq!(
        (&body["sessionCookieName"], &body["cookieName"]),
        (&json!("S1"), &json!("DSR"))
    );
    let [session, refresh] = cookies.try_into().unwrap();
    let attributes = "; Path=/; Domain=app.example.com; Max-Age=";
    assert!(
        session.starts_with("S1=ey") && session.contains(attributes),
        "{session}"
    );
    assert!(
        refresh.ends_with("; HttpOnly; Secure; SameSite=Strict"),
        "{refresh}"
    );
    let refresh = refresh
        .strip_prefix("DSR=")
        .unwrap()
        .split(';')
        .next()
        .unwrap();
    let bearer = format!(":{refresh}");
    let (status, _, cookies) = local.post_for_cookies("/v1/auth/logout", &bearer, &json!({}));
    assert_eq!(status, 200);
    assert!(
        cookies
            .iter()
            .all(|cookie| cookie.contains("=; ") && cookie.contains("Max-Age=0"))
    );
    let settings = json!({"settings": {"tokens": "body"}});
    assert_eq!(local.put("/_emulator/state", &settings).0, 200);
    assert!(
        signed_in(&local, &json!({}))["sessionJwt"]
            .as_str()
            .unwrap()
            .starts_with("ey")
    );
}

#[test]
fn whoever_is_disabled_cannot_sign_in_and_loses_the_session() {
    let local = local();
    let user = |status| json!({"users": [{"loginId": PHONE, "userId": "U1", "status": status}]});
    local.put("/_emulator/state", &user("enabled"));
    let token = bearer(&signed_in(&local, &json!({})), "refreshJwt");
    local.put("/_emulator/state", &user("disabled"));
    assert_refused(local.sign_in(&json!({})), 400, "E011003");
    assert_refused(local.get_as("/v1/auth/me", &token), 401, "E061005");
}
