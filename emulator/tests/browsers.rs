//! What web pages may do: call the API from any origin, keep the refresh token in a cookie, and nothing else.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::raw::{RawConnection, header};
use common::{PHONE, TestEmulator, assert_api_error, refresh_bearer, start};
use descope_ml_emulator::Options;
use serde_json::{Value, json};

/// The page of an application that is being developed.
const PAGE: &str = "http://localhost:5173";

const REFRESH: &str = "/v1/auth/refresh";

fn open(emulator: &TestEmulator) -> RawConnection {
    RawConnection::open(&emulator.server)
}

/// The status in the head of a response.
fn status(head: &str) -> u16 {
    head.split(' ').nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_page_may_send_any_header_to_the_api() {
    let emulator = start();
    let asked = "authorization,content-type,x-descope-project-id,x-descope-new-header";
    let (head, body) = open(&emulator).send_with_headers(
        "OPTIONS",
        "/v1/auth/magiclink/signin/sms",
        &[
            ("Origin", PAGE),
            ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", asked),
        ],
    );
    assert_eq!((status(&head), body.as_str()), (204, ""), "{head}");
    for (name, value) in [
        ("access-control-allow-origin", PAGE),
        ("access-control-allow-credentials", "true"),
        ("access-control-allow-headers", asked),
        (
            "access-control-allow-methods",
            "get, post, put, patch, delete",
        ),
        ("vary", "origin"),
    ] {
        assert_eq!(header(&head, name), Some(value), "{head}");
    }
}

#[test]
fn a_preflight_request_is_not_recorded_and_meets_no_fault() {
    let emulator = start();
    emulator.add_fault(&json!({"path": REFRESH, "status": 503, "times": 1}));
    let preflight = [("Origin", PAGE), ("Access-Control-Request-Method", "POST")];
    let (head, _) = open(&emulator).send_with_headers("OPTIONS", REFRESH, &preflight);
    assert_eq!(status(&head), 204);
    assert!(emulator.requests_to(REFRESH).is_empty());
    assert_eq!(emulator.refresh("").0, 503);
}

#[test]
fn a_page_may_read_every_response_of_the_api() {
    let emulator = start();
    emulator
        .add_fault(&json!({"path": "/v1/auth/me", "status": 429, "headers": {"Retry-After": "7"}}));
    for (path, expected) in [
        ("/v1/auth/me", 429),
        ("/v1/auth/me/history", 401),
        ("/v1/unknown", 404),
    ] {
        let (head, _) = open(&emulator).send_with_headers("GET", path, &[("Origin", PAGE)]);
        assert_eq!(status(&head), expected);
        for (name, value) in [
            ("access-control-allow-origin", PAGE),
            ("access-control-allow-credentials", "true"),
            ("access-control-expose-headers", "retry-after"),
            ("vary", "origin"),
        ] {
            assert_eq!(header(&head, name), Some(value), "{head}");
        }
    }
    let (head, _) = open(&emulator).get("/v1/auth/me");
    assert_eq!(header(&head, "access-control-allow-origin"), None);
}

#[test]
fn other_pages_can_neither_read_nor_change_anything_outside_the_api() {
    let emulator = start();
    emulator.sign_up(PHONE);
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/_emulator/messages"),
        ("GET", "/_emulator/messages/events"),
        ("POST", "/_emulator/reset"),
        ("OPTIONS", "/_emulator/reset"),
        ("DELETE", "/_emulator/unknown"),
    ] {
        for origin in [PAGE, "https://evil.example", "null", "", "http://"] {
            let headers = [
                ("Origin", origin),
                ("Access-Control-Request-Method", "POST"),
            ];
            let (head, body) = open(&emulator).send_with_headers(method, path, &headers);
            assert_eq!(status(&head), 403, "{method} {path} {origin}");
            assert!(body.contains("not for web pages"), "{body}");
            assert!(!head.contains("access-control-"), "{head}");
        }
    }
    assert_eq!(emulator.server.messages(PHONE).len(), 1);
}

/// What a browser says of a request: whether it comes from another site, and what it is for.
fn fetch_headers(site: &'static str, mode: &'static str) -> [(&'static str, &'static str); 2] {
    [("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", mode)]
}

#[test]
fn images_and_frames_of_other_pages_get_no_response_that_takes_longer_if_a_message_arrives() {
    let emulator = start();
    emulator.sign_up(PHONE);
    for path in [
        "/_emulator/messages?to=nobody&wait=60s",
        "/_emulator/messages/latest?to=nobody&wait=60s",
        "/_emulator/messages/events",
        "/_emulator/scanner?wait=60s",
        "/_emulator/inbox.svg",
    ] {
        for site in ["cross-site", "same-site", "unknown", ""] {
            for mode in ["no-cors", "navigate"] {
                let headers = fetch_headers(site, mode);
                let (head, body) = open(&emulator).send_with_headers("GET", path, &headers);
                assert_eq!(status(&head), 403, "{path} {headers:?}");
                assert!(body.contains("not for web pages"), "{body}");
            }
        }
    }
    for path in ["/", "/_emulator/landing?t=abc"] {
        for (method, mode) in [("GET", "no-cors"), ("GET", ""), ("POST", "navigate")] {
            let headers = fetch_headers("cross-site", mode);
            let (head, _) = open(&emulator).send_with_headers(method, path, &headers);
            assert_eq!(status(&head), 403, "{method} {path} {mode}");
        }
    }
}

#[test]
fn links_of_other_pages_may_lead_to_the_inbox_and_to_the_landing_page() {
    let emulator = start();
    for path in ["/", "/_emulator/landing?t=abc"] {
        for site in ["cross-site", "same-site", "same-origin", "none"] {
            let headers = fetch_headers(site, "navigate");
            let (head, _) = open(&emulator).send_with_headers("GET", path, &headers);
            assert_eq!(status(&head), 200, "{path} {site}");
        }
    }
}

#[test]
fn the_inbox_and_what_a_user_types_may_read_the_control_routes() {
    let emulator = start();
    // Node sends the mode alone.
    let node = vec![("Sec-Fetch-Mode", "cors")];
    let own_page = fetch_headers("same-origin", "cors").to_vec();
    let typed = fetch_headers("none", "navigate").to_vec();
    for headers in [vec![], node, own_page, typed] {
        for path in ["/_emulator/messages", "/_emulator/inbox.js"] {
            let (head, _) = open(&emulator).send_with_headers("GET", path, &headers);
            assert_eq!(status(&head), 200, "{path} {headers:?}");
        }
    }
}

#[test]
fn a_name_that_is_not_the_emulators_is_refused_outside_the_api() {
    let emulator = start();
    for host in [
        "evil.example",
        "evil.example:8080",
        "localhost.evil.example",
        "notlocalhost",
        "10.0.2.2",
        "",
        "a b",
    ] {
        for path in ["/", "/_emulator/messages", "/_emulator/inbox.js"] {
            let (head, body) = open(&emulator).send_with_headers("GET", path, &[("Host", host)]);
            assert_eq!(status(&head), 403, "{host}");
            assert!(body.contains("--allow-host"), "{body}");
        }
    }
    let rebound = [("Host", "evil.example"), ("Origin", "http://evil.example")];
    let (head, body) = open(&emulator).send_with_headers("POST", "/_emulator/reset", &rebound);
    assert_eq!(status(&head), 403);
    assert!(body.contains("start the emulator with --allow-host evil.example"));
    let target = "http://evil.example/_emulator/messages";
    let (head, _) = open(&emulator).send_with_headers("GET", target, &[]);
    assert_eq!(status(&head), 403);
    // The health check of a container, and the API.
    let elsewhere = [("Host", "emulator:8080")];
    let (head, _) = open(&emulator).send_with_headers("GET", "/healthz", &elsewhere);
    assert_eq!(status(&head), 200);
    let keys = format!("/v2/keys/{}", emulator.server.project_id());
    let (head, _) = open(&emulator).send_with_headers("GET", &keys, &elsewhere);
    assert_eq!(status(&head), 200);
}

#[test]
fn its_own_page_and_programs_on_this_machine_may_use_the_control_routes() {
    let emulator = start();
    for host in [
        "localhost",
        "LOCALHOST:9999",
        "127.0.0.1:8080",
        "127.9.9.9",
        "[::1]:8080",
        "inbox.localhost",
    ] {
        let origin = format!("http://{host}");
        for headers in [
            vec![("Host", host)],
            vec![("Host", host), ("Origin", &origin)],
        ] {
            let (head, _) = open(&emulator).send_with_headers("POST", "/_emulator/reset", &headers);
            assert_eq!(status(&head), 200, "{headers:?}");
        }
    }
}

#[test]
fn more_names_can_be_allowed() {
    let emulator = TestEmulator::start(Options {
        allowed_hosts: ["Emulator", "10.0.2.2"].map(str::to_owned).to_vec(),
        ..Options::default()
    });
    for (host, origin, expected) in [
        ("emulator:8080", "http://emulator:8080", 200),
        ("10.0.2.2", "http://10.0.2.2", 200),
        ("emulator:8080", "http://emulator:9090", 403),
        ("other", "http://other", 403),
    ] {
        let headers = [("Host", host), ("Origin", origin)];
        let (head, _) = open(&emulator).send_with_headers("GET", "/_emulator/messages", &headers);
        assert_eq!(status(&head), expected, "{host}");
    }
}

#[test]
fn an_emulator_that_other_machines_can_reach_answers_to_every_address() {
    let emulator = TestEmulator::start(Options {
        host: Some("0.0.0.0".parse().unwrap()),
        ..Options::default()
    });
    for (host, expected) in [
        ("192.168.1.5:8080", 200),
        ("[2001:db8::1]", 200),
        ("emulator:8080", 403),
    ] {
        let headers = [("Host", host)];
        let (head, _) = open(&emulator).send_with_headers("GET", "/_emulator/messages", &headers);
        assert_eq!(status(&head), expected, "{host}");
    }
}

/// A session whose tokens are in cookies with these names, as the header that a browser sends.
fn sign_up_with_cookies(emulator: &TestEmulator, refresh_cookie: &str) -> String {
    emulator.put_settings(&json!({
        "project_settings": {"refresh_token_response_method": "cookies"},
        "emulator": {"refresh_token_cookie_name": refresh_cookie},
    }));
    let request = json!({"token": emulator.sign_up(PHONE)});
    let path = "/v1/auth/magiclink/verify";
    let (status, response, cookies) = emulator.post_and_read_cookies(path, "", &request);
    assert_eq!((status, &response["refreshJwt"]), (200, &json!("")));
    cookies[0].split(';').next().unwrap().to_owned()
}

/// Sends a request as a browser does in cookie mode: the bearer is the project ID.
fn send(
    emulator: &TestEmulator,
    (method, path): (&str, &str),
    headers: &[(&str, &str)],
) -> (u16, Value) {
    let bearer = format!("Bearer {}", emulator.server.project_id());
    let headers: Vec<_> = [("Authorization", bearer.as_str())]
        .into_iter()
        .chain(headers.iter().copied())
        .collect();
    let (head, body) = open(emulator).send_with_headers(method, path, &headers);
    (status(&head), serde_json::from_str(&body).unwrap())
}

#[test]
fn without_a_token_in_the_bearer_the_one_in_the_cookie_counts() {
    let emulator = start();
    let cookie = sign_up_with_cookies(&emulator, "DSR");
    let headers = [("Cookie", &*format!("theme=dark; {cookie}"))];
    let (code, refreshed) = send(&emulator, ("POST", REFRESH), &headers);
    assert_eq!(
        (code, refreshed["user"]["phone"].as_str()),
        (200, Some(PHONE))
    );
    let (code, refreshed) = send(&emulator, ("POST", "/v1/auth/try-refresh"), &headers);
    assert_eq!((code, refreshed["sessionJwt"].is_string()), (200, true));
    let (code, user) = send(&emulator, ("GET", "/v1/auth/me"), &headers);
    assert_eq!((code, user["phone"].as_str()), (200, Some(PHONE)));
    let (code, history) = send(&emulator, ("GET", "/v1/auth/me/history"), &headers);
    assert_eq!((code, history.as_array().map(Vec::len)), (200, Some(1)));
    // These need a body, which is missing. They would be 401 otherwise.
    for path in ["/v1/auth/tenant/select", "/v1/auth/magiclink/update/email"] {
        assert_api_error(send(&emulator, ("POST", path), &headers), 400, "E011001");
    }
    let (code, _) = send(&emulator, ("POST", "/v1/auth/logout"), &headers);
    assert_eq!(code, 200);
    assert_api_error(send(&emulator, ("POST", REFRESH), &headers), 401, "E064001");
    let (code, empty) = send(&emulator, ("POST", "/v1/auth/try-refresh"), &headers);
    assert_eq!((code, empty), (200, json!({})));
}

#[test]
fn the_cookie_has_the_name_of_the_settings_or_of_the_header() {
    let emulator = start();
    let cookie = sign_up_with_cookies(&emulator, "R1");
    let (_, token) = cookie.split_once('=').unwrap();
    let wrong = format!("DSR={token}");
    // A browser sends both cookies, if a stale one was set for another domain.
    let both = format!("R1=stale; R1={token}");
    let renamed = format!("MINE={token}");
    let name = "x-descope-refresh-cookie-name";
    for (headers, expected) in [
        (vec![("Cookie", &*cookie)], 200),
        (vec![("Cookie", &*wrong)], 401),
        (vec![("Cookie", &*both)], 200),
        (vec![("Cookie", &*renamed)], 401),
        (vec![("Cookie", &*renamed), (name, "MINE")], 200),
        (vec![("Cookie", &*cookie), (name, "MINE")], 401),
        (vec![("Cookie", &*cookie), (name, "")], 200),
    ] {
        let (code, _) = send(&emulator, ("POST", REFRESH), &headers);
        assert_eq!(code, expected, "{headers:?}");
    }
}

#[test]
fn a_token_in_the_bearer_counts_before_the_cookie() {
    let emulator = start();
    let cookie = sign_up_with_cookies(&emulator, "DSR");
    let bearer = format!("Bearer {}:wrong", emulator.server.project_id());
    let headers = [("Authorization", &*bearer), ("Cookie", &*cookie)];
    let (head, _) = open(&emulator).send_with_headers("POST", REFRESH, &headers);
    assert_eq!(status(&head), 401);
    // Some SDKs send a colon without a token.
    let bearer = format!("Bearer {}:", emulator.server.project_id());
    let headers = [("Authorization", &*bearer), ("Cookie", &*cookie)];
    let (head, _) = open(&emulator).send_with_headers("POST", REFRESH, &headers);
    assert_eq!(status(&head), 200);
    let (_, token) = cookie.split_once('=').unwrap();
    let bearer = refresh_bearer(&json!({"refreshJwt": token}));
    assert_eq!(emulator.refresh(&bearer).0, 200);
}

#[test]
fn the_request_log_shows_the_origin_and_no_cookie() {
    let emulator = start();
    let cookie = sign_up_with_cookies(&emulator, "DSR");
    send(
        &emulator,
        ("POST", REFRESH),
        &[("Cookie", &*cookie), ("Origin", PAGE)],
    );
    let (_, log) = emulator.get("/_emulator/requests");
    let request = log["requests"].as_array().unwrap().last().unwrap();
    assert_eq!(request["headers"]["origin"], json!(PAGE));
    assert_eq!(request["headers"]["cookie"], json!("<redacted>"));
    assert_eq!(request["bearer"]["parts"], json!([]));
}
