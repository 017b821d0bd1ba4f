//! The settings of tokens: rotation, lifetimes, inactivity, and where responses carry them.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::time::Duration;

use common::{PHONE, TestEmulator, assert_api_error, claims, refresh_bearer, start};
use descope_ml_emulator::Options;
use serde_json::{Value, json};

/// Starts an emulator with these project settings.
fn start_with(settings: &Value) -> TestEmulator {
    let emulator = start();
    emulator.put_settings(&json!({"project_settings": settings}));
    emulator
}

/// Signs a new user up. Returns the session.
fn sign_up(emulator: &TestEmulator) -> Value {
    let (status, session) = emulator.verify(&emulator.sign_up(PHONE));
    assert_eq!(status, 200, "{session}");
    session
}

/// How long a token is valid, in seconds.
fn lifetime(token: &Value) -> u64 {
    let claims = claims(token);
    claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap()
}

#[test]
fn with_rotation_each_refresh_token_works_once() {
    let emulator = start_with(&json!({"refresh_token_rotation": true}));
    let first = refresh_bearer(&sign_up(&emulator));
    let (status, refreshed) = emulator.refresh(&first);
    assert_eq!(status, 200, "{refreshed}");
    let second = refresh_bearer(&refreshed);
    assert_ne!(first, second);
    assert_api_error(emulator.refresh(&first), 401, "E061005");
    assert_api_error(
        emulator.get_with_bearer("/v1/auth/me", &first),
        401,
        "E061005",
    );
    assert_eq!(emulator.get_with_bearer("/v1/auth/me", &second).0, 200);
    let (status, again) = emulator.refresh(&second);
    assert_eq!(status, 200, "{again}");
    assert_api_error(emulator.refresh(&second), 401, "E061005");
    emulator.put_settings(&json!({"project_settings": {"refresh_token_rotation": false}}));
    let third = refresh_bearer(&again);
    for _ in 0..2 {
        assert_eq!(emulator.refresh(&third).0, 200);
    }
    assert_api_error(emulator.refresh(&first), 401, "E061005");
}

#[test]
fn with_rotation_one_of_many_refreshes_at_once_wins() {
    let emulator = start_with(&json!({"refresh_token_rotation": true}));
    let token = refresh_bearer(&sign_up(&emulator));
    let refresh = || emulator.refresh(&token).0;
    let mut statuses = std::thread::scope(|scope| {
        let threads = [(); 8].map(|()| scope.spawn(refresh));
        threads.map(|thread| thread.join().unwrap())
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401, 401, 401, 401, 401, 401, 401]);
}

#[test]
fn a_rotated_refresh_token_has_a_whole_lifetime() {
    let lifetimes = json!({"refresh_token_expiration": "1 hour"});
    let emulator = start_with(&lifetimes);
    let session = sign_up(&emulator);
    emulator.advance("30m");
    let (_, kept) = emulator.refresh(&refresh_bearer(&session));
    let expires = &claims(&session["refreshJwt"])["exp"];
    assert_eq!(&claims(&kept["refreshJwt"])["exp"], expires);
    emulator.put_settings(&json!({"project_settings": {"refresh_token_rotation": true}}));
    let (_, rotated) = emulator.refresh(&refresh_bearer(&session));
    assert_eq!(lifetime(&rotated["refreshJwt"]), 3600);
    emulator.advance("59m");
    assert_eq!(emulator.refresh(&refresh_bearer(&rotated)).0, 200);
}

#[test]
fn lifetimes_apply_to_new_tokens() {
    let emulator = start();
    let before = sign_up(&emulator);
    emulator.put_settings(&json!({"project_settings": {
        "session_token_expiration": "4 minutes",
        "refresh_token_expiration": "5 minutes",
        "access_key_session_token_expiration": "1 hour",
    }}));
    assert_eq!(lifetime(&before["sessionJwt"]), 600);
    let (_, refreshed) = emulator.refresh(&refresh_bearer(&before));
    assert_eq!(lifetime(&refreshed["sessionJwt"]), 240);
    assert_eq!(
        refreshed["sessionExpiration"],
        claims(&refreshed["sessionJwt"])["exp"]
    );
    emulator.sign_in(&json!({}));
    let after = emulator.verify_newest(PHONE);
    assert_eq!(lifetime(&after["refreshJwt"]), 300);
    let key = format!(":{}", emulator.server.management_key());
    let (_, created) = emulator.post("/v1/mgmt/accesskey/create", &key, &json!({"name": "robot"}));
    let bearer = format!(":{}", created["cleartext"].as_str().unwrap());
    let (_, exchanged) = emulator.post("/v1/auth/accesskey/exchange", &bearer, &json!({}));
    assert_eq!(lifetime(&exchanged["sessionJwt"]), 3600);
    emulator.advance("301s");
    assert_api_error(emulator.refresh(&refresh_bearer(&after)), 401, "E061005");
    assert_eq!(emulator.refresh(&refresh_bearer(&before)).0, 200);
}

#[test]
fn a_step_up_ends_after_its_lifetime_and_the_session_goes_on() {
    let emulator = start_with(&json!({"step_up_token_expiration": "5 minutes"}));
    let session = sign_up(&emulator);
    let options = json!({"loginId": PHONE, "loginOptions": {"stepup": true}});
    let bearer = refresh_bearer(&session);
    assert_eq!(
        emulator.post_magic_link("signin/sms", &bearer, &options).0,
        200
    );
    let stepped_up = emulator.verify_newest(PHONE);
    let token = &stepped_up["sessionJwt"];
    assert_eq!((&claims(token)["su"], lifetime(token)), (&json!(true), 300));
    emulator.advance("301s");
    let (_, refreshed) = emulator.refresh(&refresh_bearer(&stepped_up));
    let token = &refreshed["sessionJwt"];
    assert_eq!((&claims(token)["su"], lifetime(token)), (&Value::Null, 600));
}

#[test]
fn a_session_that_is_not_refreshed_for_the_inactivity_time_ends() {
    let emulator = start_with(&json!({"enable_inactivity": true, "inactivity_time": "10 minutes"}));
    let bearer = refresh_bearer(&sign_up(&emulator));
    for _ in 0..2 {
        emulator.advance("9m");
        assert_eq!(emulator.refresh(&bearer).0, 200);
    }
    emulator.advance("10m");
    assert_api_error(emulator.refresh(&bearer), 401, "E061005");
    emulator.put_settings(&json!({"project_settings": {"enable_inactivity": false}}));
    assert_eq!(emulator.refresh(&bearer).0, 200);
}

#[test]
fn each_token_is_in_the_body_or_in_a_cookie_with_its_policy_and_domain() {
    let emulator = start();
    for (cookie_token, body_token, field, name) in [
        ("session", "refresh", "sessionJwt", "DS"),
        ("refresh", "session", "refreshJwt", "DSR"),
    ] {
        for (policy, same_site) in [("strict", "Strict"), ("lax", "Lax"), ("none", "None")] {
            emulator.put_settings(&json!({"project_settings": {
                format!("{cookie_token}_token_response_method"): "cookies",
                format!("{cookie_token}_token_cookie_policy"): policy,
                format!("{cookie_token}_token_cookie_domain"): "app.example.com",
                format!("{body_token}_token_response_method"): "response_body",
                format!("{body_token}_token_cookie_domain"): "",
            }}));
            emulator.post_magic_link("signup-in/sms", "", &json!({"loginId": PHONE}));
            let request = json!({"token": emulator.newest_token(PHONE)});
            let path = "/v1/auth/magiclink/verify";
            let (_, body, cookies) = emulator.post_and_read_cookies(path, "", &request);
            let [cookie] = cookies.try_into().unwrap();
            assert!(cookie.starts_with(&format!("{name}=ey")), "{cookie}");
            let end = format!("; HttpOnly; Secure; SameSite={same_site}");
            assert!(cookie.contains("; Domain=app.example.com;") && cookie.ends_with(&end));
            assert_eq!(body[field], json!(""));
            assert!(
                body[format!("{body_token}Jwt")]
                    .as_str()
                    .unwrap()
                    .starts_with("ey")
            );
            let domains = [&body["sessionCookieDomain"], &body["cookieDomain"]];
            let expected = match cookie_token {
                "session" => ["app.example.com", ""],
                _ => ["", "app.example.com"],
            };
            assert_eq!(domains, expected);
        }
    }
}

#[test]
fn flags_set_the_lifetimes_and_the_rotation_of_refresh_tokens() {
    let emulator = TestEmulator::start(Options {
        session_ttl: Some(Duration::from_secs(5 * 60)),
        refresh_ttl: Some(Duration::from_secs(3600)),
        refresh_rotation: Some(true),
        ..Options::default()
    });
    let (_, session) = emulator.verify(&emulator.sign_up(PHONE));
    assert_eq!(lifetime(&session["sessionJwt"]), 300);
    assert_eq!(lifetime(&session["refreshJwt"]), 3600);
    let old = refresh_bearer(&session);
    assert_eq!(emulator.refresh(&old).0, 200);
    assert_api_error(emulator.refresh(&old), 401, "E061005");
    let (_, settings) = emulator.get("/_emulator/settings");
    let project = &settings["project_settings"];
    assert_eq!(project["session_token_expiration"], json!("5 minutes"));
    assert_eq!(project["refresh_token_expiration"], json!("1 hours"));
}
