//! Property tests: JSON pointers, configurations, requests, responses, tokens and key sets, each tested
//! with hundreds of random inputs. For more inputs: `PROPTEST_CASES=100000`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may panic"
)]

mod arbitrary_json;
mod config;
mod json_pointers;
mod requests;
mod responses;
mod test_json;
mod test_server;
mod tokens;

use proptest::test_runner::Config;

/// Tests a property with this number of inputs, unless `PROPTEST_CASES` sets another number. A failing
/// input is printed and not saved to a file: add it to a test when you fix the bug.
fn cases(default: u32) -> Config {
    let from_env = std::env::var("PROPTEST_CASES");
    Config {
        cases: from_env.map_or(default, |number| number.parse().unwrap()),
        failure_persistence: None,
        ..Config::default()
    }
}
