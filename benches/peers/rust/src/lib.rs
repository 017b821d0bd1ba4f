//! Runs the modes of the Rust peers and measures latencies. benches/README.md has the contract.

mod keys;
mod threads;

use std::env::VarError;
use std::error::Error;
use std::process::ExitCode;

pub use keys::{Key, KeySet};

/// Any error.
pub type PeerError = Box<dyn Error + Send + Sync>;

/// The input of a peer. A variable that is not set is empty.
pub struct Settings {
    /// `BENCH_URL`
    pub url: String,
    /// `BENCH_CA`
    pub ca: String,
    /// `BENCH_PROJECT`
    pub project: String,
    /// `BENCH_REQUEST`
    pub request: String,
    /// `BENCH_MASKED_PHONE`
    pub masked_phone: String,
    /// `BENCH_TOKEN`
    pub token: String,
    /// `BENCH_KEYS`
    pub keys: String,
}

impl Settings {
    fn from_environment() -> Result<Settings, PeerError> {
        let variable = |name: &str| match std::env::var(name) {
            Err(VarError::NotPresent) => Ok(String::new()),
            value => value.map_err(|error| format!("{name}: {error}")),
        };
        Ok(Settings {
            url: variable("BENCH_URL")?,
            ca: variable("BENCH_CA")?,
            project: variable("BENCH_PROJECT")?,
            request: variable("BENCH_REQUEST")?,
            masked_phone: variable("BENCH_MASKED_PHONE")?,
            token: variable("BENCH_TOKEN")?,
            keys: variable("BENCH_KEYS")?,
        })
    }
}

/// The main function of a peer.
///
/// # Arguments
///
/// * `name` - Error messages begin with it.
/// * `scenario` - The peer's only scenario.
/// * `prepare` - Returns the function that makes one call and checks its response. Each thread has a clone.
pub fn main<Call>(
    name: &str,
    scenario: &str,
    prepare: impl FnOnce(Settings) -> Result<Call, PeerError>,
) -> ExitCode
where
    Call: FnMut() -> Result<(), PeerError> + Clone + Send + 'static,
{
    match run(scenario, prepare) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{name}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run<Call>(
    scenario: &str,
    prepare: impl FnOnce(Settings) -> Result<Call, PeerError>,
) -> Result<(), PeerError>
where
    Call: FnMut() -> Result<(), PeerError> + Clone + Send + 'static,
{
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let Some((requested, mode)) = arguments.split_first() else {
        return Err("usage: PEER SCENARIO once|loop N|serve".into());
    };
    if *requested != scenario {
        return Err(format!("unknown scenario: {requested}").into());
    }
    let mut call = prepare(Settings::from_environment()?)?;
    match mode {
        ["once"] => call(),
        ["loop", calls] => (0..calls.parse::<u64>()?).try_for_each(|_| call()),
        ["serve"] => threads::serve(&call),
        _ => Err("usage: PEER SCENARIO once|loop N|serve".into()),
    }
}

/// Compares a value of a response with the expected one.
pub fn check(found: &str, expected: &str) -> Result<(), PeerError> {
    if found == expected {
        Ok(())
    } else {
        Err(format!("the response has {found:?} instead of {expected:?}").into())
    }
}
