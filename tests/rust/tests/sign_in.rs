//! The Rust face with the emulator: typed requests, responses and errors.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::time::Duration;

use descope_ml_core::{Client, Config, LoginOptions, Outcome, SignInRequest, Status, TlsRoots};
use descope_ml_emulator::{Emulator, Options};

const PHONE: &str = "+14155550123";

/// An emulator with a user whose login ID is [`PHONE`].
fn emulator(options: Options) -> Emulator {
    let folder = tempfile::tempdir().unwrap();
    let seed = folder.path().join("users.json");
    std::fs::write(&seed, format!(r#"[{{"loginId": "{PHONE}"}}]"#)).unwrap();
    Emulator::start(Options {
        seed: Some(seed),
        ..options
    })
    .unwrap()
}

fn client(emulator: &Emulator) -> Client {
    Client::new(config(emulator)).unwrap()
}

fn config(emulator: &Emulator) -> Config<'_> {
    Config::new()
        .project_id(emulator.project_id())
        .base_url(emulator.base_url())
}

#[test]
fn typed_request_sends_a_link_with_its_redirect_url() {
    let emulator = emulator(Options::default());
    let options = LoginOptions::new()
        .locale("pl-PL")
        .template_options([("name", "Ada")])
        .revoke_other_sessions(true)
        .revoke_other_sessions_types(["sms"])
        .custom_claims(r#"{"tier": 1}"#)
        .unwrap();
    let request = SignInRequest::new(PHONE)
        .redirect_url("https://app.example.com/verify?from=sms")
        .login_options(options)
        .use_recovery(false)
        .timeout(Duration::from_secs(30))
        .extra(r#"{"later": true}"#)
        .unwrap();
    let response = client(&emulator).sign_in_sms(&request).unwrap();
    assert_eq!(response.masked_address(), "+1********23");
    assert_eq!(response.json(), r#"{"maskedPhone":"+1********23"}"#);
    let message = &emulator.messages(PHONE)[0];
    assert_eq!(
        message.link,
        format!(
            "https://app.example.com/verify?from=sms&t={}",
            message.token
        )
    );
}

#[test]
fn api_error_has_the_code_and_message_of_the_service() {
    let emulator = emulator(Options {
        approved_domains: vec!["example.com".to_owned()],
        ..Options::default()
    });
    let client = client(&emulator);
    let unknown = client
        .sign_in_sms(&SignInRequest::new("+19995550000"))
        .unwrap_err();
    assert_eq!(unknown.status(), Status::Api);
    assert_eq!(unknown.outcome(), Outcome::Refused);
    assert_eq!(
        (unknown.http_status(), unknown.attempts()),
        (Some(400), Some(1))
    );
    assert_eq!(unknown.error_code(), Some("E062108"));
    assert_eq!(unknown.error_message(), Some("Cannot find user"));

    let unapproved = SignInRequest::new(PHONE).redirect_url("https://evil.example.org");
    let unapproved = client.sign_in_sms(&unapproved).unwrap_err();
    assert_eq!(unapproved.error_code(), Some("E061003"));
    assert!(emulator.messages(PHONE).is_empty());
}

#[test]
fn unknown_project_is_an_api_error_and_missing_project_a_config_error() {
    let emulator = emulator(Options::default());
    let client = client(&emulator);
    let other = SignInRequest::new(PHONE).project_id("Pother");
    let other = client.sign_in_sms(&other).unwrap_err();
    assert_eq!(
        (other.http_status(), other.error_code()),
        (Some(401), Some("E071001"))
    );
    let without_project =
        Client::new(Config::new().project_id("").base_url(emulator.base_url())).unwrap();
    assert!(without_project.require_project_id().is_err());
    let missing = without_project
        .sign_in_sms(&SignInRequest::new(PHONE))
        .unwrap_err();
    assert_eq!(
        (missing.status(), missing.outcome()),
        (Status::Config, Outcome::NotSent)
    );
    let named = SignInRequest::new(PHONE).project_id(emulator.project_id());
    assert!(without_project.sign_in_sms(&named).is_ok());
}

#[test]
fn tls_trusts_only_the_configured_ca() {
    let emulator = emulator(Options {
        tls: true,
        ..Options::default()
    });
    let ca_file = emulator.ca_file().unwrap().to_str().unwrap();
    let trusting = Client::new(config(&emulator).ca_file(ca_file)).unwrap();
    for _ in 0..3 {
        assert!(trusting.sign_in_sms(&SignInRequest::new(PHONE)).is_ok());
    }
    let strict = Client::new(config(&emulator).tls_roots(TlsRoots::Bundled)).unwrap();
    let error = strict.sign_in_sms(&SignInRequest::new(PHONE)).unwrap_err();
    assert_eq!(
        (error.status(), error.outcome()),
        (Status::Tls, Outcome::NotSent)
    );
    assert_eq!(emulator.messages(PHONE).len(), 3);
}

#[test]
fn mfa_without_a_refresh_token_is_not_sent() {
    let emulator = emulator(Options::default());
    let request = SignInRequest::new(PHONE).login_options(LoginOptions::new().mfa(true));
    let error = client(&emulator).sign_in_sms(&request).unwrap_err();
    assert_eq!((error.status(), error.attempts()), (Status::Argument, None));
    assert!(emulator.messages(PHONE).is_empty());
}

#[test]
fn eight_threads_share_a_client_and_each_call_sends_one_message() {
    let emulator = emulator(Options::default());
    let client = client(&emulator);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..25 {
                    client.sign_in_sms(&SignInRequest::new(PHONE)).unwrap();
                }
            });
        }
    });
    assert_eq!(emulator.messages(PHONE).len(), 200);
}

#[test]
fn debug_and_display_contain_no_secret() {
    let request = SignInRequest::new("secret-login")
        .refresh_token("secret-token")
        .login_options(
            LoginOptions::new()
                .custom_claims(r#"{"a": "secret-claim"}"#)
                .unwrap(),
        );
    let config = Config::new()
        .auth_management_key("secret-key")
        .project_id("P1");
    assert!(!format!("{request:?} {config:?}").contains("secret"));
    let client = Client::new(config.base_url("http://127.0.0.1:9").max_attempts(1)).unwrap();
    let error = client.sign_in_sms(&request).unwrap_err();
    assert!(!format!("{client:?} {error:?} {error} {}", error.to_json()).contains("secret"));
}
