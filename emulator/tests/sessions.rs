//! Sessions: refresh, the user, history, tenants, logout, and tokens in cookies.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{
    PHONE, TestEmulator, assert_api_error, claims, refresh_bearer, start, start_with_users,
};
use descope_ml_emulator::{Options, TokenResponseMethod};
use serde_json::{Value, json};

/// Signs the user with [`PHONE`] in. Returns the response to the verification.
fn sign_in_and_verify(emulator: &TestEmulator, options: &Value) -> Value {
    let (status, body) = emulator.sign_in(&json!({"loginOptions": options}));
    assert_eq!(status, 200, "{body}");
    emulator.verify_newest(PHONE)
}

fn sign_up_and_verify(emulator: &TestEmulator) -> Value {
    emulator.verify(&emulator.sign_up(PHONE)).1
}

/// The token under a key of a response, as a bearer.
fn bearer(response: &Value, key: &str) -> String {
    format!(":{}", response[key].as_str().unwrap())
}

#[test]
fn a_refresh_token_gets_new_tokens_the_user_and_the_history() {
    let emulator = start();
    let first = sign_up_and_verify(&emulator);
    let token = bearer(&first, "refreshJwt");
    let (status, refreshed) = emulator.post("/v1/auth/refresh", &token, &json!({}));
    assert_eq!(
        (status, refreshed["user"].clone()),
        (200, first["user"].clone())
    );
    assert_eq!(claims(&refreshed["sessionJwt"])["drn"], "DS");
    assert_eq!(claims(&refreshed["refreshJwt"])["drn"], "DSR");
    let (status, me) = emulator.get_with_bearer("/v1/auth/me", &token);
    assert_eq!((status, &me["userId"]), (200, &first["user"]["userId"]));
    let (status, history) = emulator.get_with_bearer("/v1/auth/me/history", &token);
    assert_eq!((status, history.as_array().unwrap().len()), (200, 1));
    // Some SDKs send no body at all.
    assert_eq!(emulator.post_text("/v1/auth/refresh", &token, "").0, 200);
    for path in ["/v1/auth/refresh", "/v1/auth/logout", "/v1/auth/logoutall"] {
        assert_api_error(emulator.post(path, "", &json!({})), 401, "E061005");
        let session = bearer(&first, "sessionJwt");
        assert_api_error(emulator.post(path, &session, &json!({})), 401, "E061005");
    }
}

#[test]
fn try_refresh_without_a_session_responds_with_an_empty_object() {
    let emulator = start();
    let token = bearer(&sign_up_and_verify(&emulator), "refreshJwt");
    let (status, response) = emulator.post("/v1/auth/try-refresh", &token, &json!({}));
    assert_eq!(
        (
            status,
            response["sessionJwt"].is_string(),
            response.get("user")
        ),
        (200, true, None)
    );
    let response = emulator.post("/v1/auth/try-refresh", ":a.b.c", &json!({}));
    assert_eq!(response, (200, json!({})));
}

#[test]
fn try_refresh_omits_undocumented_keys_and_rejects_an_invalid_body() {
    let emulator = start_with_users(&json!([{"loginId": PHONE, "phone": PHONE}]));
    let bearer = refresh_bearer(&sign_in_and_verify(&emulator, &json!({})));
    let path = "/v1/auth/try-refresh";
    let (_, response) = emulator.post(path, &bearer, &json!({}));
    for absent in ["user", "firstSeen", "unsavedSSO"] {
        assert_eq!(response.get(absent), None, "{absent}");
    }
    assert_api_error(emulator.post_text(path, &bearer, "{"), 400, "E011001");
    emulator.post("/v1/auth/logout", &bearer, &json!({}));
    assert_eq!(emulator.post(path, &bearer, &json!({})), (200, json!({})));
}

#[test]
fn validate_accepts_only_a_valid_session_token() {
    let emulator = start();
    let first = sign_up_and_verify(&emulator);
    let session = bearer(&first, "sessionJwt");
    let (status, response) = emulator.post("/v1/auth/validate", &session, &json!({}));
    assert_eq!(
        (status, &response["parsedJWT"]["sub"]),
        (200, &first["user"]["userId"])
    );
    let refresh = bearer(&first, "refreshJwt");
    assert_api_error(
        emulator.post("/v1/auth/validate", &refresh, &json!({})),
        401,
        "E061005",
    );
    emulator.post("/_emulator/clock", "", &json!({"advance": "11m"}));
    assert_api_error(
        emulator.post("/v1/auth/validate", &session, &json!({})),
        401,
        "E061005",
    );
}

#[test]
fn a_session_response_has_all_documented_keys() {
    let emulator = start();
    let (_, session) = emulator.verify(&emulator.sign_up(PHONE));
    assert_eq!(session["claims"], claims(&session["sessionJwt"]));
    for key in [
        "sessionJwt",
        "refreshJwt",
        "cookieDomain",
        "cookiePath",
        "cookieMaxAge",
        "cookieExpiration",
        "user",
        "firstSeen",
        "sessionExpiration",
        "externalToken",
        "claims",
        "tenantSSOID",
        "trustedDeviceJwt",
        "nextRefreshSeconds",
        "cookieName",
        "sessionCookieName",
        "sessionCookieDomain",
        "unsavedSSO",
    ] {
        assert!(!session[key].is_null(), "{key}");
    }
    for key in [
        "loginIds",
        "userId",
        "status",
        "createdTime",
        "consentExpiration",
        "recoveryPhone",
        "verifiedRecoveryPhone",
    ] {
        assert!(!session["user"][key].is_null(), "{key}");
    }
}

#[test]
fn logout_ends_one_session_and_logoutall_ends_all() {
    let emulator = start();
    let first = bearer(&sign_up_and_verify(&emulator), "refreshJwt");
    let [second, third] =
        [(); 2].map(|()| bearer(&sign_in_and_verify(&emulator, &json!({})), "refreshJwt"));
    let refresh = |token: &str| emulator.post("/v1/auth/refresh", token, &json!({}));
    let (status, response) = emulator.post("/v1/auth/logout", &first, &json!({}));
    assert_eq!(
        (status, &response["sessionJwt"], &response["refreshJwt"]),
        (200, &json!(""), &json!(""))
    );
    let refused = refresh(&first);
    let message = &refused.1["errorMessage"];
    // A live test of the .NET SDK looks for this text.
    assert_eq!(message, &json!("Expired due to logout"));
    assert_api_error(refused, 401, "E064001");
    assert_api_error(
        emulator.get_with_bearer("/v1/auth/me", &first),
        401,
        "E064001",
    );
    assert_eq!(refresh(&second).0, 200);
    // A `logoutType` that none of the sessions has ends none of them.
    emulator.post(
        "/v1/auth/logoutall",
        &second,
        &json!({"logoutType": ["email"]}),
    );
    assert_eq!(refresh(&second).0, 200);
    assert_eq!(
        emulator.post("/v1/auth/logoutall", &second, &json!({})).0,
        200
    );
    assert_api_error(refresh(&second), 401, "E064001");
    assert_api_error(refresh(&third), 401, "E064001");
}

#[test]
fn a_sign_in_can_revoke_other_sessions() {
    let emulator = start();
    let first = bearer(&sign_up_and_verify(&emulator), "refreshJwt");
    let options = json!({"revokeOtherSessions": true, "revokeOtherSessionsTypes": ["email"]});
    let second = bearer(&sign_in_and_verify(&emulator, &options), "refreshJwt");
    assert_eq!(emulator.post("/v1/auth/refresh", &first, &json!({})).0, 200);
    let options = json!({"revokeOtherSessions": true});
    let third = bearer(&sign_in_and_verify(&emulator, &options), "refreshJwt");
    for ended in [&first, &second] {
        assert_api_error(
            emulator.post("/v1/auth/refresh", ended, &json!({})),
            401,
            "E064001",
        );
    }
    assert_eq!(emulator.post("/v1/auth/refresh", &third, &json!({})).0, 200);
}

#[test]
fn a_session_has_the_users_roles_and_can_select_a_tenant() {
    let emulator = start();
    let user = json!({"users": [{
        "loginId": PHONE, "userId": "U1", "roleNames": ["admin"], "permissions": ["read"],
        "userTenants": [{"tenantId": "T1", "roleNames": ["clerk"], "permissions": ["pay"]}],
    }]});
    assert_eq!(emulator.put("/_emulator/state", &user).0, 200);
    let first = sign_in_and_verify(&emulator, &json!({}));
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
        |tenant: &str| emulator.post("/v1/auth/tenant/select", &token, &json!({"tenant": tenant}));
    assert_api_error(select("T2"), 400, "E011003");
    assert_eq!(claims(&select("T1").1["sessionJwt"])["dct"], "T1");
    let (_, refreshed) = emulator.post("/v1/auth/refresh", &token, &json!({}));
    assert_eq!(claims(&refreshed["sessionJwt"])["dct"], "T1");
    let at_once = sign_in_and_verify(&emulator, &json!({"tenantId": "T1"}));
    assert_eq!(claims(&at_once["sessionJwt"])["dct"], "T1");
    let outside = emulator.sign_in(&json!({"loginOptions": {"tenantId": "T2"}}));
    assert_api_error(outside, 400, "E011003");
}

#[test]
fn tokens_are_returned_in_cookies_if_the_settings_say_so() {
    let emulator = TestEmulator::start(Options {
        token_response_method: Some(TokenResponseMethod::Cookies),
        session_cookie: Some("S1".to_owned()),
        cookie_domain: Some("app.example.com".to_owned()),
        ..Options::default()
    });
    let token = emulator.sign_up(PHONE);
    let path = "/v1/auth/magiclink/verify";
    let (status, body, cookies) =
        emulator.post_and_read_cookies(path, "", &json!({"token": token}));
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
        refresh.ends_with("; HttpOnly; Secure; SameSite=None"),
        "{refresh}"
    );
    let refresh = refresh
        .strip_prefix("DSR=")
        .unwrap()
        .split(';')
        .next()
        .unwrap();
    let bearer = format!(":{refresh}");
    let (status, _, cookies) =
        emulator.post_and_read_cookies("/v1/auth/logout", &bearer, &json!({}));
    assert_eq!(status, 200);
    assert!(
        cookies
            .iter()
            .all(|cookie| cookie.contains("=; ") && cookie.contains("Max-Age=0"))
    );
    let body = "response_body";
    emulator.put_settings(&json!({"project_settings": {
        "session_token_response_method": body, "refresh_token_response_method": body,
    }}));
    assert!(
        sign_in_and_verify(&emulator, &json!({}))["sessionJwt"]
            .as_str()
            .unwrap()
            .starts_with("ey")
    );
}

#[test]
fn a_disabled_user_cannot_sign_in_or_use_a_session() {
    let emulator = start();
    let user = |status| json!({"users": [{"loginId": PHONE, "userId": "U1", "status": status}]});
    emulator.put("/_emulator/state", &user("enabled"));
    let token = bearer(&sign_in_and_verify(&emulator, &json!({})), "refreshJwt");
    emulator.put("/_emulator/state", &user("disabled"));
    assert_api_error(emulator.sign_in(&json!({})), 400, "E011003");
    assert_api_error(
        emulator.get_with_bearer("/v1/auth/me", &token),
        401,
        "E061005",
    );
}

#[test]
fn tenants_of_the_user_are_selected_by_id_or_by_the_session() {
    let emulator = start_with_users(&json!([{
        "loginId": PHONE,
        "userTenants": [{"tenantId": "T1", "tenantName": "One"}, {"tenantId": "T2"}],
    }]));
    let path = "/v1/auth/me/tenants";
    let bearer = refresh_bearer(&sign_in_and_verify(&emulator, &json!({})));
    let one = json!({"tenants": [{"id": "T1", "name": "One", "customAttributes": {}}]});
    let none = json!({"tenants": []});
    let ids = json!({"dct": false, "ids": ["T1", "T9"]});
    let selected = json!({"dct": true});
    assert_eq!(emulator.post(path, &bearer, &ids), (200, one.clone()));
    assert_eq!(emulator.post(path, &bearer, &selected), (200, none));
    let select = json!({"tenant": "T1"});
    assert_eq!(
        emulator.post("/v1/auth/tenant/select", &bearer, &select).0,
        200
    );
    assert_eq!(emulator.post(path, &bearer, &selected), (200, one));
    for both_or_neither in [json!({}), json!({"dct": true, "ids": ["T1"]})] {
        assert_api_error(
            emulator.post(path, &bearer, &both_or_neither),
            400,
            "E011003",
        );
    }
    assert_api_error(emulator.post(path, "", &ids), 401, "E061005");
}
