//! What holds whatever comes: documents, pointers, requests on the wire, answers, tokens and key sets, each
//! with hundreds of made-up inputs. `PROPTEST_CASES=100000` makes more.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail loudly"
)]

mod answers;
mod arbitrary_json;
mod config;
mod pointers;
mod requests;
mod server;
mod tokens;

use proptest::test_runner::Config;

/// So many inputs for each property. What fails is printed, and put into a test by whoever mends it.
fn cases(usual: u32) -> Config {
    let asked = std::env::var("PROPTEST_CASES");
    Config {
        cases: asked.map_or(usual, |asked| asked.parse().unwrap()),
        failure_persistence: None,
        ..Config::default()
    }
}
