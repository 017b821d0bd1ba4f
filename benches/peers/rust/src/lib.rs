//! What every peer in Rust shares: modes, threads, latencies. benches/README.md has the contract.

mod keys;
mod threads;

use std::env::VarError;
use std::error::Error;
use std::process::ExitCode;

pub use keys::{Key, KeySet};

/// What anything that fails says.
pub type Failure = Box<dyn Error + Send + Sync>;

/// What a peer works on; what the environment does not say is empty.
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
    fn from_environment() -> Result<Settings, Failure> {
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
/// * `name` - What failures begin with.
/// * `scenario` - The one that the peer has.
/// * `prepare` - Makes what is called, which checks its answer; each thread has a clone.
pub fn main<Call>(
    name: &str,
    scenario: &str,
    prepare: impl FnOnce(Settings) -> Result<Call, Failure>,
) -> ExitCode
where
    Call: FnMut() -> Result<(), Failure> + Clone + Send + 'static,
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
    prepare: impl FnOnce(Settings) -> Result<Call, Failure>,
) -> Result<(), Failure>
where
    Call: FnMut() -> Result<(), Failure> + Clone + Send + 'static,
{
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let Some((asked, mode)) = words.split_first() else {
        return Err("usage: PEER SCENARIO once|loop N|serve".into());
    };
    if *asked != scenario {
        return Err(format!("has no such scenario: {asked}").into());
    }
    let mut call = prepare(Settings::from_environment()?)?;
    match mode {
        ["once"] => call(),
        ["loop", calls] => (0..calls.parse::<u64>()?).try_for_each(|_| call()),
        ["serve"] => threads::serve(&call),
        _ => Err("usage: PEER SCENARIO once|loop N|serve".into()),
    }
}

/// Compares what an answer has with what it must have.
pub fn same(found: &str, expected: &str) -> Result<(), Failure> {
    if found == expected {
        Ok(())
    } else {
        Err(format!("the answer has {found:?}, not {expected:?}").into())
    }
}
