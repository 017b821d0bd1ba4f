//! Calls on a simulated network with a simulated clock: any order of waits, pieces, failures, times and
//! cancellations. Each call ends by its deadline, with an outcome that is what the network has seen.
//!
//! Input: the first byte chooses the configuration, the others what happens.
#![no_main]

mod support {
    pub mod error;
    pub mod keys;
}

use std::time::Duration;

use descope_ml_core::fuzzing::{SimulatedCall, simulate};
use descope_ml_core::{Outcome, Status};
use libfuzzer_sys::{Corpus, fuzz_target};
use support::{error, keys};

const TIMEOUT_MS: u64 = 8000;
const MAX_ATTEMPTS: u32 = 3;

/// The configurations: plain, through a proxy, TLS.
const SERVERS: [&str; 4] = [
    r#""baseUrl":"http://localhost:1","proxy":"none""#,
    r#""baseUrl":"http://localhost:1","proxy":"none""#,
    r#""baseUrl":"http://localhost:1","proxy":"http://ann:secret@proxy.invalid:8080""#,
    r#""baseUrl":"https://localhost:1","proxy":"none""#,
];

fn check(call: &SimulatedCall) {
    assert!(!call.is_overdue, "a call must end by its deadline");
    let requests = call.traffic.requests;
    match &call.result {
        Ok(response) => {
            assert!(requests > 0, "a request must be sent");
            let is_own = response.contains(&call.login_id) || call.traffic.has_noise;
            assert!(is_own, "a call must get its own response");
        }
        Err(error) => {
            error::check(error);
            error::check_no_secret(error, &call.login_id);
            assert_eq!(
                error.outcome() == Outcome::NotSent,
                requests == 0,
                "the outcome must be what the network has seen: {error:?}"
            );
            if error.status() != Status::Cancelled {
                assert!(requests <= error.attempts().unwrap_or(0), "{error:?}");
            }
        }
    }
    assert!(requests <= MAX_ATTEMPTS);
}

fuzz_target!(|data: &[u8]| -> Corpus {
    let Some((choice, input)) = data.split_first() else {
        return Corpus::Reject;
    };
    let server = SERVERS[usize::from(*choice) % SERVERS.len()];
    let max_connections = 1 + choice / 128;
    let project = keys::PROJECT;
    let config = format!(
        r#"{{"projectId":"{project}",{server},"timeoutMs":{TIMEOUT_MS},"maxAttempts":{MAX_ATTEMPTS},"maxConnections":{max_connections},"maxIdleConnections":1}}"#
    );
    let timeout = Duration::from_millis(TIMEOUT_MS);
    let end = simulate(&config, &keys::key_set(), timeout, input)
        .expect("the configuration must be valid");
    end.calls.iter().for_each(check);
    let last = end.calls.last().expect("there is at least one call");
    let is_tls = server.contains("https:");
    assert!(
        last.result.is_ok() || is_tls,
        "the last call must succeed: {:?}",
        last.result
    );
    assert!(end.idle_connections <= 1, "idle connections are limited");
    assert_eq!(
        end.leaked_connections, 0,
        "a client must close its connections"
    );
    Corpus::Keep
});
