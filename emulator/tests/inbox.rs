//! The inbox: the messages route, the event stream, and the pages.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{PHONE, start};
use serde_json::json;

#[test]
fn messages_waits_for_the_first_message_and_lists_the_newest_first() {
    let emulator = start();
    let inbox = "/_emulator/messages?to=%2B14155550123";
    assert_eq!(emulator.get(inbox), (200, json!({"messages": []})));
    let waited = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| emulator.get(&format!("{inbox}&wait=30s")).1);
        emulator.sign_up("+14155550199");
        emulator.sign_up(PHONE);
        waiting.join().unwrap()
    });
    let first = &waited["messages"][0];
    assert_eq!(
        (&first["to"], &first["channel"]),
        (&json!(PHONE), &json!("sms"))
    );
    assert!(
        first["text"]
            .as_str()
            .unwrap()
            .contains(first["link"].as_str().unwrap())
    );
    assert!(first["createdTime"].is_u64() && first["id"].is_string());

    emulator.sign_in(&json!({}));
    let (_, both) = emulator.get("/_emulator/messages?to=+14155550123");
    assert_eq!(both["messages"][1]["token"], first["token"]);
    assert_eq!(
        emulator.get("/_emulator/messages").1["messages"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    assert_eq!(emulator.get(&format!("{inbox}&wait=soon")).0, 400);
}

#[test]
fn pages_have_no_inline_scripts_and_escape_html() {
    let emulator = start();
    let (page, kind) = emulator.get_page("/");
    assert!(kind.starts_with("text/html") && page.contains(emulator.server.project_id()));
    let (landing, _) = emulator.get_page("/_emulator/landing?t=%3Cscript%3Ealert(1)");
    assert!(landing.contains("&lt;script&gt;alert(1)"), "{landing}");
    for page in [page, landing] {
        for inline in [
            "<script>", "<style", "style=\"", " onclick", "http://", "https://",
        ] {
            assert!(!page.contains(inline), "{inline} in {page}");
        }
    }
    for (file, expected) in [
        ("inbox.js", "text/javascript"),
        ("inbox.css", "text/css"),
        ("inbox.svg", "image/svg+xml"),
    ] {
        let (text, kind) = emulator.get_page(&format!("/_emulator/{file}"));
        assert!(kind.starts_with(expected) && !text.is_empty());
    }
    let policy = emulator.get_header("/", "content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
}

#[test]
fn events_contain_existing_and_new_messages() {
    let emulator = start();
    let mut events = emulator.events();
    assert_eq!(events.next(), Some(json!({"messages": []})));
    let token = emulator.sign_up(PHONE);
    assert_eq!(events.next().unwrap()["messages"][0]["token"], json!(token));
    emulator.post("/_emulator/reset", "", &json!({}));
    assert_eq!(events.next(), Some(json!({"messages": []})));
}
