//! The Rust face with the emulator: the user's tenants, access keys and embedded links.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::time::Duration;

use descope_ml_core::{
    AccessKeyLoginOptions, Client, Config, EmbeddedLinkRequest, Error, ExchangeAccessKeyRequest,
    LoginOptions, SelectTenantRequest, SignUpEmbeddedLinkRequest, TenantsRequest, User,
    ValidateRequest, VerifyRequest,
};
use descope_ml_emulator::{Emulator, Options};
use serde_json::{Value, json};

fn client(emulator: &Emulator) -> Client {
    let config = Config::new()
        .project_id(emulator.project_id())
        .base_url(emulator.base_url())
        .management_key(emulator.management_key());
    Client::new(config).unwrap()
}

fn emulator() -> Emulator {
    Emulator::start(Options::default()).unwrap()
}

fn parsed(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

/// Posts a body to the emulator with the management key, and returns the response.
fn post(emulator: &Emulator, path: &str, body: &Value) -> Value {
    let bearer = format!(
        "Bearer {}:{}",
        emulator.project_id(),
        emulator.management_key()
    );
    let response = ureq::post(format!("{}{path}", emulator.base_url()))
        .header("authorization", bearer)
        .send(body.to_string());
    parsed(&response.unwrap().body_mut().read_to_string().unwrap())
}

#[test]
fn a_sign_up_link_becomes_a_session_whose_tenants_are_returned() {
    let emulator = emulator();
    let client = client(&emulator);
    let user = User::new().name("Ada").email("ada@example.com");
    let request = SignUpEmbeddedLinkRequest::new("ada")
        .user(user)
        .email_verified(true)
        .login_options(LoginOptions::new().tenant_id("T1"))
        .expires_after(Duration::from_secs(90));
    let token = client.generate_sign_up_embedded_link(&request).unwrap();
    let signed_in = client.verify(&VerifyRequest::new(&token)).unwrap();
    let response = parsed(signed_in.json());
    assert_eq!(response["user"]["email"], "ada@example.com");
    assert_eq!(response["user"]["verifiedEmail"], true);
    let refresh_token = signed_in.refresh_jwt().unwrap();
    let tenants = json!({"tenants": [{"id": "T1", "name": "", "customAttributes": {}}]});
    let by_id = TenantsRequest::with_ids(&refresh_token, ["T1", "T2"]);
    assert_eq!(parsed(&client.tenants(&by_id).unwrap()), tenants);
    let select = SelectTenantRequest::new("T1", &refresh_token);
    client.select_tenant(&select).unwrap();
    let selected = TenantsRequest::selected(&refresh_token);
    assert_eq!(parsed(&client.tenants(&selected).unwrap()), tenants);
    let link = EmbeddedLinkRequest::new("ada")
        .custom_claims(r#"{"tier": "gold"}"#)
        .unwrap();
    let token = client.generate_embedded_link(&link).unwrap();
    let session = client.verify(&VerifyRequest::new(&token)).unwrap();
    let session = session.session().unwrap();
    assert_eq!(parsed(session.claims())["tier"], "gold");
    let again = client.verify(&VerifyRequest::new(&token)).unwrap_err();
    assert_eq!(again.error_code(), Some("E062504"));
}

#[test]
fn an_access_key_becomes_a_session_without_a_refresh_token() {
    let emulator = emulator();
    let client = client(&emulator);
    let key = json!({"name": "robot", "roleNames": ["reader"], "keyTenants": [{"tenantId": "T1"}]});
    let created = post(&emulator, "/v1/mgmt/accesskey/create", &key);
    let options = AccessKeyLoginOptions::new()
        .selected_tenant("T1")
        .custom_claims(r#"{"run": 7}"#)
        .unwrap();
    let request = ExchangeAccessKeyRequest::new(created["cleartext"].as_str().unwrap());
    let request = request.login_options(options);
    let signed_in = client.exchange_access_key(&request).unwrap();
    assert_eq!(signed_in.refresh_jwt(), None);
    let session = signed_in.session().unwrap();
    assert_eq!(session.user_id(), created["key"]["id"]);
    assert_eq!(session.roles(), ["reader"]);
    let claims = parsed(session.claims());
    assert_eq!((&claims["dct"], &claims["run"]), (&json!("T1"), &json!(7)));
    let validated = client.validate(&ValidateRequest::new(session.jwt()));
    assert_eq!(validated.unwrap().user_id(), session.user_id());
}

#[test]
fn an_exchange_for_another_audience_is_rejected() {
    let emulator = emulator();
    let created = post(
        &emulator,
        "/v1/mgmt/accesskey/create",
        &json!({"name": "robot"}),
    );
    let request = ExchangeAccessKeyRequest::new(created["cleartext"].as_str().unwrap());
    let error = client(&emulator)
        .exchange_access_key(&request.audience(["app"]))
        .unwrap_err();
    assert!(matches!(error, Error::Token(_)), "{error}");
}
