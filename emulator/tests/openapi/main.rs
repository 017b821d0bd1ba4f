//! The OpenAPI document says what the code does: the routes, their requests and their responses.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

#[path = "../common/mod.rs"]
mod common;
mod documented;

use std::collections::BTreeSet;

use common::{EMAIL, PHONE, refresh_bearer};
use documented::{Documented, METHODS};
use serde_json::{Value, json};

/// The paths in the source of a router, with each parameter as `{}`.
fn routes_of(source: &str) -> BTreeSet<String> {
    let routes = |text: &str, prefix: &str| -> Vec<String> {
        let parts = text.split(".route(").skip(1);
        let paths = parts.map(|part| part.split('"').nth(1).unwrap().to_owned());
        paths.map(|path| format!("{prefix}{path}")).collect()
    };
    let found = match source.split_once(".nest(\"") {
        Some((nested, rest)) => {
            let (prefix, rest) = rest.split_once('"').unwrap();
            [routes(nested, prefix), routes(rest, "")].concat()
        }
        None => routes(source, ""),
    };
    let found = found.into_iter().filter(|path| {
        // These answer that there is no such route.
        !["/_emulator", "/_emulator/", "/_emulator/{*unknown}"].contains(&path.as_str())
    });
    found.map(|path| without_parameters(&path)).collect()
}

fn without_parameters(path: &str) -> String {
    match path.split_once('{') {
        Some((start, rest)) => format!("{start}{{}}{}", rest.split_once('}').unwrap().1),
        None => path.to_owned(),
    }
}

/// The names in backticks in the message of an unknown key, but for the key itself.
fn expected_names(response: &Value) -> BTreeSet<String> {
    let problem = response["error"].as_str().unwrap();
    let (_, expected) = problem.split_once("expected ").unwrap();
    let names = expected.split('`').skip(1).step_by(2);
    names.map(str::to_owned).collect()
}

fn properties(schema: &Value) -> BTreeSet<String> {
    let properties = schema["properties"].as_object().unwrap();
    properties.keys().cloned().collect()
}

#[test]
fn the_document_has_all_routes_and_no_others() {
    let documented = Documented::start();
    let paths = documented.document["paths"].as_object().unwrap().keys();
    let paths: BTreeSet<String> = paths.map(|path| without_parameters(path)).collect();
    let api = routes_of(include_str!("../../src/api/mod.rs"));
    let control = routes_of(include_str!("../../src/control/mod.rs"));
    assert_eq!(paths, api.union(&control).cloned().collect());
}

#[test]
fn each_path_has_the_documented_methods_and_no_others() {
    let documented = Documented::start();
    for (path, operations) in documented.document["paths"].as_object().unwrap() {
        for method in METHODS {
            let (status, response) = documented.send(method, path, "", &Value::Null);
            let is_documented = operations.get(method).is_some();
            assert_eq!(status != 405, is_documented, "{method} {path}: {response}");
        }
    }
}

#[test]
fn the_document_is_complete() {
    let documented = Documented::start();
    let info = &documented.document["info"];
    assert_eq!(info["version"], json!(env!("CARGO_PKG_VERSION")));
    let mut ids = BTreeSet::new();
    for (method, path, operation) in documented.operations() {
        let place = format!("{method} {path}");
        assert!(
            ids.insert(operation["operationId"].as_str().unwrap()),
            "{place}"
        );
        assert!(operation["summary"].is_string(), "{place}");
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let in_path = parameters
            .filter(|parameter| parameter["in"] == "path")
            .count();
        assert_eq!(in_path, path.matches('{').count(), "{place}");
        let schemes = &documented.document["components"]["securitySchemes"];
        for scheme in operation["security"].as_array().unwrap() {
            let name = scheme.as_object().unwrap().keys().next().unwrap();
            assert!(schemes[name].is_object(), "{place}: {name}");
        }
        documented.request_schema(operation);
        for response in operation["responses"].as_object().unwrap().values() {
            let response = documented.resolve(response);
            documented.resolve(&response["content"]["application/json"]["schema"]);
        }
    }
}

#[test]
fn control_routes_accept_the_documented_keys_and_parameters_and_no_others() {
    let documented = Documented::start();
    let unknown = json!({"zz": 1});
    for (method, path, operation) in documented.operations() {
        if !path.starts_with("/_emulator/") {
            continue;
        }
        let schema = documented.request_schema(operation);
        // Settings are compared below, as their errors are their own.
        if schema.is_object() && path != "/_emulator/settings" {
            let (status, response) = documented.send(method, path, "", &unknown);
            let expected = expected_names(&response);
            assert_eq!((status, expected), (400, properties(schema)), "{path}");
        }
        if let Some(parameters) = operation["parameters"].as_array() {
            let (status, response) =
                documented.send(method, &format!("{path}?zz=1"), "", &Value::Null);
            let expected = expected_names(&response);
            let names = parameters.iter().map(|one| one["name"].as_str().unwrap());
            let mut names: BTreeSet<String> = names.map(str::to_owned).collect();
            if method == "delete" {
                // It ignores how long to wait.
                names.insert("wait".to_owned());
            }
            assert_eq!((status, expected), (400, names), "{path}");
        }
    }
    let schemas = &documented.document["components"]["schemas"];
    for (key, schema) in [
        ("users", "StateUser"),
        ("tenants", "Tenant"),
        ("accessKeys", "StateAccessKey"),
    ] {
        let state = json!({key: [unknown]});
        let (_, response) = documented.send("put", "/_emulator/state", "", &state);
        assert_eq!(expected_names(&response), properties(&schemas[schema]));
    }
}

/// A body that has the required keys.
fn body_of(schema: &Value) -> Value {
    let required = schema["required"].as_array().into_iter().flatten();
    let keys = required.map(|key| (key.as_str().unwrap().to_owned(), json!("x")));
    Value::Object(keys.collect())
}

#[test]
fn each_operation_needs_the_documented_token() {
    let documented = Documented::start();
    let project = documented.emulator.server.project_id();
    for (method, path, operation) in documented.operations() {
        let scheme = operation["security"][0].as_object();
        let Some(scheme) = scheme.map(|scheme| scheme.keys().next().unwrap().as_str()) else {
            assert!(
                path.starts_with("/_emulator/") || path == "/healthz" || path.contains("/keys/")
            );
            continue;
        };
        let body = match path {
            "/v1/auth/me/tenants" => json!({"dct": true}),
            _ => body_of(documented.request_schema(operation)),
        };
        let code = |bearer: &str| {
            let (_, response) = documented.send(method, path, bearer, &body);
            response["errorCode"].as_str().unwrap_or("").to_owned()
        };
        assert_eq!(code(""), "E071001", "{path}");
        let without_token = code(project);
        let expected = match scheme {
            "refreshToken" | "sessionToken" => "E061005",
            "accessKey" => "E062802",
            "managementKey" => "E111119",
            _ => {
                let tokens = ["E061005", "E062802", "E111119"];
                assert!(!tokens.contains(&without_token.as_str()), "{path}");
                continue;
            }
        };
        assert_eq!(without_token, expected, "{path}");
    }
}

#[test]
fn the_documented_fields_are_required() {
    let documented = Documented::start();
    let verified = documented
        .emulator
        .verify(&documented.emulator.sign_up(PHONE))
        .1;
    let project = documented.emulator.server.project_id();
    let refresh = format!("{project}{}", refresh_bearer(&verified));
    for (method, path, operation) in documented.operations() {
        let body = body_of(documented.request_schema(operation));
        if path.starts_with("/_emulator/") {
            continue;
        }
        let bearer = match operation["security"][0].get("managementKey") {
            Some(_) => &documented.key(),
            None => &refresh,
        };
        for key in body.as_object().unwrap().keys() {
            let mut body = body.clone();
            body.as_object_mut().unwrap().remove(key);
            let (status, response) = documented.send(method, path, bearer, &body);
            let message = format!("The {key} field is required");
            assert_eq!(
                (status, &response["errorMessage"]),
                (400, &json!(message)),
                "{path}"
            );
        }
    }
}

#[test]
fn requests_and_responses_of_the_api_are_as_documented() {
    let documented = Documented::start();
    let emulator = &documented.emulator;
    let project = emulator.server.project_id();
    let key = &documented.key();
    let nothing = &Value::Null;
    let post = |path: &str, bearer: &str, body: Value| documented.call("post", path, bearer, &body);
    let magic_link = "/v1/auth/magiclink";
    let sign_up = json!({"loginId": PHONE, "phone": PHONE, "user": {"name": "Ada"}, "loginOptions": {"tenantId": "T1"}});
    post(&format!("{magic_link}/signup/sms"), project, sign_up);
    let sign_in = json!({"loginId": PHONE, "loginOptions": {"customClaims": {"tier": "gold"}}});
    post(&format!("{magic_link}/signin/sms"), project, sign_in);
    let email = json!({"loginId": EMAIL, "redirectUrl": "https://example.com"});
    post(&format!("{magic_link}/signup-in/email"), project, email);
    let token = json!({"token": emulator.newest_token(PHONE)});
    let session = post(&format!("{magic_link}/verify"), project, token);
    let refresh = &format!("{project}{}", refresh_bearer(&session));
    let update = json!({"loginId": PHONE, "email": "new@example.com", "addToLoginIDs": true});
    post(&format!("{magic_link}/update/email"), refresh, update);
    post("/v1/auth/refresh", refresh, json!({}));
    assert_eq!(post("/v1/auth/try-refresh", project, json!({})), json!({}));
    post("/v1/auth/try-refresh", refresh, json!({}));
    documented.call("get", "/v1/auth/me", refresh, nothing);
    documented.call("get", "/v1/auth/me/history", refresh, nothing);
    post("/v1/auth/me/tenants", refresh, json!({"ids": ["T1"]}));
    post("/v1/auth/tenant/select", refresh, json!({"tenant": "T1"}));
    let session_bearer = format!("{project}:{}", session["sessionJwt"].as_str().unwrap());
    post("/v1/auth/validate", &session_bearer, json!({}));
    post("/v1/auth/logout", refresh, json!({"logoutType": []}));

    documented.call("get", "/v1/mgmt/license", key, nothing);
    let user = json!({"loginId": "test", "test": true, "email": EMAIL, "userTenants": [{"tenantId": "T1"}]});
    post("/v1/mgmt/user/create", key, user.clone());
    post("/v1/mgmt/user/create/test", key, user);
    documented.call("get", "/v1/mgmt/user?loginId=test", key, nothing);
    post(
        "/v2/mgmt/user/search",
        key,
        json!({"withTestUser": true, "limit": 1}),
    );
    post("/v2/mgmt/user/search/test", key, json!({"text": "test"}));
    let link = json!({"loginId": "test", "deliveryMethod": "email"});
    post("/v1/mgmt/tests/generate/magiclink", key, link);
    post(
        "/v1/mgmt/user/signin/embeddedlink",
        key,
        json!({"loginId": "test", "timeout": 60}),
    );
    let new = json!({"loginId": "new", "user": {"name": "New"}, "emailVerified": true});
    post("/v1/mgmt/user/signup/embeddedlink", key, new);
    let robot = json!({"name": "robot", "keyTenants": [{"tenantId": "T1"}]});
    let robot = post("/v1/mgmt/accesskey/create", key, robot);
    let robot = format!("{project}:{}", robot["cleartext"].as_str().unwrap());
    let options = json!({"loginOptions": {"selectedTenant": "T1"}});
    post("/v1/auth/accesskey/exchange", &robot, options);
    post("/v1/mgmt/user/delete", key, json!({"loginId": "new"}));
    documented.call("delete", "/v1/mgmt/user/test/delete/all", key, nothing);
    for version in ["v1", "v2"] {
        let path = &format!("/{version}/keys/{{projectId}}");
        documented.call("get", path, "", nothing);
    }
}

#[test]
fn requests_and_responses_of_the_control_routes_are_as_documented() {
    let documented = Documented::start();
    let nothing = &Value::Null;
    let call = |method: &str, route: &str, body: &Value| {
        documented.call(method, &format!("/_emulator/{route}"), "", body)
    };
    documented.emulator.sign_up(PHONE);
    documented.call("get", "/healthz", "", nothing);
    call("get", "messages", nothing);
    call("get", "messages/latest?wait=5s", nothing);
    call("delete", "messages?to=nobody", nothing);
    let state = json!({"tenants": [{"id": "T1"}], "accessKeys": [{"name": "robot"}]});
    call("put", "state", &state);
    let state = call("get", "state", nothing);
    assert_eq!(call("put", "state", &state), state);
    let settings = call("get", "settings", nothing);
    for method in ["put", "patch"] {
        assert_eq!(call(method, "settings", &settings), settings);
    }
    call("get", "clock", nothing);
    for change in [
        json!({"advance": "1s"}),
        json!({"offset": "-1m"}),
        json!({"set": 1_900_000_000}),
    ] {
        call("post", "clock", &change);
    }
    call(
        "post",
        "keys/rotate",
        &json!({"keepOld": true, "alg": "ES384"}),
    );
    call("post", "forge", &json!({"count": 2, "loginId": PHONE}));
    let fault = json!({"path": "/v1/auth/me", "status": 503, "times": 2, "delay": "1ms", "headers": {"a": "b"}});
    call("post", "faults", &fault);
    call("get", "faults", nothing);
    call("get", "faults/random", nothing);
    let random = json!({"seed": 1, "path": "/*", "faults": [{"percent": 1.5, "reset": true}]});
    call("put", "faults/random", &random);
    call("get", "faults/random", nothing);
    call("delete", "faults/random", nothing);
    call("delete", "faults", nothing);
    call("get", "requests?path=/v1/*&loginIds=show", nothing);
    call("delete", "requests", nothing);
    call(
        "put",
        "scanner",
        &json!({"methods": ["HEAD", "GET"], "delay": "0s"}),
    );
    call("get", "scanner?wait=1s", nothing);
    call("delete", "scanner", nothing);
    call("post", "reset", &json!({"keys": true}));
}
