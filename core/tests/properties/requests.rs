//! Requests: an accepted request arrives unchanged. The error for a rejected request names a key and
//! contains no secret.

use std::collections::BTreeMap;

use descope_ml_core::{Client, Outcome, Status};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::arbitrary_json;
use crate::test_json::{Json, json_object, json_string};
use crate::test_server::TestServer;

const SIGN_IN: &str = "magiclink/signin/sms";

/// A login ID and a token. No error may contain them.
const SECRETS: [&str; 2] = ["ann.secret@example.com", "eyJhbGciOi.secret.token"];

/// Keys of a sign-in request whose values are strings.
const STRING_KEYS: [&str; 4] = ["redirectUrl", "providerId", "ssoAppId", "templateId"];

#[test]
fn a_request_arrives_unchanged_with_the_members_of_extra_added() {
    let server = TestServer::start();
    server.set_success_response();
    let strings = btree_map(
        prop::sample::select(&STRING_KEYS[..]),
        any::<String>(),
        0..4,
    );
    let claims = option::of(arbitrary_json::object());
    let template = btree_map(any::<String>(), any::<String>(), 0..3);
    let login_id = any::<String>().prop_filter("a login ID is not empty", |id| !id.is_empty());
    let extra = btree_map("x-[a-z]{1,8}", arbitrary_json::value(), 0..3);
    let inputs = (login_id, strings, claims, template, extra, any::<bool>());
    let run = TestRunner::new(crate::cases(256)).run(
        &inputs,
        |(login_id, strings, claims, template, extra, revokes)| {
            let mut options =
                BTreeMap::from([("revokeOtherSessions".to_owned(), revokes.to_string())]);
            let template = template
                .into_iter()
                .map(|(key, text)| (key, json_string(&text)));
            options.insert("templateOptions".to_owned(), json_object(template));
            options.extend(claims.map(|claims| ("customClaims".to_owned(), claims)));
            let mut expected = BTreeMap::from([("loginId".to_owned(), json_string(&login_id))]);
            expected.extend(
                strings
                    .into_iter()
                    .map(|(key, text)| (key.to_owned(), json_string(&text))),
            );
            expected.insert("loginOptions".to_owned(), json_object(&options));
            let mut request = expected.clone();
            request.insert("extra".to_owned(), json_object(&extra));
            expected.extend(extra);

            let result = server.client.call(SIGN_IN, &json_object(&request));
            prop_assert!(result.is_ok(), "{:?}", result);
            let bodies = server.take_bodies();
            prop_assert_eq!(bodies.len(), 1);
            prop_assert_eq!(
                Json::parse(&bodies[0]),
                Json::parse(&json_object(&expected))
            );
            Ok(())
        },
    );
    run.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn any_document_is_sent_unchanged_or_its_error_names_a_key() {
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
    let server = TestServer::start();
    server.set_success_response();
    let value = prop_oneof![
        arbitrary_json::value(),
        any::<String>().prop_map(|text| json_string(&text)),
        Just("{}".to_owned()),
        Just("null".to_owned()),
        Just("true".to_owned()),
    ];
    let document = btree_map(prop::sample::select(&KEYS[..]), value, 0..4);
    let inputs = (any::<bool>(), document);
    let run = TestRunner::new(crate::cases(512)).run(&inputs, |(has_login_id, mut document)| {
        if has_login_id {
            document.insert("loginId", "\"u\"".to_owned());
        }
        let json = json_object(&document);
        match server.client.call(SIGN_IN, &json) {
            Ok(_) => {
                let given = Json::parse_object(&json);
                let extra = match given.get("extra") {
                    Some(Json::Object(extra)) => extra.clone(),
                    _ => BTreeMap::new(),
                };
                for (key, value) in Json::parse_object(&server.take_bodies()[0]) {
                    let given_values = [given.get(&key), extra.get(&key)];
                    prop_assert!(given_values.contains(&Some(&value)), "{}", key);
                }
            }
            Err(error) => {
                prop_assert_eq!(error.status(), Status::Argument);
                prop_assert_eq!(error.outcome(), Outcome::NotSent);
                prop_assert!(server.take_bodies().is_empty());
                let message = error.to_string();
                let mut keys = document.keys().chain(["loginId"].iter());
                let is_named = |key: &&str| message.contains(&format!("`{key}"));
                prop_assert!(keys.any(is_named), "{}", message);
            }
        }
        Ok(())
    });
    run.unwrap_or_else(|failure| panic!("{failure}"));
}

proptest! {
    #![proptest_config(crate::cases(512))]

    #[test]
    fn an_error_is_valid_json_and_contains_no_secret_of_the_request(
        more_members in vec((arbitrary_key(), arbitrary_json::value()), 1..4),
        is_wrong_type in any::<bool>(),
    ) {
        let client = Client::from_json(Some(
            r#"{"projectId": "P1", "baseUrl": "http://127.0.0.1:1", "proxy": "none", "maxAttempts": 1}"#,
        ))
        .unwrap();
        let login_id = json_string(SECRETS[0]);
        let login_id = if is_wrong_type { format!("[{login_id}]") } else { login_id };
        let token = json_string(SECRETS[1]);
        let mut document = vec![("loginId", login_id.as_str()), ("refreshToken", token.as_str())];
        document.extend(more_members.iter().map(|(key, value)| (key.as_str(), value.as_str())));
        let error = client.call(SIGN_IN, &json_object(document)).unwrap_err();
        let error_document: serde_json::Value = serde_json::from_str(&error.to_json()).unwrap();
        prop_assert_eq!(&error_document["error"]["status"], error.status().code());
        for secret in SECRETS {
            prop_assert!(!error.to_json().contains(secret));
            let texts = format!("{error:?}{error}");
            prop_assert!(!texts.contains(secret), "{}", texts);
        }
    }

    #[test]
    fn arbitrary_text_is_rejected_as_a_request_without_a_panic(
        operation in prop_oneof![Just(SIGN_IN.to_owned()), any::<String>()],
        text in prop_oneof![any::<String>(), arbitrary_json::value()],
    ) {
        let client = Client::from_json(Some(r#"{"projectId": "P1"}"#)).unwrap();
        let error = client.call(&operation, &text).unwrap_err();
        prop_assert_eq!(error.status(), Status::Argument);
        Json::parse(&error.to_json());
    }
}

/// A key of a sign-in request, or an arbitrary key.
fn arbitrary_key() -> impl Strategy<Value = String> {
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
