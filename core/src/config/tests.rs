//! What a configuration accepts, rejects, and takes from the environment.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use ureq::http::Uri;

use super::*;
use crate::status::Status;

fn resolve(json: &str, env: &Environment) -> Result<Settings, Error> {
    Config::from_json(json)?.resolve_in(env)
}

fn config_error(json: &str) -> String {
    let Err(error) = resolve(json, &Environment::None) else {
        panic!("{json} was accepted");
    };
    assert_eq!(error.status(), Status::Config);
    error.to_string()
}

#[test]
fn a_configured_value_overrides_the_environment() {
    let env = Environment::of(&[
        ("DESCOPE_PROJECT_ID", "Penv"),
        ("DESCOPE_BASE_URL", "https://env.example"),
    ]);
    let settings = resolve(r#"{"projectId": "Pown"}"#, &env).unwrap();
    assert_eq!(settings.project_id.unwrap().as_str(), "Pown");
    assert_eq!(
        settings.base_url.unwrap().join("/v1").unwrap(),
        "https://env.example/v1"
    );
}

#[test]
fn errors_name_the_variable_that_an_invalid_value_comes_from() {
    for (name, value) in [
        ("DESCOPE_PROJECT_ID", "P 1"),
        ("DESCOPE_BASE_URI", "x.example"),
        ("DESCOPE_BASE_URL", "x.example"),
        ("DESCOPE_AUTH_MANAGEMENT_KEY", "a b"),
        ("DESCOPE_MANAGEMENT_KEY", "a b"),
    ] {
        let env = Environment::of(&[(name, value)]);
        let error = resolve("{}", &env).err().unwrap().to_string();
        assert!(error.starts_with(&format!("`{name}` ")), "{error}");
    }
}

#[test]
fn a_variable_is_read_only_for_a_value_that_is_not_given() {
    for (name, key, value) in [
        ("DESCOPE_PROJECT_ID", "projectId", "P1"),
        ("DESCOPE_BASE_URI", "baseUrl", "https://x.example"),
        ("DESCOPE_AUTH_MANAGEMENT_KEY", "authManagementKey", "K"),
        ("DESCOPE_MANAGEMENT_KEY", "managementKey", "K"),
        ("DESCOPE_PUBLIC_KEY", "publicKey", "{}"),
        ("SSL_CERT_FILE", "caFile", "/f.pem"),
        ("SSL_CERT_DIR", "caFile", "/f.pem"),
        ("REQUESTS_CA_BUNDLE", "tlsRoots", "bundled"),
    ] {
        let env = Environment::Test(vec![(name, OsString::from_vec(vec![0xff]))]);
        let error = resolve("{}", &env).err().unwrap().to_string();
        assert!(
            error.contains(&format!("{name} is not valid UTF-8")),
            "{error}"
        );
        let own = format!(r#"{{"{key}": "{value}"}}"#);
        assert!(resolve(&own, &env).is_ok(), "{name} beside {key}");
    }
}

#[test]
fn the_first_invalid_value_is_reported() {
    let members = [
        r#""projectId": "P 1""#,
        r#""baseUrl": "x.example""#,
        r#""authManagementKey": "a b""#,
        r#""managementKey": "a b""#,
        r#""userAgent": "a\tb""#,
        r#""proxy": "socks4://h:1""#,
    ];
    for first in 0..members.len() {
        let (key, _) = members[first].split_once(':').unwrap();
        let message = config_error(&format!("{{{}}}", members[first..].join(", ")));
        let start = key.replace('"', "`");
        assert!(message.starts_with(&start), "{message}");
    }
}

#[test]
fn a_long_project_id_contains_its_region() {
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
fn a_base_url_keeps_its_prefix_and_drops_its_trailing_slash() {
    let url = BaseUrl::parse("https://proxy.example:8443/descope/", false).unwrap();
    assert_eq!(
        url.join("/v1/x").unwrap(),
        "https://proxy.example:8443/descope/v1/x"
    );
}

#[test]
fn an_unsafe_base_url_is_rejected() {
    for (url, word) in [
        ("https://user:pw@x.example", "password"),
        ("https://x.example/?a=1", "query"),
        ("https://x.example/#f", "query"),
        ("http://x.example", "allowInsecureHttp"),
        ("ftp://x.example", "https://"),
        ("x.example", "https://"),
        ("https://", "URL"),
        ("https://żółw.example", "URL"),
        ("https://x.example:0", "port"),
    ] {
        let message = config_error(&format!(r#"{{"baseUrl": "{url}"}}"#));
        assert!(message.contains(word), "{url}: {message}");
        assert!(!message.contains("pw@"), "{message}");
    }
    for url in ["http://127.0.0.1:1", "http://[::1]:1", "http://LOCALHOST"] {
        assert!(BaseUrl::parse(url, false).is_ok(), "{url}");
    }
    assert!(BaseUrl::parse("http://x.example", true).is_ok());
}

#[test]
fn skip_verify_is_only_for_this_machine() {
    let accepted = [
        "https://127.0.0.9",
        "https://[::1]",
        "http://localhost",
        "https://api.test",
    ];
    for url in accepted.into_iter().chain(["https://[::ffff:127.0.0.1]:8"]) {
        let config = format!(r#"{{"skipVerify": true, "baseUrl": "{url}"}}"#);
        let settings = resolve(&config, &Environment::None).unwrap();
        assert!(settings.skip_verify, "{url}");
    }
    for url in [
        "",
        "https://192.0.2.7",
        "https://[::2]",
        "https://0.0.0.0:1",
    ] {
        let config = format!(r#"{{"skipVerify": true, "baseUrl": "{url}"}}"#);
        assert!(config_error(&config).contains("only for a server on this machine"));
        assert!(!resolve("{}", &Environment::None).unwrap().skip_verify);
    }
}

#[test]
fn errors_name_unknown_keys_and_keys_with_a_wrong_type() {
    assert!(config_error(r#"{"projectID": "P1"}"#).contains("did you mean `projectId`?"));
    assert!(config_error(r#"{"timeoutMs": "9"}"#).contains("`timeoutMs` must be a whole number"));
    assert!(config_error(r#"{"timeoutMs": 0}"#).contains("from 1 to 86400000"));
    assert!(config_error(r#"{"tlsRoots": "none"}"#).contains("one of platform, bundled"));
    assert!(config_error(r#"{"projectId": "P 1"}"#).contains("letters, digits"));
    assert!(config_error(r#"{"authManagementKey": "a\nb"}"#).contains("line break"));
    assert!(config_error(r#"{"userAgent": "a\r\nX: y"}"#).contains("`userAgent`"));
    assert!(config_error("[]").contains("must be a JSON object, not an array"));
}

#[test]
fn loopback_and_no_proxy_hosts_bypass_environment_proxies() {
    let env = Environment::of(&[
        ("HTTPS_PROXY", "http://u:p@proxy.example:3128"),
        ("NO_PROXY", "internal.example, .corp.example\t10.0.0.1"),
    ]);
    let proxies = resolve("{}", &env).unwrap().proxies;
    let through = |url: &'static str| proxies.proxy_for(&Uri::from_static(url)).unwrap().is_some();
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
        none.proxy_for(&Uri::from_static("https://api.descope.com/"))
            .unwrap()
            .is_none()
    );
    let own = resolve(r#"{"proxy": "http://127.0.0.1:9"}"#, &env)
        .unwrap()
        .proxies;
    assert!(
        own.proxy_for(&Uri::from_static("https://localhost/"))
            .unwrap()
            .is_some()
    );
}

#[test]
fn every_kind_of_proxy_is_told_by_its_scheme() {
    for (url, kind, host, port) in [
        ("http://h:1", ProxyKind::Http, "h", 1),
        ("h:1", ProxyKind::Http, "h", 1),
        ("http://h", ProxyKind::Http, "h", 80),
        ("https://h", ProxyKind::Https, "h", 443),
        ("socks5://h", ProxyKind::Socks5, "h", 1080),
        ("SOCKS5H://u:p@[::1]:9/", ProxyKind::Socks5h, "[::1]", 9),
    ] {
        let proxies = resolve(&format!(r#"{{"proxy": "{url}"}}"#), &Environment::None);
        let proxies = proxies.unwrap().proxies;
        let proxy = proxies.proxy_for(&Uri::from_static("https://x.example/"));
        let proxy = proxy.unwrap().unwrap();
        let found = (proxy.kind(), proxy.host(), proxy.port());
        assert_eq!(found, (kind, host, port), "{url}");
    }
}

#[test]
fn a_configured_proxy_that_cannot_be_used_is_rejected() {
    let long = format!("socks5://u:{}@h", "p4ss".repeat(64));
    for (url, expected) in [
        (
            "socks4://u:p4ss@h:1",
            "http://, https://, socks5:// or socks5h://",
        ),
        (
            "socks4a://h:1",
            "http://, https://, socks5:// or socks5h://",
        ),
        ("socks://h:1", "http://, https://, socks5:// or socks5h://"),
        ("ftp://u:p4ss@h:1", "not a valid proxy URL"),
        ("http://", "not a valid proxy URL"),
        ("http://u:p4ss@", "not a valid proxy URL"),
        ("http://:1", "not a valid proxy URL"),
        ("http://u:p4ss@h:0", "not a valid proxy URL"),
        ("http://u:p4ss@h:65536", "not a valid proxy URL"),
        ("http://h:x", "not a valid proxy URL"),
        ("", "not a valid proxy URL"),
        (&long, "more than 255 bytes"),
    ] {
        let message = config_error(&format!(r#"{{"proxy": "{url}"}}"#));
        assert!(message.starts_with("`proxy` "), "{url}: {message}");
        assert!(message.contains(expected), "{url}: {message}");
        assert!(!message.contains("p4ss"), "{message}");
    }
}

#[test]
fn a_proxy_of_the_environment_that_cannot_be_used_is_an_error_where_it_is_used() {
    let env = Environment::of(&[
        ("ALL_PROXY", "socks4://u:p4ss@h:1"),
        ("http_proxy", "\u{fffd}"),
        ("NO_PROXY", "internal.example"),
    ]);
    let proxies = resolve("{}", &env).unwrap().proxies;
    for direct in ["https://internal.example/", "http://127.0.0.1:1/"] {
        let proxy = proxies.proxy_for(&direct.parse().unwrap());
        assert!(proxy.unwrap().is_none(), "{direct}");
    }
    for (url, name) in [
        ("https://x.example/", "ALL_PROXY"),
        ("http://x.example/", "http_proxy"),
    ] {
        let Err(error) = proxies.proxy_for(&url.parse().unwrap()) else {
            panic!("{url} has a proxy");
        };
        assert_eq!(error.status(), Status::Config);
        let message = error.to_string();
        assert!(message.starts_with(&format!("`{name}` ")), "{message}");
        assert!(!message.contains("p4ss"), "{message}");
    }
    // What is configured hides it.
    for own in ["none", "socks5h://h:1"] {
        let proxies = resolve(&format!(r#"{{"proxy": "{own}"}}"#), &env)
            .unwrap()
            .proxies;
        assert!(
            proxies
                .proxy_for(&Uri::from_static("https://x.example/"))
                .is_ok()
        );
    }
}

#[test]
fn a_configured_ca_file_overrides_the_environment() {
    let env = Environment::of(&[("REQUESTS_CA_BUNDLE", "/bundle.pem")]);
    let source = |json: &str| match resolve(json, &env).unwrap().trust_anchors {
        TrustAnchors::Files { source, .. } => source,
        TrustAnchors::Platform => "platform",
        TrustAnchors::Bundled => "bundled",
    };
    assert_eq!(source("{}"), "REQUESTS_CA_BUNDLE");
    assert_eq!(source(r#"{"caFile": "/own.pem"}"#), "caFile");
    assert_eq!(source(r#"{"tlsRoots": "bundled"}"#), "bundled");
}

#[test]
fn a_certificate_file_of_the_environment_replaces_the_store_of_the_system() {
    let anchors = |variables: &[(&'static str, &'static str)]| {
        let env = Environment::of(variables);
        resolve("{}", &env).unwrap().trust_anchors
    };
    let files = |source, file: Option<&str>, directories: Option<&str>| TrustAnchors::Files {
        source,
        file: file.map(str::to_owned),
        directories: directories.map(str::to_owned),
    };
    let (file, directory) = (("SSL_CERT_FILE", "/f.pem"), ("SSL_CERT_DIR", "/d"));
    let bundle = ("REQUESTS_CA_BUNDLE", "/b.pem");
    assert_eq!(anchors(&[]), TrustAnchors::Platform);
    assert_eq!(
        anchors(&[file, bundle]),
        files("SSL_CERT_FILE", Some("/f.pem"), None)
    );
    assert_eq!(
        anchors(&[directory, bundle]),
        files("SSL_CERT_DIR", None, Some("/d"))
    );
    assert_eq!(
        anchors(&[file, directory]),
        files("SSL_CERT_FILE or SSL_CERT_DIR", Some("/f.pem"), Some("/d"))
    );
}

#[test]
fn debug_shows_no_value() {
    let config = Config::new()
        .project_id("Psecret")
        .auth_management_key("Ksecret");
    assert!(!format!("{config:?}").contains("secret"));
}

#[test]
fn a_byte_order_mark_before_a_configuration_is_skipped() {
    let json = "\u{feff}{\"projectId\": \"P2abc\"}";
    let settings = Config::from_json(json).unwrap().resolve_without_env();
    assert_eq!(settings.unwrap().project_id.unwrap().as_str(), "P2abc");
    assert!(Config::from_json("{}\u{feff}").is_err());
}
