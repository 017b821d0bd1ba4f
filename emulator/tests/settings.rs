//! The settings of the project: how they are set, and how they change its links, users and cookies.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{EMAIL, PHONE, TestEmulator, assert_api_error, start, start_with_users};
use descope_ml_emulator::{Emulator, Options};
use serde_json::{Value, json};

const SETTINGS: &str = "/_emulator/settings";

#[test]
fn settings_are_changed_one_by_one_and_returned_in_the_form_that_they_are_set_in() {
    let emulator = start();
    let (_, initial) = emulator.get(SETTINGS);
    assert_eq!(
        initial["project_settings"]["refresh_token_expiration"],
        json!("4 weeks")
    );
    let change = json!({
        "project_settings": {"refresh_token_rotation": true, "refresh_token_expiration": "14 days"},
        "authentication": {"magic_link": {"expiration_time": "5m"}},
    });
    let changed = emulator.put_settings(&change);
    let mut expected = initial.clone();
    expected["project_settings"]["refresh_token_rotation"] = json!(true);
    expected["project_settings"]["refresh_token_expiration"] = json!("2 weeks");
    expected["authentication"]["magic_link"]["expiration_time"] = json!("5 minutes");
    assert_eq!(changed, expected);
    assert_eq!(emulator.put_settings(&changed), changed);
    assert_eq!(emulator.get("/_emulator/state").1["settings"], changed);
    assert_eq!(emulator.patch(SETTINGS, &initial), (200, initial));
}

#[test]
fn an_invalid_setting_gets_400_with_its_name_and_nothing_changes() {
    let emulator = start();
    let (_, before) = emulator.get(SETTINGS);
    // The valid one beside it does not change either.
    let project = |key: &str, value: Value| json!({"project_settings": {"enable_inactivity": true, key: value}});
    let magic_link =
        |key: &str, value: Value| json!({"authentication": {"magic_link": {key: value}}});
    for (invalid, expected) in [
        (
            json!({"sessions": {}}),
            "unknown setting `sessions`: use authentication, emulator, project_settings",
        ),
        (
            project("refresh_token_rotate", json!(true)),
            "unknown setting `project_settings.refresh_token_rotate`: use ",
        ),
        (
            magic_link("enabled", json!(true)),
            "unknown setting `authentication.magic_link.enabled`: use disabled, expiration_time, redirect_url",
        ),
        (
            json!({"authentication": true}),
            "`authentication`: must be an object",
        ),
        (
            project("refresh_token_rotation", json!("yes")),
            "`project_settings.refresh_token_rotation`: invalid type",
        ),
        (
            project("refresh_token_rotation", Value::Null),
            "`project_settings.refresh_token_rotation`: invalid type",
        ),
        (
            magic_link("expiration_time", json!("soon")),
            "`authentication.magic_link.expiration_time`: a duration is",
        ),
        (
            magic_link("expiration_time", json!("3 years")),
            "`years` is not a unit of time",
        ),
        (
            magic_link("redirect_url", json!("/v")),
            "`authentication.magic_link.redirect_url`: must be a URL",
        ),
        (
            project("approved_domains", json!(["https://a.example"])),
            "`project_settings.approved_domains`: `https://a.example` must be a host only",
        ),
        (
            project("refresh_token_expiration", json!("179 seconds")),
            "`project_settings.refresh_token_expiration`: must be at least 3 minutes, and not 179 seconds",
        ),
        (
            project("session_token_expiration", json!("2 minutes")),
            "`project_settings.session_token_expiration`: must be at least 3 minutes",
        ),
        (
            project("session_token_expiration", json!("5 weeks")),
            "`project_settings.session_token_expiration`: must be at most refresh_token_expiration, 4 weeks",
        ),
        (
            project("access_key_session_token_expiration", json!("5 weeks")),
            "`project_settings.access_key_session_token_expiration`: must be at most 4 weeks",
        ),
        (
            project("inactivity_time", json!("9 minutes")),
            "`project_settings.inactivity_time`: must be at least 10 minutes",
        ),
        (
            project("session_token_response_method", json!("body")),
            "`project_settings.session_token_response_method`: unknown variant `body`",
        ),
        (
            project("refresh_token_cookie_policy", json!("Strict")),
            "`project_settings.refresh_token_cookie_policy`: unknown variant `Strict`",
        ),
        (
            project("refresh_token_cookie_domain", json!("a; b")),
            "`project_settings.refresh_token_cookie_domain`: may contain only letters",
        ),
        (
            json!({"emulator": {"session_token_cookie_name": ""}}),
            "`emulator.session_token_cookie_name`: must not be empty",
        ),
        (
            project("test_users_loginid_regexp", json!("(")),
            "`project_settings.test_users_loginid_regexp`: must be a regular expression",
        ),
        (
            project("test_users_static_otp", json!("12345")),
            "`project_settings.test_users_static_otp`: must have six digits",
        ),
    ] {
        let (status, response) = emulator.put(SETTINGS, &invalid);
        let error = response["error"].as_str().unwrap_or_default();
        assert!(
            status == 400 && error.contains(expected),
            "{invalid}: {response}"
        );
    }
    assert_eq!(emulator.get(SETTINGS), (200, before));
}

/// Starts an emulator with a settings file.
fn start_with_file(text: &str, options: Options) -> Result<TestEmulator, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.json");
    std::fs::write(&path, text).unwrap();
    let options = Options {
        settings: Some(path),
        ..options
    };
    match Emulator::start(options.clone()) {
        Ok(_) => Ok(TestEmulator::start(options)),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn a_settings_file_is_read_at_the_start_and_flags_replace_what_it_says() {
    let file = json!({
        "project_settings": {"approved_domains": ["a.example"], "refresh_token_rotation": true},
        "authentication": {"magic_link": {"redirect_url": "https://a.example/v"}},
        "emulator": {"refresh_token_cookie_name": "R1"},
    });
    let options = Options {
        approved_domains: vec!["b.example".to_owned()],
        session_cookie: Some("S1".to_owned()),
        ..Options::default()
    };
    let emulator = start_with_file(&file.to_string(), options).unwrap();
    let (_, settings) = emulator.get(SETTINGS);
    let project = &settings["project_settings"];
    assert_eq!(project["approved_domains"], json!(["b.example"]));
    assert_eq!(project["refresh_token_rotation"], json!(true));
    assert_eq!(
        settings["emulator"],
        json!({"session_token_cookie_name": "S1", "refresh_token_cookie_name": "R1"})
    );
    emulator.sign_up(PHONE);
    assert!(emulator.newest_link().starts_with("https://a.example/v?t="));
    let rotation = json!({"project_settings": {"refresh_token_rotation": false}});
    assert_ne!(emulator.put_settings(&rotation), settings);
    emulator.post("/_emulator/reset", "", &json!({}));
    assert_eq!(emulator.get(SETTINGS), (200, settings));
}

#[test]
fn an_invalid_settings_file_is_rejected_at_the_start() {
    for (text, expected) in [
        ("", "it must contain settings, such as"),
        ("[]", "it must contain settings, such as"),
        (
            r#"{"project_settings": {"ttl": "3m"}}"#,
            "unknown setting `project_settings.ttl`",
        ),
        (
            r#"{"project_settings": {"refresh_token_expiration": "1 minutes"}}"#,
            "must be at least 3 minutes",
        ),
    ] {
        let error = start_with_file(text, Options::default()).err().unwrap();
        assert!(
            error.starts_with("invalid settings file /") && error.contains(expected),
            "{error}"
        );
    }
}

#[test]
fn disabled_magic_links_are_neither_sent_nor_verified() {
    let emulator = start_with_users(&json!([{"loginId": PHONE, "phone": PHONE, "test": true}]));
    emulator.sign_in(&json!({}));
    let unused = emulator.newest_token(PHONE);
    emulator.sign_in(&json!({}));
    let session = emulator.verify_newest(PHONE);
    let disabled =
        |disabled: bool| json!({"authentication": {"magic_link": {"disabled": disabled}}});
    emulator.put_settings(&disabled(true));
    let refresh = common::refresh_bearer(&session);
    for (path, bearer, body) in [
        ("signin/sms", "", json!({"loginId": PHONE})),
        ("signin/sms", "", json!({"loginId": "nobody"})),
        ("signup/email", "", json!({"loginId": EMAIL})),
        ("signup-in/whatsapp", "", json!({"loginId": PHONE})),
        (
            "update/email",
            refresh.as_str(),
            json!({"loginId": PHONE, "email": EMAIL}),
        ),
        ("verify", "", json!({"token": unused})),
    ] {
        assert_api_error(
            emulator.post_magic_link(path, bearer, &body),
            400,
            "E011003",
        );
    }
    let key = format!(":{}", emulator.server.management_key());
    let request = json!({"loginId": PHONE, "deliveryMethod": "sms"});
    let path = "/v1/mgmt/tests/generate/magiclink";
    assert_api_error(emulator.post(path, &key, &request), 400, "E011003");
    let request = json!({"loginId": PHONE});
    let path = "/v1/mgmt/user/signin/embeddedlink";
    let (_, embedded) = emulator.post(path, &key, &request);
    assert_eq!(emulator.verify(embedded["token"].as_str().unwrap()).0, 200);
    emulator.put_settings(&disabled(false));
    assert_eq!(emulator.verify(&unused).0, 200);
}

#[test]
fn disabled_embedded_links_are_neither_made_nor_verified() {
    let emulator = start_with_users(&json!([{"loginId": PHONE, "phone": PHONE}]));
    let key = format!(":{}", emulator.server.management_key());
    let make = |path: &str, login_id: &str| {
        let path = format!("/v1/mgmt/user/{path}/embeddedlink");
        emulator.post(&path, &key, &json!({"loginId": login_id}))
    };
    let link = |settings: Value| json!({"authentication": {"embedded_link": settings}});
    emulator.put_settings(&link(json!({"expiration_time": "5 minutes"})));
    let (_, made) = make("signin", PHONE);
    emulator.advance("299s");
    emulator.put_settings(&link(json!({"disabled": true})));
    assert_api_error(make("signin", PHONE), 400, "E011003");
    assert_api_error(make("signup", EMAIL), 400, "E011003");
    let token = made["token"].as_str().unwrap();
    assert_api_error(emulator.verify(token), 400, "E011003");
    assert_eq!(emulator.sign_in(&json!({})).0, 200);
    emulator.verify_newest(PHONE);
    emulator.put_settings(&link(json!({"disabled": false})));
    assert_eq!(emulator.verify(token).0, 200);
}

#[test]
fn new_users_whose_login_id_matches_the_pattern_are_test_users() {
    let emulator = start();
    emulator.put_settings(&json!({"project_settings": {
        "test_users_loginid_regexp": r"^\+1415555\d{4}$",
        "test_users_verifier_regexp": "@test\\.example$",
        "test_users_static_otp": "123456",
    }}));
    let key = format!(":{}", emulator.server.management_key());
    let test = |login_id: &str| {
        let users = emulator.get("/_emulator/state").1["users"].clone();
        let users = users.as_array().unwrap().clone();
        let mut users = users.iter();
        users
            .find(|user| user["loginIds"] == json!([login_id]))
            .unwrap()["test"]
            .clone()
    };
    emulator.sign_up(PHONE);
    emulator.post_magic_link("signup-in/sms", "", &json!({"loginId": "+14155550199"}));
    emulator.post_magic_link("signup-in/sms", "", &json!({"loginId": "+442071234567"}));
    for login_id in ["+14155550188", "ada"] {
        let body = json!({"loginId": login_id});
        let (_, created) = emulator.post("/v1/mgmt/user/create", &key, &body);
        assert_eq!(created["user"]["test"], test(login_id));
    }
    for (login_id, expected) in [
        (PHONE, true),
        ("+14155550199", true),
        ("+14155550188", true),
        ("+442071234567", false),
        ("ada", false),
    ] {
        assert_eq!(test(login_id), json!(expected), "{login_id}");
    }
    let request = json!({"loginId": PHONE, "deliveryMethod": "sms"});
    let (_, made) = emulator.post("/v1/mgmt/tests/generate/magiclink", &key, &request);
    let (_, token) = made["link"].as_str().unwrap().split_once("t=").unwrap();
    assert_eq!(emulator.verify(token).0, 200);
}
