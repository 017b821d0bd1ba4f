//! Users as the management key sees them: created twice, loaded and searched.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{EMAIL, PHONE, TestEmulator, assert_api_error, start, start_with_users};
use serde_json::{Value, json};

const CREATE: &str = "/v1/mgmt/user/create/test";
const SEARCH: &str = "/v2/mgmt/user/search";

fn key(emulator: &TestEmulator) -> String {
    format!(":{}", emulator.server.management_key())
}

fn post(emulator: &TestEmulator, path: &str, body: &Value) -> (u16, Value) {
    emulator.post(path, &key(emulator), body)
}

fn load(emulator: &TestEmulator, query: &str) -> (u16, Value) {
    emulator.get_with_bearer(&format!("/v1/mgmt/user?{query}"), &key(emulator))
}

#[test]
fn a_test_user_who_exists_is_returned_unchanged() {
    let emulator = start();
    let user = json!({"loginId": "ada", "phone": PHONE, "name": "Ada"});
    let (status, first) = post(&emulator, CREATE, &user);
    assert_eq!((status, &first["created"]), (200, &json!(true)));
    let again = json!({"loginId": "ada", "name": "Other", "test": true});
    for path in [CREATE, "/v1/mgmt/user/create"] {
        let (status, second) = post(&emulator, path, &again);
        assert_eq!((status, &second["created"]), (200, &json!(false)));
        assert_eq!(second["user"], first["user"]);
    }
    let not_a_test_user = json!({"loginId": "ada"});
    let refused = post(&emulator, "/v1/mgmt/user/create", &not_a_test_user);
    assert_api_error(refused, 400, "E062107");
}

#[test]
fn a_user_who_is_no_test_user_does_not_become_one() {
    let emulator = start_with_users(&json!([{"loginId": "ada"}]));
    let refused = post(&emulator, CREATE, &json!({"loginId": "ada"}));
    assert_api_error(refused, 400, "E062107");
}

#[test]
fn a_login_id_may_be_sent_as_identifier() {
    let emulator = start();
    let (status, made) = post(&emulator, CREATE, &json!({"identifier": "ada"}));
    assert_eq!((status, &made["user"]["loginIds"]), (200, &json!(["ada"])));
    assert_eq!(load(&emulator, "identifier=ada").1["user"], made["user"]);
    assert_api_error(post(&emulator, CREATE, &json!({})), 400, "E011003");
}

#[test]
fn a_user_is_loaded_by_login_id_or_user_id() {
    let emulator = start_with_users(&json!([
        {"loginIds": ["ada", EMAIL], "userId": "U1", "email": EMAIL, "name": "Ada"},
    ]));
    for query in ["loginId=ada", "loginId=ada%40example.com", "userId=U1"] {
        let (status, found) = load(&emulator, query);
        assert_eq!((status, &found["user"]["name"]), (200, &json!("Ada")));
    }
    for query in ["loginId=bob", "userId=U2"] {
        assert_api_error(load(&emulator, query), 400, "E112102");
    }
    assert_api_error(load(&emulator, ""), 400, "E011003");
    let denied = emulator.get_with_bearer("/v1/mgmt/user?loginId=ada", "");
    assert_api_error(denied, 401, "E111119");
}

/// Searches. Returns the IDs of the users and their total number.
fn search(emulator: &TestEmulator, body: &Value) -> (Vec<String>, Value) {
    let (status, found) = post(emulator, SEARCH, body);
    assert_eq!(status, 200, "{found}");
    let users = found["users"].as_array().unwrap().iter();
    let ids = users.map(|user| user["userId"].as_str().unwrap().to_owned());
    (ids.collect(), found["total"].clone())
}

#[test]
fn a_search_returns_the_users_that_fulfil_all_conditions() {
    let emulator = start_with_users(&json!([
        {"loginId": PHONE, "userId": "U1", "phone": PHONE, "name": "Ada", "roleNames": ["editor"], "createdTime": 1},
        {"loginId": "bob", "userId": "U2", "email": EMAIL, "userTenants": [{"tenantId": "T1"}], "createdTime": 2},
        {"loginId": "eve", "userId": "U3", "status": "disabled", "createdTime": 3},
        {"loginId": "test-1", "userId": "U4", "test": true, "createdTime": 4},
    ]));
    for (body, expected) in [
        (json!({}), &["U1", "U2", "U3"][..]),
        (json!({"withTestUser": true}), &["U1", "U2", "U3", "U4"]),
        (json!({"testUsersOnly": true}), &["U4"]),
        (
            json!({"loginIds": ["bob", "+1 (415) 555-0123"]}),
            &["U1", "U2"],
        ),
        (json!({"userIds": ["U3"]}), &["U3"]),
        (json!({"emails": [EMAIL]}), &["U2"]),
        (json!({"phones": [PHONE]}), &["U1"]),
        (json!({"tenantIds": ["T1"]}), &["U2"]),
        (json!({"roleNames": ["editor", "x"]}), &["U1"]),
        (json!({"statuses": ["disabled"]}), &["U3"]),
        (json!({"text": "ADA"}), &["U1", "U2"]),
        (json!({"text": "ada", "roleNames": ["editor"]}), &["U1"]),
        (json!({"loginIds": ["nobody"]}), &[]),
        // What the official Python package sends with its defaults.
        (
            json!({"tenantIds": [], "roleNames": [], "limit": 0, "page": 0, "testUsersOnly": false, "withTestUser": false}),
            &["U1", "U2", "U3"],
        ),
    ] {
        let (found, total) = search(&emulator, &body);
        assert_eq!(
            (json!(found), total),
            (json!(expected), json!(expected.len())),
            "{body}"
        );
    }
    let page = json!({"limit": 2, "page": 1, "withTestUser": true});
    let (found, total) = search(&emulator, &page);
    assert_eq!((json!(found), total), (json!(["U3", "U4"]), json!(4)));
    let (_, tests) = post(&emulator, "/v2/mgmt/user/search/test", &json!({}));
    assert_eq!(
        (&tests["users"][0]["userId"], &tests["total"]),
        (&json!("U4"), &json!(1))
    );
}

#[test]
fn a_search_by_something_that_the_emulator_cannot_search_by_is_rejected() {
    let emulator = start();
    let sorted = json!({"sort": [{"field": "name"}]});
    let refused = post(&emulator, SEARCH, &sorted);
    let message = &refused.1["errorMessage"];
    assert_eq!(message, &json!("The emulator does not search by sort"));
    assert_api_error(refused, 400, "E011003");
    let empty =
        json!({"sort": [], "customAttributes": {}, "fromCreatedTime": 0, "dependent": null});
    assert_eq!(post(&emulator, SEARCH, &empty).0, 200);
    assert_api_error(emulator.post(SEARCH, "", &json!({})), 401, "E111119");
}
