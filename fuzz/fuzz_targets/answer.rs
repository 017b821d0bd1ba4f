//! The service's answers: whatever comes, it is an answer with what the API promises, or an error that
//! says what came, tells no secret, and can be read. Bytes: the operation, two for the status, then lines
//! of headers, an empty line and the body. `{SESSION}` and `{REFRESH}` in them stand for good tokens.
#![no_main]

mod support {
    pub mod error;
    pub mod json;
    pub mod keys;
}

use std::sync::LazyLock;

use descope_ml_core::fuzzing::{self, Response};
use descope_ml_core::{Client, Outcome, Status};
use libfuzzer_sys::{Corpus, fuzz_target};
use support::{error, json, keys};

/// In every request, and in no message, whatever the service says.
const SECRET: &str = "+14155550123";

/// Has what any operation needs and nothing that one of them would not know.
const REQUESTS: [&str; 4] = [
    r#"{"loginId":"+14155550123"}"#,
    r#"{"token":"+14155550123"}"#,
    r#"{"refreshToken":"+14155550123"}"#,
    r#"{"tenant":"T1","refreshToken":"+14155550123"}"#,
];

struct Fixed {
    client: Client,
    /// The operations that send something, with a request for each.
    operations: Vec<(&'static str, &'static str)>,
    tokens: [(&'static str, String); 2],
}

static FIXED: LazyLock<Fixed> = LazyLock::new(|| {
    let request = |operation| {
        let is_taken = |request: &&&str| matches!(fuzzing::body(operation, request), Ok(Some(_)));
        Some((operation, *REQUESTS.iter().find(is_taken)?))
    };
    let token = |kind| {
        let claims = format!(
            r#"{{"iss":"{}","exp":9999999999,"sub":"U1","drn":"{kind}","permissions":["read"]}}"#,
            keys::PROJECT
        );
        keys::token(br#"{"alg":"EdDSA","kid":"K1"}"#, claims.as_bytes())
    };
    Fixed {
        client: keys::client(&keys::set()).expect("a client can be made"),
        operations: fuzzing::operations().filter_map(request).collect(),
        tokens: [("{SESSION}", token("DS")), ("{REFRESH}", token("DSR"))],
    }
});

fuzz_target!(|data: &[u8]| -> Corpus {
    let fixed = &*FIXED;
    let [choice, high, low, rest @ ..] = data else {
        return Corpus::Reject;
    };
    let (operation, request) = fixed.operations[usize::from(*choice) % fixed.operations.len()];
    let status = 100 + u16::from_be_bytes([*high, *low]) % 900;
    let mut rest = rest.to_vec();
    for (name, token) in &fixed.tokens {
        rest = replaced(rest, name.as_bytes(), token.as_bytes());
    }
    let (head, body) = split(&rest, b"\n\n").unwrap_or((&[], &rest));
    let headers = head.split(|byte| *byte == b'\n');
    let headers = headers.filter_map(|line| split(line, b": ")).collect();
    let reply = Response {
        status,
        headers,
        body: body.to_vec(),
    };
    match fuzzing::response(&fixed.client, operation, request, reply) {
        Ok(answer) => {
            assert!((200..=299).contains(&status), "HTTP {status} is no success");
            assert!(json::is_object(&answer), "an answer is a JSON object");
        }
        Err(error) => {
            error::check(&error);
            error::keeps(&error, SECRET);
            if (200..=299).contains(&status) {
                assert!(matches!(error.status(), Status::Protocol | Status::Token));
                assert_eq!(error.outcome(), Outcome::Unknown);
            } else {
                let is_limit = error.status() == Status::RateLimited;
                assert!(is_limit || error.status() == Status::Api);
                assert_eq!(is_limit, status == 429);
                assert_eq!(error.http_status(), Some(status));
                assert_ne!(error.outcome(), Outcome::NotSent);
            }
        }
    }
    Corpus::Keep
});

/// What stands before and after the first of these marks.
fn split<'a>(bytes: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = bytes
        .windows(mark.len())
        .position(|window| window == mark)?;
    Some((&bytes[..at], &bytes[at + mark.len()..]))
}

/// The bytes with the first of these marks replaced.
fn replaced(bytes: Vec<u8>, mark: &[u8], by: &[u8]) -> Vec<u8> {
    match split(&bytes, mark) {
        Some((before, after)) => [before, by, after].concat(),
        None => bytes,
    }
}
