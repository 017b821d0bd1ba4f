//! Sign-up, sign-in and verification of magic links.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::time::Duration;

use common::{EMAIL, PHONE, TestEmulator, assert_api_error, start};
use descope_ml_emulator::Options;
use serde_json::{Value, json};

/// Verifies a token with the published key. Returns its claims.
fn verified_claims(emulator: &TestEmulator, jwt: &str) -> Value {
    let (_, set) = emulator.get(&format!("/v2/keys/{}", emulator.server.project_id()));
    let set: jsonwebtoken::jwk::JwkSet = serde_json::from_value(set).unwrap();
    let header = jsonwebtoken::decode_header(jwt).unwrap();
    let key = set.find(&header.kid.unwrap()).unwrap();
    let key = jsonwebtoken::DecodingKey::from_jwk(key).unwrap();
    let rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    jsonwebtoken::decode::<Value>(jwt, &key, &rules)
        .unwrap()
        .claims
}

#[test]
fn a_sign_in_needs_an_existing_user_and_a_sign_up_a_new_one() {
    let emulator = start();
    assert_api_error(emulator.sign_in(&json!({})), 400, "E062108");
    emulator.sign_up(PHONE);
    let (status, body) = emulator.sign_in(&json!({}));
    assert_eq!(
        (status, body),
        (200, json!({"maskedPhone": "+1********23"}))
    );
    let body = json!({"loginId": PHONE, "user": {"phone": PHONE}});
    assert_api_error(
        emulator.post("/v1/auth/magiclink/signup/sms", "", &body),
        400,
        "E062107",
    );
    assert_eq!(emulator.server.messages(PHONE).len(), 2);
}

#[test]
fn the_punctuation_of_a_phone_number_does_not_matter() {
    let emulator = start();
    emulator.sign_up(PHONE);
    let (status, _) = emulator.sign_in(&json!({"loginId": "+1 (415) 555-0123"}));
    assert_eq!(status, 200);
}

#[test]
fn a_missing_field_or_an_invalid_body_gets_400() {
    let emulator = start();
    let sign_in = "/v1/auth/magiclink/signin/sms";
    assert_api_error(emulator.post(sign_in, "", &json!({})), 400, "E011003");
    assert_api_error(
        emulator.post(sign_in, "", &json!({"loginId": ""})),
        400,
        "E011003",
    );
    assert_api_error(
        emulator.post(sign_in, "", &json!({"loginId": null})),
        400,
        "E011003",
    );
    assert_api_error(
        emulator.post(sign_in, "", &json!({"loginId": 7})),
        400,
        "E011001",
    );
    assert_api_error(emulator.post(sign_in, "", &json!([])), 400, "E011001");
    assert_api_error(emulator.post_text(sign_in, "", "{"), 400, "E011001");
    assert_api_error(emulator.post_text(sign_in, "", ""), 400, "E011001");
    assert_api_error(
        emulator.post("/v1/auth/magiclink/verify", "", &json!({})),
        400,
        "E011003",
    );
}

#[test]
fn an_sms_needs_a_phone_number() {
    let emulator = start();
    let sign_up = "/v1/auth/magiclink/signup/sms";
    let ada = json!({"loginId": "ada@example.com"});
    assert_api_error(emulator.post(sign_up, "", &ada), 400, "E011002");
    let key = format!(":{}", emulator.server.management_key());
    emulator.post("/v1/mgmt/user/create/test", &key, &ada);
    assert_api_error(emulator.sign_in(&ada), 400, "E011002");
    let with_phone = json!({"loginId": "grace", "user": {"phone": "415-555-0199"}});
    assert_eq!(emulator.post(sign_up, "", &with_phone).0, 200);
    assert_eq!(emulator.sign_in(&json!({"loginId": "grace"})).0, 200);
}

#[test]
fn the_bearer_of_another_project_gets_401() {
    let emulator = start();
    let body = json!({"loginId": PHONE});
    let sign_in = "/v1/auth/magiclink/signin/sms";
    assert_api_error(emulator.post(sign_in, "x", &body), 401, "E071001");
    let (status, body) = emulator.get("/v2/keys/Pother");
    assert_api_error((status, body), 401, "E071001");
}

#[test]
fn unknown_keys_are_ignored_and_the_redirect_url_has_two_names() {
    let emulator = start();
    emulator.sign_up(PHONE);
    emulator.sign_in(&json!({"URI": "https://a.example/v", "later": {"x": [1]}}));
    assert!(emulator.newest_link().starts_with("https://a.example/v?t="));
    emulator.sign_in(&json!({"redirectUrl": "https://b.example/v?a=1#top"}));
    let token = emulator.newest_token(PHONE);
    assert_eq!(
        emulator.newest_link(),
        format!("https://b.example/v?a=1&t={token}#top")
    );
    emulator.sign_in(&json!({"uri": "https://c.example/"}));
    let own = format!("{}/_emulator/landing?t=", emulator.server.base_url());
    assert!(emulator.newest_link().starts_with(&own));
}

#[test]
fn a_redirect_url_must_be_in_an_approved_domain() {
    let emulator = TestEmulator::start(Options {
        approved_domains: vec!["example.com".into(), "localhost".into()],
        ..Options::default()
    });
    emulator.sign_up(PHONE);
    for approved in [
        "https://example.com/v",
        "https://a.EXAMPLE.com",
        "http://localhost:3000/",
    ] {
        assert_eq!(
            emulator.sign_in(&json!({"redirectUrl": approved})).0,
            200,
            "{approved}"
        );
    }
    let sent = emulator.server.messages(PHONE).len();
    assert_api_error(
        emulator.sign_in(&json!({"redirectUrl": "https://evil.com"})),
        400,
        "E061003",
    );
    assert_api_error(
        emulator.sign_in(&json!({"URI": "https://badexample.com"})),
        400,
        "E061003",
    );
    assert_api_error(
        emulator.sign_in(&json!({"redirectUrl": "/verify"})),
        400,
        "E011003",
    );
    assert_eq!(emulator.server.messages(PHONE).len(), sent);
}

#[test]
fn a_request_without_redirect_url_uses_the_projects() {
    let emulator = TestEmulator::start(Options {
        redirect_url: Some("https://app.example.com/in?from=sms".to_owned()),
        approved_domains: vec!["example.com".to_owned()],
        ..Options::default()
    });
    for keys in [
        json!({}),
        json!({"redirectUrl": null}),
        json!({"URI": "", "redirectUrl": ""}),
    ] {
        let _ = emulator.post(
            "/v1/auth/magiclink/signup/sms",
            "",
            &json!({"loginId": PHONE}),
        );
        assert_eq!(emulator.sign_in(&keys).0, 200);
        let token = emulator.newest_token(PHONE);
        let link = format!("https://app.example.com/in?from=sms&t={token}");
        assert_eq!(emulator.newest_link(), link);
    }
}

#[test]
fn a_link_works_once_and_a_newer_link_does_not_invalidate_it() {
    let emulator = start();
    let first = emulator.sign_up(PHONE);
    emulator.sign_in(&json!({}));
    let second = emulator.newest_token(PHONE);
    let (status, body) = emulator.verify(&first);
    assert_eq!((status, &body["firstSeen"]), (200, &json!(true)));
    assert_api_error(emulator.verify(&first), 401, "E062504");
    let (status, body) = emulator.verify(&second);
    assert_eq!((status, &body["firstSeen"]), (200, &json!(false)));
    assert_eq!(body["user"]["verifiedPhone"], json!(true));
    assert_api_error(emulator.verify("unknown"), 401, "E062504");
}

#[test]
fn a_link_expires() {
    let emulator = TestEmulator::start(Options {
        link_ttl: Some(Duration::ZERO),
        ..Options::default()
    });
    let token = emulator.sign_up(PHONE);
    assert_api_error(emulator.verify(&token), 401, "E062504");
}

#[test]
fn the_longest_link_ttl_is_accepted() {
    let emulator = TestEmulator::start(Options {
        link_ttl: Some(Duration::from_secs(u64::MAX)),
        ..Options::default()
    });
    assert_eq!(emulator.verify(&emulator.sign_up(PHONE)).0, 200);
}

#[test]
fn session_tokens_are_signed_by_the_projects_key_and_have_the_custom_claims() {
    let emulator = start();
    emulator.sign_up(PHONE);
    let claims = json!({"tier": ["gold", 1, null], "sub": "someone else", "exp": 1});
    emulator.sign_in(&json!({"loginOptions": {"customClaims": claims}}));
    let (_, session) = emulator.verify(&emulator.newest_token(PHONE));
    let claims = verified_claims(&emulator, session["sessionJwt"].as_str().unwrap());
    assert_eq!(claims["tier"], json!(["gold", 1, null]));
    assert_eq!(claims["sub"], session["user"]["userId"]);
    assert_eq!(claims["iss"], json!(emulator.server.project_id()));
    assert_eq!(
        (&claims["drn"], &claims["amr"]),
        (&json!("DS"), &json!(["sms"]))
    );
    let refresh = verified_claims(&emulator, session["refreshJwt"].as_str().unwrap());
    assert_eq!(
        (&refresh["drn"], &refresh["tier"]),
        (&json!("DSR"), &Value::Null)
    );
}

#[test]
fn mfa_needs_a_refresh_token_of_the_same_user() {
    let emulator = start();
    let token = emulator.sign_up(PHONE);
    let (_, session) = emulator.verify(&token);
    let other_token = emulator.sign_up("+14155550199");
    let (_, other) = emulator.verify(&other_token);
    let path = "/v1/auth/magiclink/signin/sms";
    let body = json!({"loginId": PHONE, "loginOptions": {"mfa": true}});
    let with = |jwt: &Value| format!(":{}", jwt.as_str().unwrap());
    assert_api_error(emulator.post(path, "", &body), 401, "E061005");
    assert_api_error(emulator.post(path, ":junk", &body), 401, "E061005");
    assert_api_error(
        emulator.post(path, &with(&session["sessionJwt"]), &body),
        401,
        "E061005",
    );
    assert_api_error(
        emulator.post(path, &with(&other["refreshJwt"]), &body),
        401,
        "E061005",
    );
    assert_eq!(
        emulator.post(path, &with(&session["refreshJwt"]), &body).0,
        200
    );
    let (_, stepped) = emulator.verify(&emulator.newest_token(PHONE));
    let claims = verified_claims(&emulator, stepped["sessionJwt"].as_str().unwrap());
    assert_eq!(claims["amr"], json!(["sms", "mfa"]));
}

#[test]
fn a_rejected_request_creates_no_user() {
    let emulator = TestEmulator::start(Options {
        approved_domains: vec!["example.com".to_owned()],
        ..Options::default()
    });
    let body = json!({"loginId": EMAIL, "redirectUrl": "https://evil.example/"});
    let mfa = json!({"loginId": EMAIL, "loginOptions": {"mfa": true}});
    for path in ["signup-in/email", "signup/email"] {
        assert_api_error(emulator.post_magic_link(path, "", &body), 400, "E061003");
    }
    assert_api_error(
        emulator.post_magic_link("signup-in/email", "", &mfa),
        401,
        "E061005",
    );
    assert_api_error(
        emulator.post_magic_link("signin/email", "", &json!({"loginId": EMAIL})),
        400,
        "E062108",
    );
}

#[test]
fn a_sign_up_with_a_tenant_makes_the_user_a_member() {
    let emulator = start();
    for (path, login_id) in [
        ("signup/email", EMAIL),
        ("signup-in/email", "bob@example.com"),
    ] {
        let body = json!({"loginId": login_id, "loginOptions": {"tenantId": "T1"}});
        assert_eq!(emulator.post_magic_link(path, "", &body).0, 200);
        let response = emulator.verify_newest(login_id);
        assert_eq!(response["user"]["userTenants"][0]["tenantId"], "T1");
        let session = format!(":{}", response["sessionJwt"].as_str().unwrap());
        let (_, parsed) = emulator.post("/v1/auth/validate", &session, &json!({}));
        assert_eq!(parsed["parsedJWT"]["dct"], "T1");
        assert!(parsed["parsedJWT"]["tenants"]["T1"].is_object());
    }
}
