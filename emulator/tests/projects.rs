//! Several projects in one emulator, for tests that run in parallel.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::raw::RawConnection;
use common::{PHONE, TestEmulator, assert_api_error, claims, start};
use descope_ml_emulator::{Emulator, Options};
use serde_json::{Value, json};
use ureq::http::Response;
use ureq::{Agent, Body};

const KEYS: &str = "/v2/keys/P9";

fn start_any(options: Options) -> TestEmulator {
    TestEmulator::start(Options {
        any_project: true,
        ..options
    })
}

/// A client of one project.
struct Client<'a> {
    emulator: &'a TestEmulator,
    project: &'a str,
    agent: Agent,
}

impl<'a> Client<'a> {
    fn new(emulator: &'a TestEmulator, project: &'a str) -> Client<'a> {
        let config = Agent::config_builder().http_status_as_error(false).build();
        Client {
            emulator,
            project,
            agent: config.into(),
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.emulator.server.base_url())
    }

    /// Posts to the API.
    fn post(&self, path: &str, bearer: &str, body: &Value) -> (u16, Value) {
        let request = self.agent.post(self.url(path));
        let bearer = format!("Bearer {}{bearer}", self.project);
        let request = request.header("authorization", bearer);
        read(request.send(body.to_string()).unwrap())
    }

    /// Signs a user up. Returns the response to the verification of the link.
    fn sign_up(&self, phone: &str) -> Value {
        let body = json!({"loginId": phone, "phone": phone});
        let (status, response) = self.post("/v1/auth/magiclink/signup/sms", "", &body);
        assert_eq!(status, 200, "{response}");
        let (_, newest) = self.control("messages/latest?");
        let token = json!({"token": newest["token"]});
        self.post("/v1/auth/magiclink/verify", "", &token).1
    }

    /// Gets a control route of the project.
    fn control(&self, route: &str) -> (u16, Value) {
        let url = self.url(&format!("/_emulator/{route}&project={}", self.project));
        read(self.agent.get(url).call().unwrap())
    }

    /// Posts to a control route of the project.
    fn change(&self, route: &str, body: &Value) -> (u16, Value) {
        let url = self.url(&format!("/_emulator/{route}?project={}", self.project));
        read(self.agent.post(url).send(body.to_string()).unwrap())
    }
}

fn read(mut response: Response<Body>) -> (u16, Value) {
    let text = response.body_mut().read_to_string().unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    (response.status().as_u16(), body)
}

#[test]
fn projects_are_made_on_first_use_and_do_not_see_each_other() {
    let emulator = start_any(Options::default());
    let (one, other) = (Client::new(&emulator, "P1"), Client::new(&emulator, "P2"));
    let [first, second] = [&one, &other].map(|client| {
        let session = client.sign_up(PHONE);
        let claims = claims(&session["sessionJwt"]);
        assert_eq!(claims["iss"], json!(client.project));
        assert_eq!(session["firstSeen"], json!(true));
        session
    });
    assert_ne!(first["user"]["userId"], second["user"]["userId"]);
    assert!(emulator.server.messages(PHONE).is_empty());

    let bearer = format!(":{}", first["refreshJwt"].as_str().unwrap());
    assert_eq!(one.post("/v1/auth/refresh", &bearer, &json!({})).0, 200);
    let foreign = other.post("/v1/auth/refresh", &bearer, &json!({}));
    assert_api_error(foreign, 401, "E061005");
    let link = one.control("messages/latest?").1["token"].clone();
    let foreign = other.post("/v1/auth/magiclink/verify", "", &json!({"token": link}));
    assert_api_error(foreign, 401, "E062504");

    assert_eq!(one.change("reset", &json!({})).0, 200);
    assert_eq!(one.control("messages/latest?").0, 404);
    assert_eq!(other.control("messages/latest?").0, 200);
}

#[test]
fn each_project_has_its_own_clock_faults_requests_and_settings() {
    let emulator = start_any(Options {
        clock_offset: 3_600_000,
        session_ttl: Some(std::time::Duration::from_secs(300)),
        ..Options::default()
    });
    let (one, other) = (Client::new(&emulator, "P1"), Client::new(&emulator, "P2"));
    let fault = json!({"path": "/v1/auth/refresh", "status": 503});
    assert_eq!(one.change("faults", &fault).0, 200);
    assert_eq!(one.change("clock", &json!({"advance": "1h"})).0, 200);
    let refresh = |client: &Client<'_>| client.post("/v1/auth/refresh", "", &json!({})).0;
    assert_eq!((refresh(&one), refresh(&other)), (503, 401));
    let ahead = |client: &Client<'_>| client.control("clock?").1["ahead"].as_f64().unwrap();
    assert_eq!(
        (ahead(&one).round(), ahead(&other).round()),
        (7200.0, 3600.0)
    );
    for client in [&one, &other] {
        let (_, log) = client.control("requests?path=/v1/*");
        let requests = log["requests"].as_array().unwrap();
        assert_eq!(requests.len(), 1, "{log}");
        assert_eq!(requests[0]["bearer"]["projectId"], json!(client.project));
        let (_, settings) = client.control("settings?");
        let ttl = &settings["project_settings"]["session_token_expiration"];
        assert_eq!(ttl, &json!("5 minutes"));
    }
    assert!(emulator.requests_to("/v1/*").is_empty());
}

#[test]
fn the_bearer_the_path_or_a_header_names_the_project() {
    let emulator = start_any(Options::default());
    // The management key is the same in all projects.
    let key = format!(":{}", emulator.server.management_key());
    let client = Client::new(&emulator, "P9");
    let user = json!({"loginId": "ada"});
    assert_eq!(client.post("/v1/mgmt/user/create/test", &key, &user).0, 200);
    let (status, keys) = emulator.get(KEYS);
    assert_eq!(
        (status, keys["keys"].as_array().map(Vec::len)),
        (200, Some(1))
    );
    let state = client.url("/_emulator/state");
    let request = client
        .agent
        .get(&state)
        .header("x-descope-project-id", "P9");
    let (_, named) = read(request.call().unwrap());
    assert_eq!(named["users"][0]["loginIds"], json!(["ada"]));
    let request = client
        .agent
        .get(&state)
        .header("authorization", "Bearer P9");
    assert_eq!(read(request.call().unwrap()).1, named);
    assert_eq!(emulator.get("/_emulator/state").1["users"], json!([]));
    let (page, _) = emulator.get_page("/?project=P9");
    assert!(page.contains("P9"), "{page}");
}

#[test]
fn a_project_id_that_cannot_be_one_is_rejected() {
    let emulator = start_any(Options::default());
    let client = Client::new(&emulator, "P 1");
    let refused = client.post("/v1/auth/refresh", "", &json!({}));
    assert_api_error(refused, 401, "E071001");
    let (status, refused) = emulator.get("/_emulator/state?project=P%3A1");
    let problem = refused["error"].as_str().unwrap();
    assert!(
        status == 401 && problem.contains("may contain only"),
        "{problem}"
    );
}

/// How many created projects are kept.
const MAX_PROJECTS: usize = 1000;

#[test]
fn web_pages_and_reads_do_not_remove_the_projects_of_tests() {
    let emulator = start_any(Options::default());
    let mine = Client::new(&emulator, "P1");
    mine.sign_up(PHONE);
    let mut page = RawConnection::open(&emulator.server);
    for number in 0..=MAX_PROJECTS {
        let path = format!("/_emulator/reset?project=x{number}");
        let origin = [("Origin", "https://evil.example")];
        let (head, _) = page.send_with_headers("POST", &path, &origin);
        assert!(head.starts_with("http/1.1 403 "), "{head}");
        let path = format!("/_emulator/messages?project=x{number}");
        assert!(page.get(&path).0.starts_with("http/1.1 200 "));
    }
    let (_, state) = mine.control("state?");
    assert_eq!(state["users"][0]["phone"], json!(PHONE));
}

#[test]
fn beyond_the_limit_the_project_that_was_not_used_for_the_longest_time_is_removed() {
    let emulator = start_any(Options::default());
    let (used, unused) = (Client::new(&emulator, "P1"), Client::new(&emulator, "P2"));
    for client in [&used, &unused] {
        client.sign_up(PHONE);
    }
    let create = |number: usize| {
        let another = Client {
            project: &format!("x{number}"),
            emulator: &emulator,
            agent: used.agent.clone(),
        };
        assert_eq!(another.change("reset", &json!({})).0, 200);
    };
    (2..MAX_PROJECTS).for_each(create);
    assert_eq!(used.control("messages/latest?").0, 200);
    create(MAX_PROJECTS);
    assert_eq!(used.control("messages/latest?").0, 200);
    assert_eq!(unused.control("messages/latest?").0, 404);
    assert_eq!(unused.sign_up(PHONE)["firstSeen"], json!(true));
}

#[test]
fn a_read_can_wait_for_the_first_message_of_a_new_project() {
    let emulator = start_any(Options::default());
    let client = Client::new(&emulator, "P1");
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| client.control("messages/latest?wait=60s"));
        client.sign_up(PHONE);
        let (status, message) = waiting.join().unwrap();
        assert_eq!((status, &message["to"]), (200, &json!(PHONE)));
    });
}

#[test]
fn a_page_that_is_refused_learns_nothing_about_projects() {
    for any_project in [false, true] {
        let emulator = TestEmulator::start(Options {
            any_project,
            ..Options::default()
        });
        for project in ["P9", "P%3A1"] {
            let path = format!("/_emulator/state?project={project}");
            for header in [("Origin", "https://evil.example"), ("Host", "evil.example")] {
                let mut page = RawConnection::open(&emulator.server);
                let (head, _) = page.send_with_headers("GET", &path, &[header]);
                assert!(head.starts_with("http/1.1 403 "), "{head}");
            }
        }
    }
}

#[test]
fn without_the_flag_there_is_one_project() {
    let emulator = start();
    let own = emulator.server.project_id();
    let (status, state) = emulator.get(&format!("/_emulator/state?project={own}"));
    assert_eq!((status, state), emulator.get("/_emulator/state"));
    let (status, refused) = emulator.get("/_emulator/state?project=P9");
    let problem = refused["error"].as_str().unwrap();
    assert!(
        status == 401 && problem.contains("--any-project"),
        "{problem}"
    );
    assert_eq!(emulator.get(KEYS).0, 401);
}

#[test]
fn it_cannot_be_combined_with_a_state_file() {
    let options = Options {
        any_project: true,
        state: Some("state.json".into()),
        ..Options::default()
    };
    let problem = Emulator::start(options).unwrap_err().to_string();
    assert!(problem.contains("--any-project cannot be combined with --state"));
}
