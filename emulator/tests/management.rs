//! Users created and deleted with the management key, and links for test users.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{EMAIL, PHONE, assert_api_error, start};
use serde_json::json;

#[test]
fn the_management_key_creates_test_users_and_generates_links() {
    let emulator = start();
    let key = format!(":{}", emulator.server.management_key());
    let create = "/v1/mgmt/user/create/test";
    let generate = "/v1/mgmt/tests/generate/magiclink";
    let user = json!({"loginId": "tester", "phone": PHONE, "verifiedPhone": true, "name": null});
    assert_api_error(emulator.post(create, "", &user), 401, "E111119");
    assert_api_error(emulator.post(create, ":wrong", &user), 401, "E111119");
    let (status, made) = emulator.post(create, &key, &user);
    assert_eq!(
        (status, &made["created"], &made["user"]["test"]),
        (200, &json!(true), &json!(true))
    );

    let request =
        json!({"loginId": "tester", "deliveryMethod": "sms", "URI": "https://a.example/v"});
    assert_api_error(emulator.post(generate, "", &request), 401, "E111119");
    let (status, response) = emulator.post(generate, &key, &request);
    assert_eq!((status, &response["loginId"]), (200, &json!("tester")));
    let token = response["link"]
        .as_str()
        .unwrap()
        .strip_prefix("https://a.example/v?t=")
        .unwrap();
    assert!(emulator.server.messages(PHONE).is_empty());
    assert_eq!(
        emulator.verify(token).1["user"]["loginIds"],
        json!(["tester"])
    );

    emulator.sign_up("+14155550199");
    let ordinary = json!({"loginId": "+14155550199"});
    assert_api_error(emulator.post(generate, &key, &ordinary), 400, "E062108");
}

#[test]
fn test_users_have_the_requested_fields_and_are_all_deleted() {
    let emulator = start();
    let key = format!(":{}", emulator.server.management_key());
    let body = json!({"loginId": "t1", "phone": PHONE, "email": EMAIL, "displayName": "T",
        "roleNames": ["admin"], "userTenants": [{"tenantId": "T1", "roleNames": ["clerk"]}],
        "customAttributes": {"n": 1}, "verifiedEmail": true, "ssoAppIDs": ["S1"],
        "recoveryEmail": "r@e.com", "picture": "https://p.example"});
    let (status, response) = emulator.post("/v1/mgmt/user/create/test", &key, &body);
    let user = &response["user"];
    assert_eq!(
        (status, &user["name"], &user["test"]),
        (200, &json!("T"), &json!(true))
    );
    assert_eq!(user["roleNames"], json!(["admin"]));
    assert_eq!(user["userTenants"][0]["roleNames"], json!(["clerk"]));
    assert_eq!(user["customAttributes"], json!({"n": 1}));
    assert_eq!(
        (&user["ssoAppIds"], &user["recoveryEmail"]),
        (&json!(["S1"]), &json!("r@e.com"))
    );
    let generate = json!({"loginId": "t1", "deliveryMethod": "email"});
    let (_, link) = emulator.post("/v1/mgmt/tests/generate/magiclink", &key, &generate);
    let (_, token) = link["link"].as_str().unwrap().rsplit_once("t=").unwrap();
    emulator.sign_up("+14155550177");
    assert_eq!(emulator.delete("/v1/mgmt/user/test/delete/all").0, 401);
    assert_eq!(
        emulator.delete_with_management_key("/v1/mgmt/user/test/delete/all"),
        (200, json!({}))
    );
    assert_api_error(emulator.verify(token), 401, "E062504");
    assert_api_error(emulator.sign_in(&json!({"loginId": "t1"})), 400, "E062108");
    assert_eq!(emulator.sign_in(&json!({"loginId": "+14155550177"})).0, 200);
}

#[test]
fn a_user_is_deleted_by_login_id_or_user_id() {
    let emulator = start();
    let key = format!(":{}", emulator.server.management_key());
    let delete = "/v1/mgmt/user/delete";
    for by_user_id in [false, true] {
        emulator.sign_up(PHONE);
        let token = emulator.server.messages(PHONE)[0].token.clone();
        let (_, login) = emulator.verify(&token);
        let user = if by_user_id {
            json!({"userId": login["user"]["userId"]})
        } else {
            json!({"loginId": PHONE})
        };
        assert_api_error(emulator.post(delete, "", &user), 401, "E111119");
        assert_eq!(emulator.sign_in(&json!({"loginId": PHONE})).0, 200);
        assert_eq!(emulator.post(delete, &key, &user), (200, json!({})));
        assert_api_error(emulator.post(delete, &key, &user), 400, "E112102");
        assert_api_error(emulator.sign_in(&json!({"loginId": PHONE})), 400, "E062108");
        let refresh = format!(":{}", login["refreshJwt"].as_str().unwrap());
        assert_eq!(
            emulator.post("/v1/auth/refresh", &refresh, &json!({})).0,
            401
        );
    }
    assert_api_error(emulator.post(delete, &key, &json!({})), 400, "E011003");
}

#[test]
fn a_test_user_has_all_given_login_ids() {
    let emulator = start();
    let key = format!(":{}", emulator.server.management_key());
    let create = "/v1/mgmt/user/create/test";
    let mut user = json!({"loginId": "a", "phone": PHONE, "additionalIdentifiers": ["b"]});
    user["additionalLoginIds"] = json!(["c"]);
    let (_, made) = emulator.post(create, &key, &user);
    assert_eq!(made["user"]["loginIds"], json!(["a", "b", "c"]));
    let taken = json!({"loginId": "d", "additionalLoginIds": ["b"]});
    assert_api_error(emulator.post(create, &key, &taken), 400, "E062107");
    assert_eq!(emulator.sign_in(&json!({"loginId": "d"})).0, 400);
    assert_eq!(emulator.sign_in(&json!({"loginId": "c"})).0, 200);
    let nulls = json!({"loginId": "e", "email": null, "additionalLoginIds": null, "unknown": 1});
    assert_eq!(emulator.post(create, &key, &nulls).0, 200);
}

#[test]
fn create_user_creates_a_test_user_if_test_is_true() {
    let emulator = start();
    let key = format!(":{}", emulator.server.management_key());
    for (id, test) in [("a", json!(true)), ("b", json!(null))] {
        let user = json!({"loginId": id, "phone": PHONE, "test": test});
        let (_, made) = emulator.post("/v1/mgmt/user/create", &key, &user);
        assert_eq!(made["user"]["test"], json!(id == "a"));
    }
    let generate = "/v1/mgmt/tests/generate/magiclink";
    let link = |id| {
        emulator.post(
            generate,
            &key,
            &json!({"loginId": id, "deliveryMethod": "sms"}),
        )
    };
    assert_eq!(link("a").0, 200);
    assert_api_error(link("b"), 400, "E062108");
}

#[test]
fn a_generated_link_verifies_the_address_of_its_delivery_method() {
    let emulator = start();
    let key = format!(":{}", emulator.server.management_key());
    let user = json!({"loginId": "a", "email": "a@example.com", "phone": PHONE});
    emulator.post("/v1/mgmt/user/create/test", &key, &user);
    let request = json!({"loginId": "a", "deliveryMethod": "email"});
    let (_, made) = emulator.post("/v1/mgmt/tests/generate/magiclink", &key, &request);
    let link = made["link"].as_str().unwrap();
    let (_, session) = emulator.verify(link.split_once("?t=").unwrap().1);
    assert_eq!(session["user"]["verifiedEmail"], json!(true));
    assert_eq!(session["user"]["verifiedPhone"], json!(false));
}
