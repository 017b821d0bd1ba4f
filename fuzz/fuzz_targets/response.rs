//! Responses of the service. Any response gives either a result with the fields that the API requires, or
//! an error that describes the response and has no secret in it.
//!
//! Input: one byte for the operation, two for the status, then lines of headers, an empty line and the
//! body. `{SESSION}` and `{REFRESH}` in it are replaced by valid tokens.
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

/// In every request, and never in a message, even if the service repeats it.
const LOGIN_ID: &str = "+14155550123";

/// Requests with required fields only. Each operation accepts at least one of them.
const REQUESTS: [&str; 4] = [
    r#"{"loginId":"+14155550123"}"#,
    r#"{"token":"+14155550123"}"#,
    r#"{"refreshToken":"+14155550123"}"#,
    r#"{"tenant":"T1","refreshToken":"+14155550123"}"#,
];

struct Fixture {
    client: Client,
    /// The operations that send a request, with a request for each.
    operations: Vec<(&'static str, &'static str)>,
    tokens: [(&'static str, String); 2],
}

static FIXTURE: LazyLock<Fixture> = LazyLock::new(|| {
    let request = |operation| {
        let is_accepted =
            |request: &&&str| matches!(fuzzing::body(operation, request), Ok(Some(_)));
        Some((operation, *REQUESTS.iter().find(is_accepted)?))
    };
    let token = |kind| {
        let claims = format!(
            r#"{{"iss":"{}","exp":9999999999,"sub":"U1","drn":"{kind}","permissions":["read"]}}"#,
            keys::PROJECT
        );
        keys::signed_token(br#"{"alg":"EdDSA","kid":"K1"}"#, claims.as_bytes())
    };
    Fixture {
        client: keys::client(&keys::key_set()).expect("the configuration must be valid"),
        operations: fuzzing::operations().filter_map(request).collect(),
        tokens: [("{SESSION}", token("DS")), ("{REFRESH}", token("DSR"))],
    }
});

fuzz_target!(|data: &[u8]| -> Corpus {
    let fixture = &*FIXTURE;
    let [choice, high, low, rest @ ..] = data else {
        return Corpus::Reject;
    };
    let (operation, request) = fixture.operations[usize::from(*choice) % fixture.operations.len()];
    let status = 100 + u16::from_be_bytes([*high, *low]) % 900;
    let mut rest = rest.to_vec();
    for (name, token) in &fixture.tokens {
        rest = replace_first(rest, name.as_bytes(), token.as_bytes());
    }
    let (head, body) = split(&rest, b"\n\n").unwrap_or((&[], &rest));
    let headers = head.split(|byte| *byte == b'\n');
    let headers = headers.filter_map(|line| split(line, b": ")).collect();
    let response = Response {
        status,
        headers,
        body: body.to_vec(),
    };
    match fuzzing::response(&fixture.client, operation, request, response) {
        Ok(result) => {
            assert!(
                (200..=299).contains(&status),
                "HTTP {status} must be an error"
            );
            assert!(json::is_object(&result), "a result must be a JSON object");
        }
        Err(error) => {
            error::check(&error);
            error::check_no_secret(&error, LOGIN_ID);
            if (200..=299).contains(&status) {
                assert!(matches!(error.status(), Status::Protocol | Status::Token));
                assert_eq!(error.outcome(), Outcome::Unknown);
            } else {
                let is_rate_limit = error.status() == Status::RateLimited;
                assert!(is_rate_limit || error.status() == Status::Api);
                assert_eq!(is_rate_limit, status == 429);
                assert_eq!(error.http_status(), Some(status));
                assert_ne!(error.outcome(), Outcome::NotSent);
            }
        }
    }
    Corpus::Keep
});

/// The bytes before and after the first occurrence of `mark`.
fn split<'a>(bytes: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let position = bytes
        .windows(mark.len())
        .position(|window| window == mark)?;
    Some((&bytes[..position], &bytes[position + mark.len()..]))
}

/// Replaces the first occurrence of `mark`.
fn replace_first(bytes: Vec<u8>, mark: &[u8], replacement: &[u8]) -> Vec<u8> {
    match split(&bytes, mark) {
        Some((before, after)) => [before, replacement, after].concat(),
        None => bytes,
    }
}
