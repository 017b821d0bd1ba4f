//! The state file: what an emulator continues after a restart.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use common::{EMAIL, PHONE, TestEmulator, assert_api_error, refresh_bearer};
use descope_ml_emulator::{Algorithm, Emulator, Options};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A folder, and the path of a state file in it.
fn state_path() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    (folder, path)
}

fn options(path: &Path) -> Options {
    Options {
        state: Some(path.to_owned()),
        ..Options::default()
    }
}

fn start(path: &Path) -> TestEmulator {
    TestEmulator::start(options(path))
}

/// Why an emulator does not start.
fn start_error(options: Options) -> String {
    Emulator::start(options).err().unwrap().to_string()
}

/// The public keys of an emulator.
fn keys(emulator: &TestEmulator) -> Value {
    let path = format!("/v2/keys/{}", emulator.server.project_id());
    emulator.get(&path).1
}

fn validate(emulator: &TestEmulator, session: &Value) -> (u16, Value) {
    let bearer = format!(":{}", session["sessionJwt"].as_str().unwrap());
    emulator.post("/v1/auth/validate", &bearer, &json!({}))
}

#[test]
fn sessions_users_links_keys_messages_and_settings_survive_a_restart() {
    let (_folder, path) = state_path();
    let first = start(&path);
    let settings = json!({
        "project_settings": {"refresh_token_rotation": true, "approved_domains": ["a.example"]},
    });
    let settings = first.put_settings(&settings);
    let session = first.verify(&first.sign_up(PHONE)).1;
    let used = refresh_bearer(&session);
    let refreshed = first.refresh(&used).1;
    first.sign_in(&json!({"loginOptions": {"customClaims": {"tier": "gold"}}}));
    let logged_out = refresh_bearer(&first.verify_newest(PHONE));
    first.post("/v1/auth/logout", &logged_out, &json!({}));
    first.sign_in(&json!({"loginOptions": {"customClaims": {"tier": "gold"}}}));
    let link = first.newest_token(PHONE);
    let management_key = first.server.management_key().to_owned();
    let (_, created) = first.post(
        "/v1/mgmt/accesskey/create",
        &format!(":{management_key}"),
        &json!({"name": "robot"}),
    );
    let before = [
        first.get("/_emulator/state"),
        first.get("/_emulator/messages"),
        (200, keys(&first)),
    ];
    drop(first);

    let second = start(&path);
    let after = [
        second.get("/_emulator/state"),
        second.get("/_emulator/messages"),
        (200, keys(&second)),
    ];
    assert_eq!(after, before);
    assert_eq!(second.get("/_emulator/settings"), (200, settings));
    assert_eq!(second.server.management_key(), management_key);
    assert_eq!(validate(&second, &refreshed).0, 200);
    assert_api_error(second.refresh(&used), 401, "E061005");
    assert_api_error(second.refresh(&logged_out), 401, "E064001");
    let (status, again) = second.refresh(&refresh_bearer(&refreshed));
    assert_eq!((status, &again["user"]["phone"]), (200, &json!(PHONE)));
    let (status, verified) = second.verify(&link);
    assert_eq!(
        (status, &verified["claims"]["tier"], &verified["firstSeen"]),
        (200, &json!("gold"), &json!(false))
    );
    assert_api_error(second.verify(&link), 401, "E062504");
    let bearer = format!(":{}", created["cleartext"].as_str().unwrap());
    assert_eq!(
        second
            .post("/v1/auth/accesskey/exchange", &bearer, &json!({}))
            .0,
        200
    );
}

#[test]
fn keys_of_all_algorithms_survive_a_restart() {
    let (_folder, path) = state_path();
    let first = start(&path);
    first.sign_up(PHONE);
    let mut sessions = Vec::new();
    for alg in ["RS384", "RS512", "ES256", "ES384", "ES512", "EdDSA"] {
        first.post("/_emulator/keys/rotate", "", &json!({"alg": alg}));
        first.sign_in(&json!({}));
        sessions.push(first.verify_newest(PHONE));
    }
    let published = keys(&first);
    drop(first);
    let second = TestEmulator::start(Options {
        algorithm: Algorithm::Es256,
        ..options(&path)
    });
    assert_eq!(keys(&second), published);
    for session in sessions {
        assert_eq!(validate(&second, &session).0, 200);
    }
    second.sign_in(&json!({}));
    assert_eq!(validate(&second, &second.verify_newest(PHONE)).0, 200);
}

#[test]
fn the_clock_continues_and_pages_and_links_have_the_new_address() {
    let (_folder, path) = state_path();
    let first = start(&path);
    first.sign_up(PHONE);
    first.advance("2h");
    let ahead = first.get("/_emulator/clock").1["ahead"].clone();
    drop(first);
    let second = start(&path);
    assert_eq!(second.get("/_emulator/clock").1["ahead"], ahead);
    second.sign_in(&json!({}));
    assert!(second.newest_link().starts_with(second.server.base_url()));
}

/// Seconds since 1970 by the machine's clock.
fn machine_time() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap().as_secs()
}

#[test]
fn the_saved_clock_wins_over_the_flag_until_a_reset_and_is_in_the_date() {
    let (_folder, path) = state_path();
    let start_at = |clock_offset: i64| {
        TestEmulator::start(Options {
            clock_offset,
            ..options(&path)
        })
    };
    let ahead = |emulator: &TestEmulator| emulator.get("/_emulator/clock").1["ahead"].clone();
    drop(start_at(-720_000));
    let second = start(&path);
    assert_eq!(ahead(&second), json!(-720.0));
    second.post("/_emulator/clock", "", &json!({"offset": "-5400500ms"}));
    drop(second);

    let third = start_at(300_000);
    let before = machine_time();
    let date = httpdate::parse_http_date(&third.get_header("/healthz", "date")).unwrap();
    let date = date.duration_since(UNIX_EPOCH).unwrap().as_secs();
    let expected = before - 5401..=machine_time() - 5400;
    assert!(expected.contains(&date), "{date} {expected:?}");
    assert_eq!(ahead(&third), json!(-5400.5));
    third.post("/_emulator/reset", "", &json!({}));
    assert_eq!(ahead(&third), json!(300.0));
    drop(third);
    assert_eq!(ahead(&start(&path)), json!(300.0));
}

#[test]
fn the_saved_users_and_settings_win_until_a_reset() {
    let (folder, path) = state_path();
    let seed = folder.path().join("users.json");
    std::fs::write(&seed, json!([{"loginId": EMAIL}]).to_string()).unwrap();
    drop(start(&path));
    let second = TestEmulator::start(Options {
        seed: Some(seed),
        redirect_url: Some("https://a.example/v".to_owned()),
        ..options(&path)
    });
    let (_, resumed) = second.get("/_emulator/state");
    let redirect =
        |state: &Value| state["settings"]["authentication"]["magic_link"]["redirect_url"].clone();
    assert_eq!(
        (&resumed["users"], redirect(&resumed)),
        (&json!([]), json!(""))
    );
    let published = keys(&second);
    second.post("/_emulator/reset", "", &json!({}));
    drop(second);
    let third = start(&path);
    let (_, state) = third.get("/_emulator/state");
    assert_eq!(state["users"][0]["loginIds"], json!([EMAIL]));
    assert_eq!(redirect(&state), json!("https://a.example/v"));
    assert_eq!(keys(&third), published);
}

#[test]
fn only_the_owner_can_read_the_file() {
    let (folder, path) = state_path();
    let emulator = start(&path);
    emulator.sign_up(PHONE);
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let files = std::fs::read_dir(folder.path()).unwrap();
    assert_eq!(files.count(), 1);
}

#[test]
fn a_broken_or_foreign_file_is_an_error_and_stays_as_it_is() {
    let (_folder, path) = state_path();
    let emulator = start(&path);
    emulator.sign_up(PHONE);
    drop(emulator);
    let whole = std::fs::read_to_string(&path).unwrap();
    let mut newer: Value = serde_json::from_str(&whole).unwrap();
    newer["version"] = json!(2);
    let mut no_key: Value = serde_json::from_str(&whole).unwrap();
    no_key["state"]["keys"] = json!([]);
    let mut bad_key: Value = serde_json::from_str(&whole).unwrap();
    bad_key["state"]["keys"][0]["private"] = json!("AAAA");
    for (broken, expected) in [
        (String::new(), "it is damaged, or not a state file"),
        (whole[..whole.len() / 2].to_owned(), "it is damaged"),
        ("{}".to_owned(), "it is damaged"),
        (newer.to_string(), "its format has version 2"),
        (no_key.to_string(), "it is damaged"),
        (bad_key.to_string(), "it is damaged"),
    ] {
        std::fs::write(&path, &broken).unwrap();
        let error = start_error(options(&path));
        assert!(error.starts_with("invalid state file /"), "{error}");
        assert!(
            error.contains(expected) && !error.contains(PHONE),
            "{error}"
        );
        assert_eq!(std::fs::read_to_string(&path).unwrap(), broken);
    }
    std::fs::write(&path, &whole).unwrap();
    let other = Options {
        project_id: "Pother".to_owned(),
        ..options(&path)
    };
    assert!(start_error(other).contains("it is of the project P2emu"));
    assert_eq!(start(&path).sign_in(&json!({})).0, 200);
}

#[test]
fn a_change_that_cannot_be_saved_is_not_reported_as_done() {
    let (folder, path) = state_path();
    let emulator = start(&path);
    std::fs::remove_dir_all(folder.path()).unwrap();
    let body = json!({"loginId": PHONE, "phone": PHONE});
    let failed = emulator.post_magic_link("signup/sms", "", &body);
    assert!(
        failed.1["errorMessage"]
            .as_str()
            .unwrap()
            .contains("cannot write the state file")
    );
    assert_api_error(failed, 500, "E010009");
    let error = start_error(options(&path));
    assert!(error.contains("cannot write the state file"), "{error}");
}

#[test]
fn changes_of_many_requests_at_once_are_all_saved_and_reading_writes_nothing() {
    let (_folder, path) = state_path();
    let first = start(&path);
    let sign_up = &|number: usize| first.sign_up(&format!("+1415555{number:04}"));
    std::thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || (0..10).for_each(|at| drop(sign_up(10 * thread + at))));
        }
    });
    let session = first.verify(&first.newest_token("+14155550007")).1;
    let file = || std::fs::metadata(&path).unwrap().ino();
    let before = file();
    let bearer = refresh_bearer(&session);
    assert_eq!(first.get_with_bearer("/v1/auth/me", &bearer).0, 200);
    assert_eq!(validate(&first, &session).0, 200);
    let forge = json!({"loginId": "+14155550007", "count": 3});
    assert_eq!(first.post("/_emulator/forge", "", &forge).0, 200);
    let (_, state) = first.get("/_emulator/state");
    assert_eq!(file(), before);
    drop(first);
    assert_eq!(state["users"].as_array().unwrap().len(), 40);
    assert_eq!(start(&path).get("/_emulator/state"), (200, state));
}
