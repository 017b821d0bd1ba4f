//! A client of the emulator for its tests: JSON in, status and JSON out, over a real socket.
#![allow(dead_code, reason = "each test program uses its own part")]

use std::io::BufRead;

use descope_ml_emulator::{Emulator, Options};
use serde_json::{Value, json};
use ureq::Agent;

/// A phone number that nobody has.
pub(crate) const PHONE: &str = "+14155550123";

/// An emulator with an agent that asks it.
pub(crate) struct Local {
    pub(crate) emulator: Emulator,
    agent: Agent,
}

impl Local {
    pub(crate) fn start(options: Options) -> Local {
        let config = Agent::config_builder().http_status_as_error(false).build();
        Local {
            emulator: Emulator::start(options).unwrap(),
            agent: config.into(),
        }
    }

    /// Posts a body with the bearer `<project ID><after>`.
    pub(crate) fn post(&self, path: &str, after: &str, body: &Value) -> (u16, Value) {
        self.post_text(path, after, &body.to_string())
    }

    pub(crate) fn post_text(&self, path: &str, after: &str, body: &str) -> (u16, Value) {
        let bearer = format!("Bearer {}{after}", self.emulator.project_id());
        let url = format!("{}{path}", self.emulator.base_url());
        let request = self.agent.post(url).header("authorization", bearer);
        answer(request.send(body).unwrap())
    }

    /// Posts a body; the values of the answer's `Set-Cookie` headers as well.
    pub(crate) fn post_for_cookies(
        &self,
        path: &str,
        after: &str,
        body: &Value,
    ) -> (u16, Value, Vec<String>) {
        let bearer = format!("Bearer {}{after}", self.emulator.project_id());
        let url = format!("{}{path}", self.emulator.base_url());
        let request = self.agent.post(url).header("authorization", bearer);
        let response = request.send(body.to_string()).unwrap();
        let cookies = response.headers().get_all("set-cookie").iter();
        let cookies = cookies.map(|value| value.to_str().unwrap().to_owned());
        let cookies = cookies.collect();
        let (status, body) = answer(response);
        (status, body, cookies)
    }

    /// Gets a path of the API with the bearer `<project ID><after>`.
    pub(crate) fn get_as(&self, path: &str, after: &str) -> (u16, Value) {
        let bearer = format!("Bearer {}{after}", self.emulator.project_id());
        let url = format!("{}{path}", self.emulator.base_url());
        answer(
            self.agent
                .get(url)
                .header("authorization", bearer)
                .call()
                .unwrap(),
        )
    }

    /// Deletes at a path of the API with the management key.
    pub(crate) fn delete_as_manager(&self, path: &str) -> (u16, Value) {
        let project = self.emulator.project_id();
        let bearer = format!("Bearer {project}:{}", self.emulator.management_key());
        let url = format!("{}{path}", self.emulator.base_url());
        answer(
            self.agent
                .delete(url)
                .header("authorization", bearer)
                .call()
                .unwrap(),
        )
    }

    pub(crate) fn get(&self, path: &str) -> (u16, Value) {
        answer(
            self.agent
                .get(format!("{}{path}", self.emulator.base_url()))
                .call()
                .unwrap(),
        )
    }

    pub(crate) fn put(&self, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}{path}", self.emulator.base_url());
        answer(self.agent.put(url).send(body.to_string()).unwrap())
    }

    pub(crate) fn delete(&self, path: &str) -> (u16, Value) {
        let url = format!("{}{path}", self.emulator.base_url());
        answer(self.agent.delete(url).call().unwrap())
    }

    /// A page, and its content type.
    pub(crate) fn page(&self, path: &str) -> (String, String) {
        let url = format!("{}{path}", self.emulator.base_url());
        let mut answer = self.agent.get(url).call().unwrap();
        let kind = answer.headers()["content-type"]
            .to_str()
            .unwrap()
            .to_owned();
        (answer.body_mut().read_to_string().unwrap(), kind)
    }

    /// A header of the answer to a GET.
    pub(crate) fn header(&self, path: &str, name: &str) -> String {
        let url = format!("{}{path}", self.emulator.base_url());
        let answer = self.agent.get(url).call().unwrap();
        answer.headers()[name].to_str().unwrap().to_owned()
    }

    /// What the inbox's event stream says, event by event.
    pub(crate) fn events(&self) -> impl Iterator<Item = Value> {
        let url = format!("{}/_emulator/messages/events", self.emulator.base_url());
        let body = self.agent.get(url).call().unwrap().into_body();
        let lines = std::io::BufReader::new(body.into_reader()).lines();
        lines.filter_map(|line| {
            let line = line.unwrap();
            let data = line.strip_prefix("data: ")?;
            Some(serde_json::from_str(data).unwrap())
        })
    }

    /// Signs a user up, and returns the token that was sent.
    pub(crate) fn sign_up(&self, phone: &str) -> String {
        let body = json!({"loginId": phone, "phone": phone});
        let (status, answer) = self.post("/v1/auth/magiclink/signup/sms", "", &body);
        assert_eq!((status, answer["maskedPhone"].is_string()), (200, true));
        self.newest(phone)
    }

    /// Asks for a sign-in with these keys beside the login ID.
    pub(crate) fn sign_in(&self, keys: &Value) -> (u16, Value) {
        let mut body = json!({"loginId": PHONE});
        body.as_object_mut()
            .unwrap()
            .extend(keys.as_object().unwrap().clone());
        self.post("/v1/auth/magiclink/signin/sms", "", &body)
    }

    pub(crate) fn verify(&self, token: &str) -> (u16, Value) {
        self.post("/v1/auth/magiclink/verify", "", &json!({"token": token}))
    }

    /// The newest token that was sent to a number.
    pub(crate) fn newest(&self, phone: &str) -> String {
        self.emulator.messages(phone)[0].token.clone()
    }

    /// The newest link that was sent to [`PHONE`].
    pub(crate) fn link(&self) -> String {
        self.emulator.messages(PHONE)[0].link.clone()
    }
}

fn answer(mut response: ureq::http::Response<ureq::Body>) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.body_mut().read_to_string().unwrap();
    (
        status,
        serde_json::from_str(&text).unwrap_or(Value::String(text)),
    )
}

/// Asserts a refusal with this status and code, in the service's shape.
#[track_caller]
pub(crate) fn assert_refused((status, body): (u16, Value), expected: u16, code: &str) {
    assert_eq!(
        (status, body["errorCode"].as_str()),
        (expected, Some(code)),
        "{body}"
    );
    assert!(body["errorDescription"].is_string() && body["errorMessage"].is_string());
}
