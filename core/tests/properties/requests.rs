//! Requests: what is taken arrives as it was given, and what is not is named and tells no secret.

use std::collections::BTreeMap;

use descope_ml_core::{Outcome, Status};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::arbitrary_json::{self as arbitrary, Json, object, quoted};
use crate::server::Server;

const SIGN_IN: &str = "magiclink/signin/sms";

/// Texts that must show in no message.
const SECRETS: [&str; 2] = ["ann.secret@example.com", "eyJhbGciOi.secret.token"];

/// Keys of a sign-in whose values are texts.
const TEXTS: [&str; 4] = ["redirectUrl", "providerId", "ssoAppId", "templateId"];

fn members(map: &BTreeMap<String, String>) -> String {
    object(
        map.iter()
            .map(|(key, value)| (key.as_str(), value.as_str())),
    )
}

#[test]
fn a_request_arrives_as_it_was_given() {
    let server = Server::start();
    server.answers_well();
    let texts = btree_map(prop::sample::select(&TEXTS[..]), any::<String>(), 0..4);
    let claims = option::of(arbitrary::any_object());
    let template = btree_map(any::<String>(), any::<String>(), 0..3);
    let login_id = any::<String>().prop_filter("a login ID is not empty", |id| !id.is_empty());
    let extra = btree_map("x-[a-z]{1,8}", arbitrary::value(), 0..3);
    let inputs = (login_id, texts, claims, template, extra, any::<bool>());
    let run = TestRunner::new(crate::cases(256)).run(
        &inputs,
        |(login_id, texts, claims, template, extra, revokes)| {
            let mut options =
                BTreeMap::from([("revokeOtherSessions".to_owned(), revokes.to_string())]);
            let template = template.into_iter().map(|(key, text)| (key, quoted(&text)));
            options.insert("templateOptions".to_owned(), members(&template.collect()));
            options.extend(claims.map(|claims| ("customClaims".to_owned(), claims)));
            let mut sent = BTreeMap::from([("loginId".to_owned(), quoted(&login_id))]);
            sent.extend(
                texts
                    .into_iter()
                    .map(|(key, text)| (key.to_owned(), quoted(&text))),
            );
            sent.insert("loginOptions".to_owned(), members(&options));
            let mut request = sent.clone();
            request.insert("extra".to_owned(), members(&extra));
            sent.extend(extra);

            let answer = server.client.call(SIGN_IN, &members(&request));
            prop_assert!(answer.is_ok(), "{:?}", answer);
            let bodies = server.bodies();
            prop_assert_eq!(bodies.len(), 1);
            prop_assert_eq!(Json::read(&bodies[0]), Json::read(&members(&sent)));
            Ok(())
        },
    );
    run.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn any_document_is_sent_unchanged_or_refused_by_the_name_of_a_key() {
    const KEYS: [&str; 12] = [
        "loginId",
        "redirectUrl",
        "loginOptions",
        "providerId",
        "useRecovery",
        "extra",
        "timeoutMs",
        "projectId",
        "refreshToken",
        "redirectURL",
        "login_id",
        "sessionToken",
    ];
    let server = Server::start();
    server.answers_well();
    let value = prop_oneof![
        arbitrary::value(),
        any::<String>().prop_map(|text| quoted(&text)),
        Just("{}".to_owned()),
        Just("null".to_owned()),
        Just("true".to_owned()),
    ];
    let document = btree_map(prop::sample::select(&KEYS[..]), value, 0..4);
    let inputs = (any::<bool>(), document);
    let run = TestRunner::new(crate::cases(512)).run(&inputs, |(is_named, mut document)| {
        if is_named {
            document.insert("loginId", "\"u\"".to_owned());
        }
        let json = object(document.iter().map(|(key, value)| (*key, value.as_str())));
        match server.client.call(SIGN_IN, &json) {
            Ok(_) => {
                let given = Json::read(&json).members();
                let extra = match given.get("extra") {
                    Some(Json::Object(extra)) => extra.clone(),
                    _ => BTreeMap::new(),
                };
                for (key, value) in Json::read(&server.bodies()[0]).members() {
                    let origins = [given.get(&key), extra.get(&key)];
                    prop_assert!(origins.contains(&Some(&value)), "{}", key);
                }
            }
            Err(error) => {
                prop_assert_eq!(error.status(), Status::Argument);
                prop_assert_eq!(error.outcome(), Outcome::NotSent);
                prop_assert!(server.bodies().is_empty());
                let message = error.to_string();
                let mut keys = document.keys().chain(["loginId"].iter());
                let names = |key: &&str| message.contains(&format!("`{key}"));
                prop_assert!(keys.any(names), "{}", message);
            }
        }
        Ok(())
    });
    run.unwrap_or_else(|failure| panic!("{failure}"));
}

proptest! {
    #![proptest_config(crate::cases(512))]

    #[test]
    fn an_error_is_json_and_repeats_no_value_of_the_request(
        broken in vec((json_key(), arbitrary::value()), 1..4),
        is_wrong_type in any::<bool>(),
    ) {
        let client = descope_ml_core::Client::from_json(Some(
            r#"{"projectId": "P1", "baseUrl": "http://127.0.0.1:1", "proxy": "none", "maxAttempts": 1}"#,
        ))
        .unwrap();
        let login_id = quoted(SECRETS[0]);
        let login_id = if is_wrong_type { format!("[{login_id}]") } else { login_id };
        let token = quoted(SECRETS[1]);
        let mut document = vec![("loginId", login_id.as_str()), ("refreshToken", token.as_str())];
        document.extend(broken.iter().map(|(key, value)| (key.as_str(), value.as_str())));
        let error = client.call(SIGN_IN, &object(document)).unwrap_err();
        let told: serde_json::Value = serde_json::from_str(&error.to_json()).unwrap();
        prop_assert_eq!(&told["error"]["status"], error.status().code());
        for secret in SECRETS {
            prop_assert!(!error.to_json().contains(secret));
            let shown = format!("{error:?}{error}");
            prop_assert!(!shown.contains(secret), "{}", shown);
        }
    }

    #[test]
    fn no_text_at_all_is_taken_for_a_request_or_brings_down_its_reader(
        operation in prop_oneof![Just(SIGN_IN.to_owned()), any::<String>()],
        text in prop_oneof![any::<String>(), arbitrary::value()],
    ) {
        let client = descope_ml_core::Client::from_json(Some(r#"{"projectId": "P1"}"#)).unwrap();
        let error = client.call(&operation, &text).unwrap_err();
        prop_assert_eq!(error.status(), Status::Argument);
        Json::read(&error.to_json());
    }
}

/// A key that a sign-in has, or any other.
fn json_key() -> impl Strategy<Value = String> {
    let known = [
        "loginOptions",
        "timeoutMs",
        "extra",
        "projectId",
        "useRecovery",
        "redirectUrl",
    ];
    prop_oneof![
        prop::sample::select(known.to_vec()).prop_map(str::to_owned),
        "[a-zA-Z]{1,12}",
        any::<String>(),
    ]
}
