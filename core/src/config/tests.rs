//! What a configuration accepts, refuses, and takes from the environment.

use super::*;
use ureq::http::Uri;

use crate::status::Status;

fn resolve(json: &str, env: &Environment) -> Result<Settings, Error> {
    Config::from_json(json)?.resolve_in(env)
}

fn refusal(json: &str) -> String {
    let Err(error) = resolve(json, &Environment::default()) else {
        panic!("{json} was accepted");
    };
    assert_eq!(error.status(), Status::Config);
    error.to_string()
}

#[test]
fn an_explicit_value_wins_over_the_environment() {
    let env = Environment {
        project_id: Some("Penv".into()),
        base_url: Some("https://env.example".into()),
        ..Environment::default()
    };
    let settings = resolve(r#"{"projectId": "Pown"}"#, &env).unwrap();
    assert_eq!(settings.project.unwrap().as_str(), "Pown");
    assert_eq!(
        settings.base_url.unwrap().join("/v1").unwrap(),
        "https://env.example/v1"
    );
}

#[test]
fn a_public_key_comes_from_the_environment_too() {
    let key = |id: &str| {
        format!(
            r#"{{"kty": "OKP", "crv": "Ed25519", "kid": "{id}", "x": "{}"}}"#,
            "A".repeat(43)
        )
    };
    let env = Environment {
        public_key: Some(key("Kenv")),
        ..Environment::default()
    };
    let pinned = |json: &str| resolve(json, &env).unwrap().public_keys.unwrap();
    assert!(pinned("{}").has(Some("Kenv")));
    let own = serde_json::json!({"publicKey": key("Kown")}).to_string();
    assert!(pinned(&own).has(Some("Kown")) && !pinned(&own).has(Some("Kenv")));
    let broken = Environment {
        public_key: Some("S3cret".into()),
        ..Environment::default()
    };
    let error = resolve("{}", &broken).err().unwrap();
    let message = error.to_string();
    assert!(message.starts_with("`publicKey` holds no key"), "{message}");
    assert!(!message.contains("S3cret"));
}

#[test]
fn a_long_project_id_carries_its_region() {
    let url = |id: &str| ProjectId::parse(id).unwrap().api_url();
    assert_eq!(
        url("Puse12aaaabbbbccccddddeeeeffffgg"),
        "https://api.use1.descope.com"
    );
    assert_eq!(
        url("P2aaaabbbbccccddddeeeeffffgg"),
        "https://api.descope.com"
    );
}

#[test]
fn a_base_url_keeps_its_prefix_and_loses_its_slash() {
    let url = BaseUrl::parse("https://proxy.example:8443/descope/", false).unwrap();
    assert_eq!(
        url.join("/v1/x").unwrap(),
        "https://proxy.example:8443/descope/v1/x"
    );
}

#[test]
fn a_base_url_that_could_leak_is_refused() {
    for (url, word) in [
        ("https://user:pw@x.example", "credentials"),
        ("https://x.example/?a=1", "query"),
        ("https://x.example/#f", "query"),
        ("http://x.example", "allowInsecureHttp"),
        ("ftp://x.example", "https://"),
        ("x.example", "https://"),
        ("https://", "URL"),
        ("https://żółw.example", "URL"),
        ("https://x.example:0", "port"),
    ] {
        let message = refusal(&format!(r#"{{"baseUrl": "{url}"}}"#));
        assert!(message.contains(word), "{url}: {message}");
        assert!(!message.contains("pw@"), "{message}");
    }
    for url in ["http://127.0.0.1:1", "http://[::1]:1", "http://LOCALHOST"] {
        assert!(BaseUrl::parse(url, false).is_ok(), "{url}");
    }
    assert!(BaseUrl::parse("http://x.example", true).is_ok());
}

#[test]
fn unknown_and_mistyped_keys_are_refused_by_name() {
    assert!(refusal(r#"{"projectID": "P1"}"#).contains("did you mean `projectId`?"));
    assert!(refusal(r#"{"timeoutMs": "9"}"#).contains("`timeoutMs` must be a whole number"));
    assert!(refusal(r#"{"timeoutMs": 0}"#).contains("outside that range"));
    assert!(refusal(r#"{"tlsRoots": "none"}"#).contains("one of platform, bundled"));
    assert!(refusal(r#"{"projectId": "P 1"}"#).contains("letters, digits"));
    assert!(refusal(r#"{"authManagementKey": "a\nb"}"#).contains("visible ASCII"));
    assert!(refusal(r#"{"userAgent": "a\r\nX: y"}"#).contains("`userAgent`"));
    assert!(refusal("[]").contains("must be a JSON object, not an array"));
}

#[test]
fn proxies_follow_the_environment_but_spare_this_machine() {
    let env = Environment {
        https_proxy: Some("http://u:p@proxy.example:3128".into()),
        no_proxy: Some("internal.example, .corp.example,10.0.0.1".into()),
        ..Environment::default()
    };
    let proxies = resolve("{}", &env).unwrap().proxies;
    let through = |url: &'static str| proxies.of(&Uri::from_static(url)).is_some();
    assert!(through("https://api.descope.com/"));
    assert!(through("https://notinternal.example/"));
    assert!(!through("http://api.descope.com/"));
    assert!(!through("https://localhost/"));
    assert!(!through("https://127.0.0.1:8080/"));
    assert!(!through("https://[::1]:8080/"));
    assert!(through("https://[2001:db8::1]/"));
    assert!(!through("https://a.internal.example/"));
    assert!(!through("https://internal.example/"));
    assert!(!through("https://x.corp.example/"));
    assert!(!through("https://10.0.0.1/"));

    let none = resolve(r#"{"proxy": "none"}"#, &env).unwrap().proxies;
    assert!(
        none.of(&Uri::from_static("https://api.descope.com/"))
            .is_none()
    );
    let own = resolve(r#"{"proxy": "http://127.0.0.1:9"}"#, &env)
        .unwrap()
        .proxies;
    assert!(own.of(&Uri::from_static("https://localhost/")).is_some());
    assert!(refusal(r#"{"proxy": "socks5://h:1"}"#).contains("http:// proxy"));
}

#[test]
fn certificate_files_come_from_the_caller_first() {
    let env = Environment {
        ca_bundle: Some("/bundle.pem".into()),
        ..Environment::default()
    };
    let set_by = |json: &str| match resolve(json, &env).unwrap().roots {
        Roots::Files { set_by, .. } => set_by,
        Roots::Platform => "platform",
        Roots::Bundled => "bundled",
    };
    assert_eq!(set_by("{}"), "REQUESTS_CA_BUNDLE");
    assert_eq!(set_by(r#"{"caFile": "/own.pem"}"#), "caFile");
    assert_eq!(set_by(r#"{"tlsRoots": "bundled"}"#), "bundled");
}

#[test]
fn debug_shows_no_value() {
    let config = Config::new()
        .project_id("Psecret")
        .auth_management_key("Ksecret");
    assert!(!format!("{config:?}").contains("secret"));
}
