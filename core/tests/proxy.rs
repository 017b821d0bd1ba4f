//! Calls through a real HTTP proxy on a real socket: what it is asked, and what its refusals mean.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};

use descope_ml_core::{Client, Outcome, Status};

const REQUEST: &str = r#"{"loginId": "+14155550123"}"#;

/// Accepts one connection and hands it to `serve`.
fn listen<T: Send + 'static>(
    serve: impl FnOnce(TcpStream) -> T + Send + 'static,
) -> (SocketAddr, JoinHandle<T>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let served = thread::spawn(move || serve(listener.accept().unwrap().0));
    (address, served)
}

/// Reads a head up to its empty line.
fn head(stream: &TcpStream) -> String {
    let mut lines = BufReader::with_capacity(1, stream).lines();
    let head = lines.by_ref().map(Result::unwrap);
    head.take_while(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

/// Answers one sign-in.
fn answer(mut stream: TcpStream) -> String {
    let head = head(&stream);
    let mut body = vec![0; REQUEST.len() - 1];
    stream.read_exact(&mut body).unwrap();
    let json = r#"{"maskedPhone":"+1*******23"}"#;
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{json}",
        json.len()
    )
    .unwrap();
    head
}

fn client(base_url: &str, proxy: &str) -> Client {
    let config = format!(
        r#"{{"projectId": "P1", "maxAttempts": 1, "allowInsecureHttp": true, "baseUrl": "{base_url}", "proxy": "{proxy}"}}"#
    );
    Client::from_json(Some(&config)).unwrap()
}

#[test]
fn a_call_goes_through_the_tunnel_and_credentials_go_to_the_proxy_alone() {
    let (address, proxy) = listen(|mut stream| {
        let connect = head(&stream);
        stream
            .write_all(b"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n")
            .unwrap();
        (connect, answer(stream))
    });
    // The target's name is the proxy's to look up: here it exists for nobody else.
    let client = client(
        "http://api.example.invalid:81",
        &format!("http://ada:p%40ss@127.0.0.1:{}", address.port()),
    );
    let json = client.call("magiclink/signin/sms", REQUEST).unwrap();
    assert_eq!(json, r#"{"maskedPhone":"+1*******23"}"#);
    let (connect, request) = proxy.join().unwrap();
    assert_eq!(
        connect,
        "CONNECT api.example.invalid:81 HTTP/1.1\nHost: api.example.invalid:81\nProxy-Authorization: Basic YWRhOnBAc3M="
    );
    assert!(request.starts_with("POST /v1/auth/magiclink/signin/sms HTTP/1.1\n"));
    assert!(request.contains("\nhost: api.example.invalid:81"));
    assert!(!request.to_lowercase().contains("proxy-authorization"));
}

#[test]
fn no_credential_can_add_to_what_the_proxy_is_asked() {
    let (address, proxy) = listen(|mut stream| {
        let connect = head(&stream);
        stream.write_all(b"HTTP/1.1 403 Forbidden\r\n\r\n").unwrap();
        connect
    });
    let client = client(
        "http://api.example.invalid:81",
        &format!("http://a%0d%0aX-Evil%3a%201:%00%0d%0a%0d%0aGET%20%2f@{address}"),
    );
    client.call("magiclink/signin/sms", REQUEST).unwrap_err();
    assert_eq!(
        proxy.join().unwrap(),
        "CONNECT api.example.invalid:81 HTTP/1.1\nHost: api.example.invalid:81\nProxy-Authorization: Basic YQ0KWC1FdmlsOiAxOgANCg0KR0VUIC8="
    );
}

#[test]
fn a_proxy_that_refuses_leaves_the_request_unsent() {
    for (answer, word) in [
        (
            "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
            "credentials",
        ),
        ("HTTP/1.1 403 Forbidden\r\n\r\n", "HTTP 403"),
        ("220 mail.example ESMTP\r\n\r\n", "did not answer as one"),
        ("", "did not answer as one"),
    ] {
        let (address, proxy) = listen(move |mut stream| {
            let connect = head(&stream);
            stream.write_all(answer.as_bytes()).unwrap();
            connect
        });
        let client = client("http://127.0.0.1:81", &format!("http://u:secret@{address}"));
        let error = client.call("magiclink/signin/sms", REQUEST).unwrap_err();
        assert_eq!(error.status(), Status::Network);
        assert_eq!(error.outcome(), Outcome::NotSent);
        assert!(error.to_string().contains(word), "{error}");
        assert!(!format!("{error} {error:?}").contains("secret"));
        assert!(proxy.join().unwrap().starts_with("CONNECT 127.0.0.1:81 "));
    }
}
