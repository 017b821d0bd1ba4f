//! Sign-up, sign-in and verification, as a program that knows the service expects them.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use common::{Local, PHONE, assert_refused};
use descope_ml_emulator::Options;
use serde_json::{Value, json};

fn local() -> Local {
    Local::start(Options::default())
}

#[test]
fn a_sign_in_needs_a_user_and_a_sign_up_needs_none() {
    let local = local();
    assert_refused(local.sign_in(&json!({})), 400, "E062108");
    local.sign_up(PHONE);
    let (status, body) = local.sign_in(&json!({}));
    assert_eq!(
        (status, body),
        (200, json!({"maskedPhone": "+1********23"}))
    );
    let body = json!({"loginId": PHONE, "user": {"phone": PHONE}});
    assert_refused(
        local.post("/v1/auth/magiclink/signup/sms", "", &body),
        400,
        "E062107",
    );
    assert_eq!(local.emulator.messages(PHONE).len(), 2);
}

#[test]
fn a_phone_number_is_known_however_it_is_punctuated() {
    let local = local();
    local.sign_up(PHONE);
    let (status, _) = local.sign_in(&json!({"loginId": "+1 (415) 555-0123"}));
    assert_eq!(status, 200);
}

#[test]
fn a_missing_field_or_a_broken_body_is_refused() {
    let local = local();
    let sign_in = "/v1/auth/magiclink/signin/sms";
    assert_refused(local.post(sign_in, "", &json!({})), 400, "E011003");
    assert_refused(
        local.post(sign_in, "", &json!({"loginId": ""})),
        400,
        "E011003",
    );
    assert_refused(
        local.post(sign_in, "", &json!({"loginId": null})),
        400,
        "E011003",
    );
    assert_refused(
        local.post(sign_in, "", &json!({"loginId": 7})),
        400,
        "E011001",
    );
    assert_refused(local.post(sign_in, "", &json!([])), 400, "E011001");
    assert_refused(local.post_text(sign_in, "", "{"), 400, "E011001");
    assert_refused(local.post_text(sign_in, "", ""), 400, "E011001");
    assert_refused(
        local.post("/v1/auth/magiclink/verify", "", &json!({})),
        400,
        "E011003",
    );
}

#[test]
fn an_sms_needs_a_number_to_go_to() {
    let local = local();
    let sign_up = "/v1/auth/magiclink/signup/sms";
    let ada = json!({"loginId": "ada@example.com"});
    assert_refused(local.post(sign_up, "", &ada), 400, "E011002");
    let key = format!(":{}", local.emulator.management_key());
    local.post("/v1/mgmt/user/create/test", &key, &ada);
    assert_refused(local.sign_in(&ada), 400, "E011002");
    let with_phone = json!({"loginId": "grace", "user": {"phone": "415-555-0199"}});
    assert_eq!(local.post(sign_up, "", &with_phone).0, 200);
    assert_eq!(local.sign_in(&json!({"loginId": "grace"})).0, 200);
}

#[test]
fn another_projects_bearer_is_refused() {
    let local = local();
    let body = json!({"loginId": PHONE});
    let sign_in = "/v1/auth/magiclink/signin/sms";
    assert_refused(local.post(sign_in, "x", &body), 401, "E071001");
    let (status, body) = local.get("/v2/keys/Pother");
    assert_refused((status, body), 401, "E071001");
}

#[test]
fn unknown_keys_are_let_be_and_the_redirect_has_two_names() {
    let local = local();
    local.sign_up(PHONE);
    local.sign_in(&json!({"URI": "https://a.example/v", "later": {"x": [1]}}));
    assert!(local.link().starts_with("https://a.example/v?t="));
    local.sign_in(&json!({"redirectUrl": "https://b.example/v?a=1#top"}));
    let token = local.newest(PHONE);
    assert_eq!(
        local.link(),
        format!("https://b.example/v?a=1&t={token}#top")
    );
    local.sign_in(&json!({"uri": "https://c.example/"}));
    let own = format!("{}/_emulator/landing?t=", local.emulator.base_url());
    assert!(local.link().starts_with(&own));
}

#[test]
fn a_redirect_must_lead_to_an_approved_domain() {
    let local = Local::start(Options {
        approved_domains: vec!["example.com".into(), "localhost".into()],
        ..Options::default()
    });
    local.sign_up(PHONE);
    for approved in [
        "https://example.com/v",
        "https://a.EXAMPLE.com",
        "http://localhost:3000/",
    ] {
        assert_eq!(
            local.sign_in(&json!({"redirectUrl": approved})).0,
            200,
            "{approved}"
        );
    }
    let sent = local.emulator.messages(PHONE).len();
    assert_refused(
        local.sign_in(&json!({"redirectUrl": "https://evil.com"})),
        400,
        "E061003",
    );
    assert_refused(
        local.sign_in(&json!({"URI": "https://badexample.com"})),
        400,
        "E061003",
    );
    assert_refused(
        local.sign_in(&json!({"redirectUrl": "/verify"})),
        400,
        "E011003",
    );
    assert_eq!(local.emulator.messages(PHONE).len(), sent);
}

#[test]
fn a_link_works_once_and_a_newer_one_leaves_it_valid() {
    let local = local();
    let first = local.sign_up(PHONE);
    local.sign_in(&json!({}));
    let second = local.newest(PHONE);
    let (status, body) = local.verify(&first);
    assert_eq!((status, &body["firstSeen"]), (200, &json!(true)));
    assert_refused(local.verify(&first), 401, "E062504");
    let (status, body) = local.verify(&second);
    assert_eq!((status, &body["firstSeen"]), (200, &json!(false)));
    assert_eq!(body["user"]["verifiedPhone"], json!(true));
    assert_refused(local.verify("unknown"), 401, "E062504");
}

#[test]
fn a_link_expires() {
    let local = Local::start(Options {
        link_ttl: std::time::Duration::ZERO,
        ..Options::default()
    });
    let token = local.sign_up(PHONE);
    assert_refused(local.verify(&token), 401, "E062504");
}

#[test]
fn the_session_is_signed_by_the_projects_key_and_carries_the_custom_claims() {
    let local = local();
    local.sign_up(PHONE);
    let claims = json!({"tier": ["gold", 1, null], "sub": "someone else", "exp": 1});
    local.sign_in(&json!({"loginOptions": {"customClaims": claims}}));
    let (_, session) = local.verify(&local.newest(PHONE));
    let claims = claims_of(&local, session["sessionJwt"].as_str().unwrap());
    assert_eq!(claims["tier"], json!(["gold", 1, null]));
    assert_eq!(claims["sub"], session["user"]["userId"]);
    assert_eq!(claims["iss"], json!(local.emulator.project_id()));
    assert_eq!(
        (&claims["drn"], &claims["amr"]),
        (&json!("DS"), &json!(["sms"]))
    );
    let refresh = claims_of(&local, session["refreshJwt"].as_str().unwrap());
    assert_eq!(
        (&refresh["drn"], &refresh["tier"]),
        (&json!("DSR"), &Value::Null)
    );
}

#[test]
fn a_second_step_needs_the_users_own_refresh_token() {
    let local = local();
    let token = local.sign_up(PHONE);
    let (_, session) = local.verify(&token);
    let other_token = local.sign_up("+14155550199");
    let (_, other) = local.verify(&other_token);
    let path = "/v1/auth/magiclink/signin/sms";
    let body = json!({"loginId": PHONE, "loginOptions": {"mfa": true}});
    let with = |jwt: &Value| format!(":{}", jwt.as_str().unwrap());
    assert_refused(local.post(path, "", &body), 401, "E061005");
    assert_refused(local.post(path, ":junk", &body), 401, "E061005");
    assert_refused(
        local.post(path, &with(&session["sessionJwt"]), &body),
        401,
        "E061005",
    );
    assert_refused(
        local.post(path, &with(&other["refreshJwt"]), &body),
        401,
        "E061005",
    );
    assert_eq!(
        local.post(path, &with(&session["refreshJwt"]), &body).0,
        200
    );
    let (_, stepped) = local.verify(&local.newest(PHONE));
    let claims = claims_of(&local, stepped["sessionJwt"].as_str().unwrap());
    assert_eq!(claims["amr"], json!(["sms", "mfa"]));
}

/// The claims of a token, its signature checked with the published key.
fn claims_of(local: &Local, jwt: &str) -> Value {
    let (_, set) = local.get(&format!("/v2/keys/{}", local.emulator.project_id()));
    let set: jsonwebtoken::jwk::JwkSet = serde_json::from_value(set).unwrap();
    let header = jsonwebtoken::decode_header(jwt).unwrap();
    let key = set.find(&header.kid.unwrap()).unwrap();
    let key = jsonwebtoken::DecodingKey::from_jwk(key).unwrap();
    let rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    jsonwebtoken::decode::<Value>(jwt, &key, &rules)
        .unwrap()
        .claims
}
