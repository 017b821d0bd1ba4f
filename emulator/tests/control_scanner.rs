//! The control route for the scanner.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};

use common::{EMAIL, PHONE, TestEmulator, start};
use descope_ml_emulator::Options;
use serde_json::{Value, json};

/// An application on this machine: it records the first lines of requests, and responds with the head of
/// the path, or with 200.
struct Site {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Site {
    fn start(heads: &[(&'static str, &'static str)]) -> Site {
        let heads: HashMap<_, _> = heads.iter().copied().collect();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests: Arc<Mutex<Vec<String>>> = Arc::default();
        let log = requests.clone();
        // The thread ends with the test program.
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                serve(&stream.unwrap(), &heads, &log);
            }
        });
        Site { url, requests }
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn serve(mut stream: &TcpStream, heads: &HashMap<&str, &str>, log: &Mutex<Vec<String>>) {
    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    let request = lines.next().unwrap();
    assert!(lines.any(|line| line.is_empty()), "{request}");
    let path = request.split([' ', '?']).nth(1).unwrap();
    let head = heads.get(path).unwrap_or(&"200 OK\r\n");
    log.lock().unwrap().push(request);
    write!(stream, "HTTP/1.1 {head}Connection: close\r\n\r\n").unwrap();
}

#[track_caller]
fn turn_on(emulator: &TestEmulator, spec: &Value) {
    let (status, response) = emulator.put("/_emulator/scanner", spec);
    assert_eq!(status, 200, "{response}");
}

/// The fetches, when none is pending any more.
fn fetches(emulator: &TestEmulator) -> Vec<Value> {
    let (status, response) = emulator.get("/_emulator/scanner?wait=30s");
    assert_eq!(status, 200, "{response}");
    response["fetches"].as_array().unwrap().clone()
}

fn sign_up(emulator: &TestEmulator, redirect_url: &str) -> String {
    let body = json!({"loginId": PHONE, "phone": PHONE, "redirectUrl": redirect_url});
    let (status, response) = emulator.post_magic_link("signup-in/sms", "", &body);
    assert_eq!(status, 200, "{response}");
    emulator.newest_token(PHONE)
}

#[test]
fn the_links_of_all_channels_are_fetched_with_each_method() {
    let (emulator, site) = (start(), Site::start(&[]));
    turn_on(
        &emulator,
        &json!({"methods": ["HEAD", "GET"], "delay": "1ms"}),
    );
    let url = format!("{}/verify?next=/me", site.url);
    for (path, address) in [("email", EMAIL), ("sms", PHONE), ("whatsapp", PHONE)] {
        let body = json!({"loginId": address, "redirectUrl": url});
        let path = format!("signup-in/{path}");
        assert_eq!(emulator.post_magic_link(&path, "", &body).0, 200);
        let found = fetches(&emulator);
        let [head, get] = &found[found.len() - 2..] else {
            panic!("{found:?}");
        };
        let shown = format!("{}/verify?next=<redacted>&t=<redacted>", site.url);
        for (fetch, method) in [(head, "HEAD"), (get, "GET")] {
            assert_eq!(
                *fetch,
                json!({
                    "channel": path.strip_prefix("signup-in/"), "method": method, "url": shown,
                    "state": "fetched", "status": 200, "location": null, "error": null,
                })
            );
        }
        let token = emulator.newest_token(address);
        let target = format!("/verify?next=/me&t={token} HTTP/1.1");
        let requests = site.requests();
        let expected = [format!("HEAD {target}"), format!("GET {target}")];
        assert_eq!(requests[requests.len() - 2..], expected);
        // A fetch spends nothing by itself.
        assert_eq!(emulator.verify(&token).0, 200);
    }
}

/// The connections of a server that responds to none until it may.
#[derive(Default)]
struct Connections {
    /// How many are open, the largest number so far, and whether the server responds.
    state: Mutex<(usize, usize, bool)>,
    changed: Condvar,
}

impl Connections {
    fn serve(&self, mut stream: &TcpStream) {
        let mut state = self.state.lock().unwrap();
        state.0 += 1;
        state.1 = state.1.max(state.0);
        self.changed.notify_all();
        let mut state = self.changed.wait_while(state, |it| !it.2).unwrap();
        state.0 -= 1;
        drop(state);
        // Also reads the request: else the response could be lost.
        let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
        assert!(lines.any(|line| line.is_empty()));
        stream
            .write_all(b"HTTP/1.1 204 No Content\r\n\r\n")
            .unwrap();
    }
}

#[test]
fn at_most_16_links_are_fetched_at_the_same_time() {
    let emulator = start();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let connections: Arc<Connections> = Arc::default();
    let accepted = connections.clone();
    // The threads end with the test program.
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (stream, connections) = (stream.unwrap(), accepted.clone());
            std::thread::spawn(move || connections.serve(&stream));
        }
    });
    turn_on(&emulator, &json!({"methods": ["GET"]}));
    for _ in 0..40 {
        sign_up(&emulator, &url);
    }
    let state = connections.state.lock().unwrap();
    let mut state = connections
        .changed
        .wait_while(state, |it| it.0 < 16)
        .unwrap();
    state.2 = true;
    connections.changed.notify_all();
    drop(state);
    let found = fetches(&emulator);
    let statuses: Vec<_> = found.iter().map(|fetch| &fetch["status"]).collect();
    assert_eq!(statuses, [&json!(204); 40]);
    assert_eq!(connections.state.lock().unwrap().1, 16);
}

#[test]
fn at_most_1000_links_wait_to_be_fetched() {
    let emulator = start();
    turn_on(&emulator, &json!({"methods": ["GET"], "delay": "1h"}));
    for _ in 0..1001 {
        sign_up(&emulator, "http://127.0.0.1/verify");
    }
    let (_, scanner) = emulator.get("/_emulator/scanner");
    let found = scanner["fetches"].as_array().unwrap();
    let states = found.iter().map(|fetch| fetch["state"].as_str().unwrap());
    assert_eq!(states.filter(|state| *state == "pending").count(), 999);
    let last = found.last().unwrap();
    assert_eq!(
        (&last["state"], &last["error"]),
        (
            &json!("not_fetched"),
            &json!("too many links are waiting to be fetched")
        )
    );
}

#[test]
fn links_to_other_hosts_are_listed_and_not_fetched() {
    let emulator = start();
    turn_on(&emulator, &json!({"methods": ["GET"]}));
    for (url, expected_text) in [
        ("https://app.example.com/verify", "not this machine"),
        ("http://127.0.0.1.example.com/verify", "not this machine"),
        ("myapp://open/verify", "not an http or https URL"),
    ] {
        let token = sign_up(&emulator, url);
        let fetch = fetches(&emulator).pop().unwrap();
        assert_eq!(
            (&fetch["state"], &fetch["status"]),
            (&json!("not_fetched"), &Value::Null)
        );
        assert_eq!(fetch["url"], json!(format!("{url}?t=<redacted>")));
        assert!(
            fetch["error"].as_str().unwrap().contains(expected_text),
            "{fetch}"
        );
        assert!(!fetch.to_string().contains(&token), "{fetch}");
    }
}

#[test]
fn redirects_are_followed_on_this_machine_only_and_not_forever() {
    let emulator = start();
    let site = Site::start(&[
        (
            "/out",
            "302 Found\r\nLocation: https://app.example.com/x?jwt=secret\r\n",
        ),
        (
            "/in",
            "103 Early Hints\r\n\r\nHTTP/1.1 303 See Other\r\nLocation: /page\r\n",
        ),
        ("/loop", "307 Temporary Redirect\r\nLocation: /loop\r\n"),
        ("/no", "200 OK\r\nLocation: /page\r\n"),
    ]);
    let scan = |path: &str| {
        turn_on(&emulator, &json!({"methods": ["GET"]}));
        sign_up(&emulator, &format!("{}{path}", site.url));
        let found = fetches(&emulator);
        let get = |fetch: &Value, key: &str| fetch[key].as_str().unwrap_or_default().to_owned();
        let row = |one: &Value| {
            let parts = [get(one, "state"), get(one, "url"), get(one, "location")];
            parts.join(" ").replace(&site.url, "")
        };
        found.iter().map(row).collect::<Vec<_>>()
    };
    assert_eq!(
        scan("/out"),
        [
            "fetched /out?t=<redacted> https://app.example.com/x?jwt=<redacted>",
            "not_fetched https://app.example.com/x?jwt=<redacted> ",
        ]
    );
    assert_eq!(
        scan("/in"),
        ["fetched /in?t=<redacted> /page", "fetched /page "]
    );
    assert_eq!(scan("/no"), ["fetched /no?t=<redacted> "]);
    assert_eq!(scan("/loop").len(), 6);
}

#[test]
fn a_fetch_without_a_response_says_why() {
    let emulator = start();
    let unused = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = unused.local_addr().unwrap().port();
    drop(unused);
    let site = Site::start(&[("/garbage", "\u{1}\r\n")]);
    turn_on(&emulator, &json!({"methods": ["GET"]}));
    for (url, expected_text) in [
        (format!("http://127.0.0.1:{port}/"), "connection refused"),
        (format!("{}/garbage", site.url), "not HTTP/1.1"),
    ] {
        sign_up(&emulator, &url);
        let fetch = fetches(&emulator).pop().unwrap();
        assert_eq!(fetch["state"], json!("failed"));
        assert!(
            fetch["error"].as_str().unwrap().contains(expected_text),
            "{fetch}"
        );
    }
}

#[test]
fn the_emulators_own_page_is_fetched_over_http_and_https() {
    let http = start();
    turn_on(&http, &json!({"methods": ["HEAD", "GET"]}));
    http.sign_up(PHONE);
    assert!(fetches(&http).iter().all(|fetch| fetch["status"] == 200));

    let https = TestEmulator::start_tls(Options::default());
    turn_on(&https, &json!({"methods": ["GET"]}));
    https.sign_up(PHONE);
    let fetch = fetches(&https).pop().unwrap();
    assert_eq!(fetch["status"], json!(200), "{fetch}");
}

#[test]
fn the_scanner_is_off_at_the_start_and_after_delete_and_reset() {
    let off = json!({"methods": [], "delay": "0s", "fetches": []});
    let emulator = start();
    assert_eq!(emulator.get("/_emulator/scanner").1, off);
    for path in ["/_emulator/scanner", "/_emulator/reset"] {
        turn_on(&emulator, &json!({"methods": ["GET"], "delay": "1h"}));
        sign_up(&emulator, "http://127.0.0.1/verify");
        let (_, scanner) = emulator.get("/_emulator/scanner?wait=1ms");
        assert_eq!(
            (&scanner["delay"], &scanner["fetches"][0]["state"]),
            (&json!("3600s"), &json!("pending"))
        );
        let (status, _) = match path {
            "/_emulator/scanner" => emulator.delete(path),
            _ => emulator.post(path, "", &json!({})),
        };
        assert_eq!(status, 200);
        assert_eq!(emulator.get("/_emulator/scanner?wait=30s").1, off);
    }
}

#[test]
fn invalid_settings_get_400_with_advice_and_change_nothing() {
    let emulator = start();
    turn_on(&emulator, &json!({"methods": ["GET"], "delay": "5ms"}));
    for (invalid, expected_text) in [
        (json!({}), "missing field `methods`"),
        (json!({"methods": "GET"}), "invalid type"),
        (json!({"methods": []}), "send DELETE"),
        (json!({"methods": vec!["GET"; 11]}), "1 to 10"),
        (json!({"methods": ["POST"]}), "`POST` is not HEAD or GET"),
        (json!({"methods": ["get"]}), "`get` is not HEAD or GET"),
        (
            json!({"methods": ["GET"], "delay": "soon"}),
            "`delay`: a duration is",
        ),
        (json!({"methods": ["GET"], "delay": "2h"}), "at most 1h"),
        (
            json!({"methods": ["GET"], "hosts": []}),
            "unknown field `hosts`",
        ),
    ] {
        let (status, response) = emulator.put("/_emulator/scanner", &invalid);
        let error = response["error"].as_str().unwrap_or_default();
        assert!(
            status == 400 && error.contains(expected_text),
            "{invalid}: {response}"
        );
    }
    let (_, scanner) = emulator.get("/_emulator/scanner");
    let unchanged = json!({"methods": ["GET"], "delay": "5ms", "fetches": []});
    assert_eq!(scanner, unchanged);
    for path in [
        "/_emulator/scanner?wait=soon",
        "/_emulator/scanner?waits=1s",
    ] {
        assert_eq!(emulator.get(path).0, 400, "{path}");
    }
    assert_eq!(emulator.post("/_emulator/scanner", "", &json!({})).0, 405);
}
