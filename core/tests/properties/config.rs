//! Configurations: what cannot work is refused by the name of its key, and shows no value.

use std::collections::BTreeMap;

use descope_ml_core::{Client, Status};
use proptest::collection::btree_map;
use proptest::prelude::*;

use crate::arbitrary_json::{self as arbitrary, object, quoted};

const SECRET: &str = "K2secret with a space";

/// All but `caFile`, which names what is on the machine.
const KEYS: [&str; 17] = [
    "projectId",
    "timeoutMs",
    "connectTimeoutMs",
    "maxAttempts",
    "maxIdleConnections",
    "idleTimeoutMs",
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
    "projectID",
];

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        arbitrary::value(),
        arbitrary::number(),
        any::<String>().prop_map(|text| quoted(&text)),
        Just(quoted(SECRET)),
        prop::sample::select(vec!["null", "true", "1", "0", r#""none""#, r#""bundled""#])
            .prop_map(str::to_owned),
    ]
}

fn json_of(config: &BTreeMap<&str, String>) -> String {
    object(config.iter().map(|(key, value)| (*key, value.as_str())))
}

proptest! {
    #![proptest_config(crate::cases(512))]

    #[test]
    fn a_configuration_works_or_is_refused_by_the_name_of_a_key(
        config in btree_map(prop::sample::select(&KEYS[..]), value(), 1..4),
    ) {
        let mut config = config;
        config.insert("baseUrl", quoted("http://127.0.0.1:1"));
        if let Err(error) = Client::from_json(Some(&json_of(&config))) {
            prop_assert_eq!(error.status(), Status::Config);
            let message = error.to_string();
            let names = |key: &&str| message.contains(&format!("`{key}"));
            prop_assert!(config.keys().any(names), "{}", message);
            let shown = format!("{message}{error:?}");
            prop_assert!(!shown.contains(SECRET), "{}", shown);
        }
    }

    #[test]
    fn a_base_url_never_lets_plain_http_or_credentials_off_this_machine(
        url in prop_oneof![
            any::<String>(),
            "https?://([a-z0-9.:@-]{0,12}|127\\.0\\.0\\.1|localhost|\\[::1\\])(:[0-9]{0,6})?(/[a-z?#@]{0,5})?",
        ],
    ) {
        let config = BTreeMap::from([("baseUrl", quoted(&url)), ("tlsRoots", quoted("bundled"))]);
        match Client::from_json(Some(&json_of(&config))) {
            Ok(_) if url.is_empty() => {}
            Ok(_) => {
                prop_assert!(!url.contains(['@', '?', '#']), "{}", url);
                let lower = url.to_ascii_lowercase();
                let is_here = ["http://127.", "http://localhost", "http://[::1]"];
                let is_here = is_here.iter().any(|start| lower.starts_with(start));
                prop_assert!(lower.starts_with("https://") || is_here, "{}", url);
            }
            Err(error) => {
                prop_assert_eq!(error.status(), Status::Config);
                prop_assert!(error.to_string().contains("`baseUrl`"));
            }
        }
    }
}
