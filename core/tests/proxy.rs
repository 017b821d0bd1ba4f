//! Calls through an HTTP proxy on a real socket: the `CONNECT` request that the proxy receives, and the
//! error if the proxy rejects it.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::{self, JoinHandle};

use descope_ml_core::{Client, Outcome, Status};

const REQUEST: &str = r#"{"loginId": "+14155550123"}"#;

/// Accepts one connection and serves it with `serve` in a thread. Returns the address to connect to.
fn serve_once<T: Send + 'static>(
    serve: impl FnOnce(TcpStream) -> T + Send + 'static,
) -> (SocketAddr, JoinHandle<T>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || serve(listener.accept().unwrap().0));
    (address, server)
}

/// Reads the head of a request, up to the empty line.
fn read_head(stream: &TcpStream) -> String {
    let mut lines = BufReader::with_capacity(1, stream).lines();
    let head = lines.by_ref().map(Result::unwrap);
    head.take_while(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

/// Reads one sign-in request and sends a valid response. Returns the head of the request.
fn serve_sign_in(mut stream: TcpStream) -> String {
    let head = read_head(&stream);
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

fn client_with_proxy(base_url: &str, proxy: &str) -> Client {
    let config = format!(
        r#"{{"projectId": "P1", "maxAttempts": 1, "allowInsecureHttp": true, "baseUrl": "{base_url}", "proxy": "{proxy}"}}"#
    );
    Client::from_json(Some(&config)).unwrap()
}

#[test]
fn a_call_goes_through_the_tunnel_and_only_the_proxy_receives_its_credentials() {
    let (address, proxy) = serve_once(|mut stream| {
        let connect = read_head(&stream);
        stream
            .write_all(b"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n")
            .unwrap();
        (connect, serve_sign_in(stream))
    });
    // The proxy resolves the target's host name. This one does not exist, so the call would fail if the
    // client resolved it.
    let client = client_with_proxy(
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
fn credentials_cannot_inject_header_lines_into_the_connect_request() {
    let (address, proxy) = serve_once(|mut stream| {
        let connect = read_head(&stream);
        stream.write_all(b"HTTP/1.1 403 Forbidden\r\n\r\n").unwrap();
        connect
    });
    let client = client_with_proxy(
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
fn a_request_is_not_sent_if_the_proxy_rejects_the_connection() {
    for (response, expected_text) in [
        (
            "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
            "requires a user name and password",
        ),
        ("HTTP/1.1 403 Forbidden\r\n\r\n", "HTTP 403"),
        (
            "220 mail.example ESMTP\r\n\r\n",
            "did not respond like an HTTP proxy",
        ),
        ("", "did not respond like an HTTP proxy"),
    ] {
        let (address, proxy) = serve_once(move |mut stream| {
            let connect = read_head(&stream);
            stream.write_all(response.as_bytes()).unwrap();
            connect
        });
        let client =
            client_with_proxy("http://127.0.0.1:81", &format!("http://u:secret@{address}"));
        let error = client.call("magiclink/signin/sms", REQUEST).unwrap_err();
        assert_eq!(error.status(), Status::Network);
        assert_eq!(error.outcome(), Outcome::NotSent);
        assert!(error.to_string().contains(expected_text), "{error}");
        assert!(!format!("{error} {error:?}").contains("secret"));
        assert!(proxy.join().unwrap().starts_with("CONNECT 127.0.0.1:81 "));
    }
}
