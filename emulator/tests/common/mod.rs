//! A running emulator with an HTTP client for tests: JSON in, status and JSON out, over a real socket.
#![allow(dead_code, reason = "each test program uses a part of this")]

pub(crate) mod raw;

use std::io::BufRead;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use descope_ml_emulator::{Emulator, Options};
use serde_json::{Value, json};
use ureq::http::Response;
use ureq::{Agent, Body};

/// The phone number of the user in most tests.
pub(crate) const PHONE: &str = "+14155550123";

/// The email address of the user in most tests.
pub(crate) const EMAIL: &str = "ada@example.com";

/// An emulator and a client for it.
///
/// `bearer` arguments are what follows the project ID in the `Authorization` header, with the colon.
pub(crate) struct TestEmulator {
    pub(crate) server: Emulator,
    client: Agent,
}

/// Starts an emulator with the default options.
pub(crate) fn start() -> TestEmulator {
    TestEmulator::start(Options::default())
}

/// Starts an emulator with only these users.
pub(crate) fn start_with_users(users: &Value) -> TestEmulator {
    let emulator = start();
    let (status, response) = emulator.put("/_emulator/state", &json!({"users": users}));
    assert_eq!(status, 200, "{response}");
    emulator
}

impl TestEmulator {
    pub(crate) fn start(options: Options) -> TestEmulator {
        let config = Agent::config_builder().http_status_as_error(false).build();
        TestEmulator {
            server: Emulator::start(options).unwrap(),
            client: config.into(),
        }
    }

    /// Starts an emulator that serves HTTPS, and a client that trusts its CA.
    pub(crate) fn start_tls(options: Options) -> TestEmulator {
        let server = Emulator::start(Options {
            tls: true,
            ..options
        })
        .unwrap();
        let pem = std::fs::read(server.ca_file().unwrap()).unwrap();
        let ca = ureq::tls::Certificate::from_pem(&pem).unwrap();
        let roots = ureq::tls::RootCerts::new_with_certs(&[ca]);
        let tls = ureq::tls::TlsConfig::builder().root_certs(roots).build();
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .tls_config(tls)
            .build();
        TestEmulator {
            server,
            client: config.into(),
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.base_url())
    }

    fn authorization(&self, bearer: &str) -> String {
        format!("Bearer {}{bearer}", self.server.project_id())
    }

    pub(crate) fn post(&self, path: &str, bearer: &str, body: &Value) -> (u16, Value) {
        self.post_text(path, bearer, &body.to_string())
    }

    pub(crate) fn post_text(&self, path: &str, bearer: &str, body: &str) -> (u16, Value) {
        read(self.send(path, bearer, body))
    }

    /// Posts to a path under `/v1/auth/magiclink/`.
    pub(crate) fn post_magic_link(&self, path: &str, bearer: &str, body: &Value) -> (u16, Value) {
        self.post(&format!("/v1/auth/magiclink/{path}"), bearer, body)
    }

    /// Posts a body. Returns the values of the `Set-Cookie` headers as well.
    pub(crate) fn post_and_read_cookies(
        &self,
        path: &str,
        bearer: &str,
        body: &Value,
    ) -> (u16, Value, Vec<String>) {
        let response = self.send(path, bearer, &body.to_string());
        let cookies = response.headers().get_all("set-cookie").iter();
        let cookies = cookies.map(|value| value.to_str().unwrap().to_owned());
        let cookies = cookies.collect();
        let (status, body) = read(response);
        (status, body, cookies)
    }

    fn send(&self, path: &str, bearer: &str, body: &str) -> Response<Body> {
        self.client
            .post(self.url(path))
            .header("authorization", self.authorization(bearer))
            .send(body)
            .unwrap()
    }

    pub(crate) fn get(&self, path: &str) -> (u16, Value) {
        read(self.client.get(self.url(path)).call().unwrap())
    }

    pub(crate) fn get_with_bearer(&self, path: &str, bearer: &str) -> (u16, Value) {
        let request = self.client.get(self.url(path));
        let request = request.header("authorization", self.authorization(bearer));
        read(request.call().unwrap())
    }

    pub(crate) fn put(&self, path: &str, body: &Value) -> (u16, Value) {
        read(
            self.client
                .put(self.url(path))
                .send(body.to_string())
                .unwrap(),
        )
    }

    pub(crate) fn patch(&self, path: &str, body: &Value) -> (u16, Value) {
        let request = self.client.patch(self.url(path));
        read(request.send(body.to_string()).unwrap())
    }

    /// Changes settings, which must be valid. Returns all settings.
    pub(crate) fn put_settings(&self, settings: &Value) -> Value {
        let (status, response) = self.put("/_emulator/settings", settings);
        assert_eq!(status, 200, "{response}");
        response
    }

    pub(crate) fn delete(&self, path: &str) -> (u16, Value) {
        read(self.client.delete(self.url(path)).call().unwrap())
    }

    pub(crate) fn delete_with_management_key(&self, path: &str) -> (u16, Value) {
        let bearer = format!(":{}", self.server.management_key());
        let request = self.client.delete(self.url(path));
        let request = request.header("authorization", self.authorization(&bearer));
        read(request.call().unwrap())
    }

    /// Gets a page. Returns its text and content type.
    pub(crate) fn get_page(&self, path: &str) -> (String, String) {
        let content_type = self.get_header(path, "content-type");
        let mut response = self.client.get(self.url(path)).call().unwrap();
        (response.body_mut().read_to_string().unwrap(), content_type)
    }

    /// A header of the response to a GET request.
    pub(crate) fn get_header(&self, path: &str, name: &str) -> String {
        let response = self.client.get(self.url(path)).call().unwrap();
        response.headers()[name].to_str().unwrap().to_owned()
    }

    /// The events of the inbox's event stream.
    pub(crate) fn events(&self) -> impl Iterator<Item = Value> {
        let url = self.url("/_emulator/messages/events");
        let body = self.client.get(url).call().unwrap().into_body();
        let lines = std::io::BufReader::new(body.into_reader()).lines();
        lines.filter_map(|line| {
            let line = line.unwrap();
            let data = line.strip_prefix("data: ")?;
            Some(serde_json::from_str(data).unwrap())
        })
    }

    /// Adds a fault.
    #[track_caller]
    pub(crate) fn add_fault(&self, fault: &Value) {
        let (status, response) = self.post("/_emulator/faults", "", fault);
        assert_eq!(status, 200, "{response}");
    }

    /// The recorded requests to a path.
    pub(crate) fn requests_to(&self, path: &str) -> Vec<Value> {
        let (status, mut seen) = self.get(&format!("/_emulator/requests?path={path}"));
        assert_eq!(status, 200, "{seen}");
        serde_json::from_value(seen["requests"].take()).unwrap()
    }

    /// Waits until this many requests to a path were received.
    pub(crate) fn wait_for_requests(&self, path: &str, count: usize) {
        while self.requests_to(path).len() < count {
            std::thread::yield_now();
        }
    }

    /// Signs a user up. Returns the token of the link that was sent.
    pub(crate) fn sign_up(&self, phone: &str) -> String {
        let body = json!({"loginId": phone, "phone": phone});
        let (status, response) = self.post_magic_link("signup/sms", "", &body);
        assert_eq!((status, response["maskedPhone"].is_string()), (200, true));
        self.newest_token(phone)
    }

    /// Requests a sign-in by SMS. `keys` are added to the body and replace the default login ID.
    pub(crate) fn sign_in(&self, keys: &Value) -> (u16, Value) {
        let mut body = json!({"loginId": PHONE});
        body.as_object_mut()
            .unwrap()
            .extend(keys.as_object().unwrap().clone());
        self.post_magic_link("signin/sms", "", &body)
    }

    /// Refreshes a session with a bearer.
    pub(crate) fn refresh(&self, bearer: &str) -> (u16, Value) {
        self.post("/v1/auth/refresh", bearer, &json!({}))
    }

    /// Moves the clock forward.
    pub(crate) fn advance(&self, by: &str) {
        let (status, response) = self.post("/_emulator/clock", "", &json!({"advance": by}));
        assert_eq!(status, 200, "{response}");
    }

    pub(crate) fn verify(&self, token: &str) -> (u16, Value) {
        self.post_magic_link("verify", "", &json!({"token": token}))
    }

    /// Verifies the newest link to an address. Returns the response.
    pub(crate) fn verify_newest(&self, address: &str) -> Value {
        let (status, response) = self.verify(&self.newest_token(address));
        assert_eq!(status, 200, "{response}");
        response
    }

    /// The newest token that was sent to an address.
    pub(crate) fn newest_token(&self, address: &str) -> String {
        self.server.messages(address)[0].token.clone()
    }

    /// The newest link that was sent to [`PHONE`].
    pub(crate) fn newest_link(&self) -> String {
        self.server.messages(PHONE)[0].link.clone()
    }
}

/// The refresh token of a response, as a bearer.
pub(crate) fn refresh_bearer(response: &Value) -> String {
    format!(":{}", response["refreshJwt"].as_str().unwrap())
}

/// The header (0) or the claims (1) of a token, whose signature is not checked.
pub(crate) fn jwt_part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// The claims of a token in a response, whose signature is not checked.
pub(crate) fn claims(token: &Value) -> Value {
    jwt_part(token.as_str().unwrap(), 1)
}

fn read(mut response: Response<Body>) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.body_mut().read_to_string().unwrap();
    (
        status,
        serde_json::from_str(&text).unwrap_or(Value::String(text)),
    )
}

/// Asserts that a response is an error document of the service with this status and code.
#[track_caller]
pub(crate) fn assert_api_error((status, body): (u16, Value), expected: u16, code: &str) {
    assert_eq!(
        (status, body["errorCode"].as_str()),
        (expected, Some(code)),
        "{body}"
    );
    assert!(body["errorDescription"].is_string() && body["errorMessage"].is_string());
}
