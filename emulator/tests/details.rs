//! What is easily got wrong: races, connections, odd requests and odd options.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use common::{Local, PHONE, assert_refused};
use descope_ml_emulator::{Emulator, Options};
use serde_json::json;

#[test]
fn of_many_who_verify_a_link_at_once_one_succeeds() {
    let local = Local::start(Options::default());
    let token = local.sign_up(PHONE);
    let verified = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| local.verify(&token).0))
            .collect();
        let answers = asked.into_iter().map(|asked| asked.join().unwrap());
        answers.filter(|status| *status == 200).count()
    });
    assert_eq!(verified, 1);
}

#[test]
fn of_many_who_sign_up_with_one_number_at_once_one_succeeds() {
    let local = Local::start(Options::default());
    let body = json!({"loginId": PHONE, "phone": PHONE});
    let made = std::thread::scope(|scope| {
        let sign_up = || local.post("/v1/auth/magiclink/signup/sms", "", &body).0;
        let asked: Vec<_> = (0..8).map(|_| scope.spawn(sign_up)).collect();
        let answers = asked.into_iter().map(|asked| asked.join().unwrap());
        answers.filter(|status| *status == 200).count()
    });
    assert_eq!((made, local.emulator.messages(PHONE).len()), (1, 1));
}

#[test]
fn a_connection_serves_one_request_after_the_other() {
    let emulator = Emulator::start(Options::default()).unwrap();
    let address = emulator.base_url().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    for _ in 0..3 {
        write!(stream, "GET /healthz HTTP/1.1\r\nHost: {address}\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(br#"{"ok":true}"#) {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            answer.push(byte[0]);
        }
        assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"));
    }
}

#[test]
fn all_keys_that_the_api_documents_are_in_a_session() {
    let local = Local::start(Options::default());
    let (_, session) = local.verify(&local.sign_up(PHONE));
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
fn a_test_user_has_all_the_login_ids_that_were_given() {
    let local = Local::start(Options::default());
    let key = format!(":{}", local.emulator.management_key());
    let create = "/v1/mgmt/user/create/test";
    let mut user = json!({"loginId": "a", "phone": PHONE, "additionalIdentifiers": ["b"]});
    user["additionalLoginIds"] = json!(["c"]);
    let (_, made) = local.post(create, &key, &user);
    assert_eq!(made["user"]["loginIds"], json!(["a", "b", "c"]));
    let taken = json!({"loginId": "d", "additionalLoginIds": ["b"]});
    assert_refused(local.post(create, &key, &taken), 400, "E062107");
    assert_eq!(local.sign_in(&json!({"loginId": "d"})).0, 400);
    assert_eq!(local.sign_in(&json!({"loginId": "c"})).0, 200);
    let nulls = json!({"loginId": "e", "email": null, "additionalLoginIds": null, "unknown": 1});
    assert_eq!(local.post(create, &key, &nulls).0, 200);
}

#[test]
fn a_user_made_by_the_general_path_is_a_test_user_if_it_says_so() {
    let local = Local::start(Options::default());
    let key = format!(":{}", local.emulator.management_key());
    for (id, test) in [("a", json!(true)), ("b", json!(null))] {
        let user = json!({"loginId": id, "phone": PHONE, "test": test});
        let (_, made) = local.post("/v1/mgmt/user/create", &key, &user);
        assert_eq!(made["user"]["test"], json!(id == "a"));
    }
    let generate = "/v1/mgmt/tests/generate/magiclink";
    let link = |id| {
        local.post(
            generate,
            &key,
            &json!({"loginId": id, "deliveryMethod": "sms"}),
        )
    };
    assert_eq!(link("a").0, 200);
    assert_refused(link("b"), 400, "E062108");
}

#[test]
fn what_a_generated_link_proves_is_how_it_would_have_come() {
    let local = Local::start(Options::default());
    let key = format!(":{}", local.emulator.management_key());
    let user = json!({"loginId": "a", "email": "a@example.com", "phone": PHONE});
    local.post("/v1/mgmt/user/create/test", &key, &user);
    let wanted = json!({"loginId": "a", "deliveryMethod": "email"});
    let (_, made) = local.post("/v1/mgmt/tests/generate/magiclink", &key, &wanted);
    let link = made["link"].as_str().unwrap();
    let (_, session) = local.verify(link.split_once("?t=").unwrap().1);
    assert_eq!(session["user"]["verifiedEmail"], json!(true));
    assert_eq!(session["user"]["verifiedPhone"], json!(false));
}

#[test]
fn a_link_without_a_redirect_leads_to_the_projects_own_page() {
    let local = Local::start(Options {
        redirect_url: Some("https://app.example.com/in?from=sms".to_owned()),
        approved_domains: vec!["example.com".to_owned()],
        ..Options::default()
    });
    for keys in [
        json!({}),
        json!({"redirectUrl": null}),
        json!({"URI": "", "redirectUrl": ""}),
    ] {
        let _ = local.post(
            "/v1/auth/magiclink/signup/sms",
            "",
            &json!({"loginId": PHONE}),
        );
        assert_eq!(local.sign_in(&keys).0, 200);
        let token = local.newest(PHONE);
        let link = format!("https://app.example.com/in?from=sms&t={token}");
        assert_eq!(local.link(), link);
    }
}

#[test]
fn a_link_may_be_valid_for_as_long_as_a_time_can_be() {
    let local = Local::start(Options {
        link_ttl: Duration::MAX,
        ..Options::default()
    });
    assert_eq!(local.verify(&local.sign_up(PHONE)).0, 200);
}

#[test]
fn odd_requests_are_answered_in_json() {
    let local = Local::start(Options::default());
    assert_refused(local.get("/v2/keys/%FF"), 401, "E071001");
    let (status, body) = local.get("/_emulator/messages?to=a&to=b");
    assert_eq!((status, body["error"].is_string()), (400, true));
    let large = format!(r#"{{"loginId": "{}"}}"#, "a".repeat(3 << 20));
    let sign_in = "/v1/auth/magiclink/signin/sms";
    assert_refused(local.post_text(sign_in, "", &large), 400, "E011001");
}

#[test]
fn debug_output_keeps_secrets() {
    let options = Options {
        management_key: Some("Kmine".to_owned()),
        ..Options::default()
    };
    assert!(!format!("{options:?}").contains("Kmine"));
    let local = Local::start(options);
    assert!(!format!("{:?}", local.emulator).contains("Kmine"));
    let token = local.sign_up(PHONE);
    let shown = format!("{:?}", local.emulator.messages(PHONE));
    assert!(!shown.contains(&token) && !shown.contains(PHONE));
}

#[test]
fn it_can_be_started_and_dropped_where_a_runtime_is_running() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let served = runtime.block_on(async {
        let emulator = Emulator::start(Options::default()).unwrap();
        let wrong = Options {
            seed: Some("/nowhere.json".into()),
            ..Options::default()
        };
        assert!(Emulator::start(wrong).is_err());
        TcpStream::connect(emulator.base_url().strip_prefix("http://").unwrap()).is_ok()
    });
    assert!(served);
}
