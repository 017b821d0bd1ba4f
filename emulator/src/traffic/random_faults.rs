//! Random faults: each applies to a percentage of the requests to a path.
//!
//! Which fault applies to a request depends only on the seed, the path, the body and how often the same
//! request came before. It does not depend on timing, so a multi-threaded test with the same seed gets
//! the same faults again.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::fault::{Fault, FaultSpec};
use super::request_pattern::ReceivedRequest;

/// The maximum number of faults to choose from.
const MAX_FAULTS: usize = 100;

/// Random faults as the control route accepts them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RandomFaultsSpec {
    #[serde(default)]
    seed: u64,
    path: String,
    /// Each has a `percent`, and no other condition.
    faults: Vec<FaultSpec>,
}

/// A fault, and the percentage of requests that it applies to.
struct WeightedFault {
    percent: f64,
    fault: Fault,
    used: u64,
}

/// Valid random faults.
pub(super) struct RandomFaults {
    seed: u64,
    path: String,
    faults: Vec<WeightedFault>,
    /// How often each request came, by its hash. A repetition may get another fault, or none.
    repeat_counts: HashMap<u64, u64>,
}

impl RandomFaults {
    /// Parses random faults. An error says what to change.
    pub(super) fn parse(spec: RandomFaultsSpec) -> Result<RandomFaults, String> {
        if spec.faults.is_empty() || spec.faults.len() > MAX_FAULTS {
            return Err(format!(
                "`faults` must be a list of 1 to {MAX_FAULTS} faults"
            ));
        }
        let faults = spec.faults.into_iter();
        let faults = faults.map(|fault| WeightedFault::parse(&spec.path, fault));
        let faults = faults.collect::<Result<Vec<_>, _>>()?;
        if faults.iter().map(|one| one.percent).sum::<f64>() > 100.0 {
            return Err("the sum of all `percent` must be at most 100".to_owned());
        }
        Ok(RandomFaults {
            seed: spec.seed,
            path: spec.path,
            faults,
            repeat_counts: HashMap::new(),
        })
    }

    /// The fault that applies to a request, if any.
    pub(super) fn choose(&mut self, request: &ReceivedRequest<'_>) -> Option<Fault> {
        if !self.faults.first()?.fault.matches(request) {
            return None;
        }
        let path = request.head.uri.path();
        let body = request.body.unwrap_or_default();
        let request = fnv1a(path.bytes().chain([b'\n']).chain(body.iter().copied()));
        let count = self.repeat_counts.entry(request).or_default();
        *count += 1;
        let mut rest = to_percent(self.seed ^ splitmix64(request ^ splitmix64(*count)));
        for one in &mut self.faults {
            if rest < one.percent {
                one.used += 1;
                return Some(one.fault.clone());
            }
            rest -= one.percent;
        }
        None
    }

    /// The faults as they were given, each with how often it was `used`.
    pub(super) fn to_json(&self) -> Value {
        let faults = self.faults.iter().map(|one| {
            let mut listed = one.fault.spec.clone();
            listed["percent"] = one.percent.into();
            listed["used"] = one.used.into();
            listed
        });
        json!({"seed": self.seed, "path": self.path, "faults": faults.collect::<Vec<_>>()})
    }
}

impl WeightedFault {
    fn parse(path: &str, mut spec: FaultSpec) -> Result<WeightedFault, String> {
        let percent = spec.percent.take();
        let percent = percent.filter(|percent| *percent > 0.0 && *percent <= 100.0);
        let percent =
            percent.ok_or("`percent` of each fault must be a number above 0 and at most 100")?;
        for (key, is_set) in [
            ("path", spec.path.is_some()),
            ("times", spec.times.is_some()),
            ("openConnections", spec.open_connections),
            ("connectionResponses", spec.connection_responses.is_some()),
        ] {
            if is_set {
                return Err(format!(
                    "`{key}` is not allowed inside `faults`: random faults share one `path`, and neither a number of requests nor a connection matters"
                ));
            }
        }
        spec.path = Some(path.to_owned());
        Ok(WeightedFault {
            percent,
            fault: Fault::parse(spec, 0)?,
            used: 0,
        })
    }
}

/// Maps random bits to a number from 0 to below 100.
fn to_percent(bits: u64) -> f64 {
    // An f64 holds 53 bits exactly.
    (splitmix64(bits) >> 11) as f64 * 100.0 / (1_u64 << 53) as f64
}

/// The finalizer of SplitMix64, where each input bit changes every output bit. The standard library's
/// hash may change between versions, and then a seed would mean something else.
fn splitmix64(bits: u64) -> u64 {
    let bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// FNV-1a with 64 bits.
fn fnv1a(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
