//! Configurations: the error for an invalid configuration names a key and contains no secret.

use descope_ml_core::{Client, Status};
use proptest::collection::btree_map;
use proptest::prelude::*;

use crate::arbitrary_json;
use crate::test_json::{json_object, json_string};

const SECRET: &str = "K2secret with a space";

/// All keys except `caFile`, which depends on the files of the machine, and `baseUrl`, which the tests
/// set. The last key is misspelled.
const KEYS: [&str; 24] = [
    "projectId",
    "timeoutMs",
    "connectTimeoutMs",
    "maxAttempts",
    "maxConnections",
    "verifiedTokens",
    "refreshGraceMs",
    "maxIdleConnections",
    "idleTimeoutMs",
    "connectionMaxAgeMs",
    "proxy",
    "tlsRoots",
    "userAgent",
    "authManagementKey",
    "managementKey",
    "publicKey",
    "jwtLeewaySeconds",
    "keysTtlMs",
    "keysIntervalMs",
    "allowInsecureHttp",
    "skipVerify",
    "environment",
    "interruptible",
    "projectID",
];

fn arbitrary_value() -> impl Strategy<Value = String> {
    prop_oneof![
        arbitrary_json::value(),
        arbitrary_json::number(),
        any::<String>().prop_map(|text| json_string(&text)),
        Just(json_string(SECRET)),
        prop::sample::select(vec!["null", "true", "1", "0", r#""none""#, r#""bundled""#])
            .prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(crate::cases(512))]

    #[test]
    fn a_configuration_is_valid_or_its_error_names_a_key_and_contains_no_secret(
        config in btree_map(prop::sample::select(&KEYS[..]), arbitrary_value(), 1..4),
    ) {
        let mut config = config;
        config.insert("baseUrl", json_string("http://127.0.0.1:1"));
        if let Err(error) = Client::from_json(Some(&json_object(&config))) {
            prop_assert_eq!(error.status(), Status::Config);
            let message = error.to_string();
            let is_named = |key: &&str| message.contains(&format!("`{key}"));
            prop_assert!(config.keys().any(is_named), "{}", message);
            let texts = format!("{message}{error:?}");
            prop_assert!(!texts.contains(SECRET), "{}", texts);
        }
    }

    #[test]
    fn a_base_url_has_no_credentials_and_uses_plain_http_only_to_this_machine(
        url in prop_oneof![
            any::<String>(),
            "https?://([a-z0-9.:@-]{0,12}|127\\.0\\.0\\.1|localhost|\\[::1\\])(:[0-9]{0,6})?(/[a-z?#@]{0,5})?",
        ],
    ) {
        let config = [("baseUrl", json_string(&url)), ("tlsRoots", json_string("bundled"))];
        match Client::from_json(Some(&json_object(config))) {
            Ok(_) if url.is_empty() => {}
            Ok(_) => {
                prop_assert!(!url.contains(['@', '?', '#']), "{}", url);
                let lower = url.to_ascii_lowercase();
                let local_urls = ["http://127.", "http://localhost", "http://[::1]"];
                let is_local = local_urls.iter().any(|start| lower.starts_with(start));
                prop_assert!(lower.starts_with("https://") || is_local, "{}", url);
            }
            Err(error) => {
                prop_assert_eq!(error.status(), Status::Config);
                prop_assert!(error.to_string().contains("`baseUrl`"));
            }
        }
    }
}
