//! Calls through an HTTP or SOCKS proxy on a real socket: the request that the proxy receives, and the
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

const CREDENTIALS: &[u8] = b"\x01\x03ada\x04p@ss";

/// Reads as many bytes as `expected` has, asserts that they are the same, and responds.
fn expect(mut stream: &TcpStream, expected: &[u8], response: &[u8]) {
    let mut received = vec![0; expected.len()];
    stream.read_exact(&mut received).unwrap();
    assert_eq!(received, expected);
    stream.write_all(response).unwrap();
}

#[test]
fn a_socks_proxy_gets_the_address_or_the_name_of_the_server() {
    let bound_to_ipv4 = b"\x05\0\0\x01\x7f\0\0\x01\0\x09";
    let bound_to_ipv6 = b"\x05\0\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\x09";
    let bound_to_name = b"\x05\0\0\x03\x01h\0\x09";
    for (scheme, host, request, response) in [
        (
            "socks5h",
            "api.example.invalid",
            &b"\x05\x01\0\x03\x13api.example.invalid\0Q"[..],
            &bound_to_ipv4[..],
        ),
        (
            "socks5",
            "192.0.2.7",
            b"\x05\x01\0\x01\xc0\0\x02\x07\0Q",
            bound_to_ipv6,
        ),
        (
            "socks5h",
            "192.0.2.7",
            b"\x05\x01\0\x01\xc0\0\x02\x07\0Q",
            bound_to_name,
        ),
        (
            "socks5",
            "[2001:db8::7]",
            b"\x05\x01\0\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07\0Q",
            bound_to_ipv4,
        ),
    ] {
        for credentials in ["", "ada:p%40ss@"] {
            let (address, proxy) = serve_once(move |stream| {
                if credentials.is_empty() {
                    expect(&stream, b"\x05\x01\0", b"\x05\0");
                } else {
                    expect(&stream, b"\x05\x02\0\x02", b"\x05\x02");
                    expect(&stream, CREDENTIALS, b"\x01\0");
                }
                expect(&stream, request, response);
                serve_sign_in(stream)
            });
            let client = client_with_proxy(
                &format!("http://{host}:81"),
                &format!("{scheme}://{credentials}{address}"),
            );
            client.call("magiclink/signin/sms", REQUEST).unwrap();
            let head = proxy.join().unwrap();
            assert!(head.starts_with("POST /v1/auth/magiclink/signin/sms HTTP/1.1\n"));
        }
    }
}

/// The error of a call through a SOCKS proxy that sends these responses to the messages of the client.
/// Each empty one closes the connection.
fn error_of_socks_proxy(responses: &'static [&'static [u8]]) -> descope_ml_core::Error {
    let (address, proxy) = serve_once(move |mut stream| {
        let mut buffer = [0; 64];
        for response in responses {
            assert!(stream.read(&mut buffer).unwrap() > 0);
            stream.write_all(response).unwrap();
        }
    });
    let client = client_with_proxy(
        "http://api.example.invalid:81",
        &format!("socks5h://ada:secret@{address}"),
    );
    let error = client.call("magiclink/signin/sms", REQUEST).unwrap_err();
    proxy.join().unwrap();
    error
}

#[test]
fn a_request_is_not_sent_if_the_socks_proxy_rejects_the_connection() {
    const CHOSEN: &[u8] = b"\x05\x02";
    const ACCEPTED: &[u8] = b"\x01\0";
    let cases: &[(&'static [&'static [u8]], &str)] = &[
        (&[b"\x05\xff"], "requires a user name and password"),
        (&[CHOSEN, b"\x01\x01"], "requires a user name and password"),
        (
            &[CHOSEN, ACCEPTED, b"\x05\x01\0\x01\0\0\0\0\0\0"],
            "general failure (SOCKS reply 1)",
        ),
        (
            &[CHOSEN, ACCEPTED, b"\x05\x02"],
            "do not allow the connection (SOCKS reply 2)",
        ),
        (&[CHOSEN, ACCEPTED, b"\x05\x03"], "not reach the network"),
        (&[CHOSEN, ACCEPTED, b"\x05\x04"], "not reach the server"),
        (
            &[CHOSEN, ACCEPTED, b"\x05\x05"],
            "refused the connection of the proxy",
        ),
        (&[CHOSEN, ACCEPTED, b"\x05\x06"], "too many hops"),
        (
            &[CHOSEN, ACCEPTED, b"\x05\x07"],
            "does not open connections",
        ),
        (&[CHOSEN, ACCEPTED, b"\x05\x08"], "this type of address"),
        (&[CHOSEN, ACCEPTED, b"\x05\x63"], "(SOCKS reply 99)"),
        // SOCKS 4, HTTP, an unknown method, an unknown type of address, and nothing more.
        (
            &[b"\0\x5b\0\0\0\0\0\0"],
            "did not respond like a SOCKS 5 proxy",
        ),
        (
            &[b"HTTP/1.1 400 Bad Request\r\n\r\n"],
            "did not respond like a SOCKS 5 proxy",
        ),
        (&[b"\x05\x01"], "did not respond like a SOCKS 5 proxy"),
        (
            &[CHOSEN, ACCEPTED, b"\x05\0\0\x02\0"],
            "did not respond like a SOCKS 5 proxy",
        ),
        (
            &[CHOSEN, ACCEPTED, b"\x05\0\0\x01\0\0"],
            "did not respond like a SOCKS 5 proxy",
        ),
        (&[b"\x05"], "did not respond like a SOCKS 5 proxy"),
    ];
    for (responses, expected_text) in cases {
        let error = error_of_socks_proxy(responses);
        assert_eq!(error.status(), Status::Network, "{error}");
        assert_eq!(error.outcome(), Outcome::NotSent, "{error}");
        assert!(error.to_string().contains(expected_text), "{error}");
        let text = format!("{error} {error:?}");
        assert!(!text.contains("secret") && !text.contains("ada"), "{text}");
    }
}
