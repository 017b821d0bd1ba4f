//! Calls on a simulated network with a simulated clock: they make no system call and use no cryptography, so
//! that Miri can run them. `make miri` does; the fuzz target `engine` runs many more.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use descope_ml_core::fuzzing::simulate;
use descope_ml_core::{Outcome, Status};

const TIMEOUT: Duration = Duration::from_secs(8);
const CONFIG: &str = r#"{"projectId":"P1","baseUrl":"http://127.0.0.1:1","proxy":"none","timeoutMs":8000,"maxAttempts":3,"maxConnections":2,"maxIdleConnections":1}"#;

/// First bytes of an input with which all calls are sign-ins, in a thread and in a queue: a verification
/// needs cryptography.
const CHOICES: [u8; 6] = [0, 1, 4, 6, 9, 20];

/// Bytes that decide what happens on the network, different for each seed (xorshift).
fn decisions(mut seed: u64) -> impl Iterator<Item = u8> {
    std::iter::repeat_with(move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed.to_le_bytes()[3]
    })
}

#[test]
fn calls_end_by_their_deadline_with_the_outcome_that_the_network_has_seen() {
    let (mut successes, mut failures) = (0, 0);
    for choice in CHOICES {
        let mut input = vec![choice];
        input.extend(decisions(u64::from(choice) + 1).skip(8).take(48));
        let end = simulate(CONFIG, r#"{"keys":[]}"#, TIMEOUT, &input).unwrap();
        for call in &end.calls {
            assert!(!call.is_overdue);
            match &call.result {
                Ok(_) => successes += 1,
                Err(error) => {
                    failures += 1;
                    let is_unsent = error.outcome() == Outcome::NotSent;
                    assert_eq!(is_unsent, call.traffic.requests == 0, "{error:?}");
                    assert_ne!(error.status(), Status::Internal);
                }
            }
        }
        assert!(end.calls.last().unwrap().result.is_ok());
        assert!(end.idle_connections <= 1);
        assert_eq!(end.leaked_connections, 0);
    }
    assert!(successes > CHOICES.len() && failures > 0);
}
