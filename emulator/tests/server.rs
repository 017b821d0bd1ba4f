//! The server around the API: management, the inbox, the seed and TLS.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use common::{Local, PHONE, assert_refused};
use descope_ml_emulator::{Emulator, Options};
use serde_json::json;

#[test]
fn test_users_are_made_and_their_links_generated_with_the_management_key() {
    let local = Local::start(Options::default());
    let key = format!(":{}", local.emulator.management_key());
    let create = "/v1/mgmt/user/create/test";
    let generate = "/v1/mgmt/tests/generate/magiclink";
    let user = json!({"loginId": "tester", "phone": PHONE, "verifiedPhone": true, "name": null});
    assert_refused(local.post(create, "", &user), 401, "E111119");
    assert_refused(local.post(create, ":wrong", &user), 401, "E111119");
    let (status, made) = local.post(create, &key, &user);
    assert_eq!(
        (status, &made["created"], &made["user"]["test"]),
        (200, &json!(true), &json!(true))
    );
    assert_refused(local.post(create, &key, &user), 400, "E062107");

    let wanted =
        json!({"loginId": "tester", "deliveryMethod": "sms", "URI": "https://a.example/v"});
    assert_refused(local.post(generate, "", &wanted), 401, "E111119");
    let (status, answer) = local.post(generate, &key, &wanted);
    assert_eq!((status, &answer["loginId"]), (200, &json!("tester")));
    let token = answer["link"]
        .as_str()
        .unwrap()
        .strip_prefix("https://a.example/v?t=")
        .unwrap();
    assert!(local.emulator.messages(PHONE).is_empty());
    assert_eq!(local.verify(token).1["user"]["loginIds"], json!(["tester"]));

    local.sign_up("+14155550199");
    let ordinary = json!({"loginId": "+14155550199"});
    assert_refused(local.post(generate, &key, &ordinary), 400, "E062108");
}

#[test]
fn the_inbox_waits_for_the_first_message_and_shows_the_newest_first() {
    let local = Local::start(Options::default());
    let inbox = "/_emulator/messages?to=%2B14155550123";
    assert_eq!(local.get(inbox), (200, json!({"messages": []})));
    let waited = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| local.get(&format!("{inbox}&wait=30s")).1);
        local.sign_up("+14155550199");
        local.sign_up(PHONE);
        waiting.join().unwrap()
    });
    let first = &waited["messages"][0];
    assert_eq!(
        (&first["to"], &first["channel"]),
        (&json!(PHONE), &json!("sms"))
    );
    assert!(
        first["text"]
            .as_str()
            .unwrap()
            .contains(first["link"].as_str().unwrap())
    );
    assert!(first["createdTime"].is_u64() && first["id"].is_string());

    local.sign_in(&json!({}));
    let (_, both) = local.get("/_emulator/messages?to=+14155550123");
    assert_eq!(both["messages"][1]["token"], first["token"]);
    assert_eq!(
        local.get("/_emulator/messages").1["messages"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    assert_eq!(local.get(&format!("{inbox}&wait=soon")).0, 400);
}

#[test]
fn the_pages_carry_no_script_of_their_own_and_escape_what_is_not_theirs() {
    let local = Local::start(Options::default());
    let (page, kind) = local.page("/");
    assert!(kind.starts_with("text/html") && page.contains(local.emulator.project_id()));
    let (landing, _) = local.page("/_emulator/landing?t=%3Cscript%3Ealert(1)");
    assert!(landing.contains("&lt;script&gt;alert(1)"), "{landing}");
    for page in [page, landing] {
        for inline in [
            "<script>", "<style", "style=\"", " onclick", "http://", "https://",
        ] {
            assert!(!page.contains(inline), "{inline} in {page}");
        }
    }
    for (file, expected) in [
        ("inbox.js", "text/javascript"),
        ("inbox.css", "text/css"),
        ("inbox.svg", "image/svg+xml"),
    ] {
        let (text, kind) = local.page(&format!("/_emulator/{file}"));
        assert!(kind.starts_with(expected) && !text.is_empty());
    }
    let policy = local.header("/", "content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
}

#[test]
fn the_events_tell_of_what_is_there_and_of_what_arrives() {
    let local = Local::start(Options::default());
    let mut events = local.events();
    assert_eq!(events.next(), Some(json!({"messages": []})));
    let token = local.sign_up(PHONE);
    assert_eq!(events.next().unwrap()["messages"][0]["token"], json!(token));
    local.post("/_emulator/reset", "", &json!({}));
    assert_eq!(events.next(), Some(json!({"messages": []})));
}

#[test]
fn unknown_paths_and_methods_are_refused_in_the_services_shape() {
    let local = Local::start(Options::default());
    assert_refused(local.get("/v1/auth/nothing"), 404, "E011001");
    assert_refused(local.get("/v1/auth/magiclink/verify"), 405, "E011001");
    assert_eq!(local.get("/healthz").0, 200);
    let key = format!(":{}", local.emulator.management_key());
    assert_eq!(local.post("/v1/mgmt/license", &key, &json!({})).0, 405);
}

#[test]
fn a_seed_names_the_users_who_exist_and_a_broken_one_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let seed = |text: &str| {
        let path = folder.path().join("users.json");
        std::fs::write(&path, text).unwrap();
        Options {
            seed: Some(path),
            ..Options::default()
        }
    };
    let local = Local::start(seed(
        &json!([{"loginId": PHONE, "name": "Ada"}]).to_string(),
    ));
    assert_eq!(local.sign_in(&json!({})).0, 200);
    for (broken, words) in [
        ("[{}]", "missing field `loginId` at line 1"),
        (r#"[{"loginId": "a", "phon": "b"}]"#, "unknown field `phon`"),
        (r#"[{"loginId": ""}]"#, "empty loginId"),
        (
            r#"[{"loginId": "a"}, {"loginId": "a"}]"#,
            "user 2 is there twice",
        ),
        ("{", "at line 1"),
    ] {
        let error = Emulator::start(seed(broken)).unwrap_err().to_string();
        assert!(
            error.contains("users.json") && error.contains(words),
            "{error}"
        );
    }
    let missing = Options {
        seed: Some("/nowhere.json".into()),
        ..Options::default()
    };
    assert!(
        Emulator::start(missing)
            .unwrap_err()
            .to_string()
            .contains("/nowhere.json")
    );
}

#[test]
fn tls_is_served_with_a_certificate_of_the_named_authority() {
    let emulator = Emulator::start(Options {
        tls: true,
        ..Options::default()
    })
    .unwrap();
    let pem = std::fs::read(emulator.ca_file().unwrap()).unwrap();
    let ca = ureq::tls::Certificate::from_pem(&pem).unwrap();
    let health = |roots: ureq::tls::RootCerts| {
        let tls = ureq::tls::TlsConfig::builder().root_certs(roots).build();
        let agent: ureq::Agent = ureq::Agent::config_builder().tls_config(tls).build().into();
        let answer = agent.get(format!("{}/healthz", emulator.base_url())).call();
        answer.map(|answer| answer.status().as_u16())
    };
    assert!(emulator.base_url().starts_with("https://127.0.0.1:"));
    assert_eq!(
        health(ureq::tls::RootCerts::new_with_certs(&[ca])).unwrap(),
        200
    );
    assert!(health(ureq::tls::RootCerts::WebPki).is_err());
    let path = emulator.ca_file().unwrap().to_owned();
    drop(emulator);
    assert!(!path.exists());
}

#[test]
fn a_port_in_use_is_said_so() {
    let first = Emulator::start(Options::default()).unwrap();
    let port = first
        .base_url()
        .rsplit(':')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let second = Emulator::start(Options {
        port,
        ..Options::default()
    });
    assert!(second.unwrap_err().to_string().contains("in use"));
}
