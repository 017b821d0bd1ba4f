//! Faults at random: of the requests to a path, each meets one of several faults, or none, by chance.
//! What a request meets follows from the seed and from what is asked, not from when it comes: callers
//! in threads find the same faults again with the same seed.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::fault::{Fault, Wanted};
use super::input::Problem;

/// How many faults there may be to choose from.
const MAX: usize = 100;

/// Faults at random as they are asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    #[serde(default)]
    seed: u64,
    path: String,
    /// Each is a fault as it is asked for by itself, without a path of its own, and its `percent`.
    faults: Vec<Map<String, Value>>,
}

/// One of the faults, and the part of all requests that meets it.
struct Share {
    percent: f64,
    fault: Fault,
    used: u64,
}

/// Faults at random that requests meet.
pub(super) struct Random {
    seed: u64,
    path: String,
    shares: Vec<Share>,
    /// How often each request came: another attempt may have better luck.
    seen: HashMap<u64, u64>,
}

impl Random {
    /// Reads what is asked for.
    pub(super) fn new(asked: Asked) -> Result<Random, Problem> {
        if asked.faults.is_empty() || asked.faults.len() > MAX {
            return Err(Problem::new(format!(
                "`faults` must be a list of 1 to {MAX} faults"
            )));
        }
        let shares = asked.faults.into_iter();
        let shares = shares.map(|fault| Share::new(&asked.path, fault));
        let shares = shares.collect::<Result<Vec<_>, _>>()?;
        if shares.iter().map(|share| share.percent).sum::<f64>() > 100.0 {
            return Err(Problem::new(
                "the `percent` of all faults must be 100 at most together",
            ));
        }
        Ok(Random {
            seed: asked.seed,
            path: asked.path,
            shares,
            seen: HashMap::new(),
        })
    }

    /// The fault that a request meets, if any.
    pub(super) fn meet(&mut self, path: &str, body: &[u8]) -> Option<Fault> {
        if !self.shares.first()?.fault.meets(path) {
            return None;
        }
        let request = hash(path.bytes().chain([b'\n']).chain(body.iter().copied()));
        let times = self.seen.entry(request).or_default();
        *times += 1;
        let mut left = percentile(self.seed ^ mixed(request ^ mixed(*times)));
        for share in &mut self.shares {
            if left < share.percent {
                share.used += 1;
                return Some(share.fault.clone());
            }
            left -= share.percent;
        }
        None
    }

    /// The faults as they were asked for, and how often each was used.
    pub(super) fn to_json(&self) -> Value {
        let shares = self.shares.iter().map(|share| {
            let mut shown = json!(share.fault.wanted);
            shown["percent"] = share.percent.into();
            shown["used"] = share.used.into();
            shown
        });
        json!({"seed": self.seed, "path": self.path, "faults": shares.collect::<Vec<_>>()})
    }
}

impl Share {
    fn new(path: &str, mut fault: Map<String, Value>) -> Result<Share, Problem> {
        let percent = fault.remove("percent").and_then(|value| value.as_f64());
        let percent = percent.filter(|percent| *percent > 0.0 && *percent <= 100.0);
        let percent = percent
            .ok_or_else(|| Problem::new("`percent` of each fault must be a number up to 100"))?;
        for key in ["path", "times"] {
            if fault.contains_key(key) {
                return Err(Problem::new(format!(
                    "`{key}` cannot be said of one of `faults`: they share the path, and meet requests by chance"
                )));
            }
        }
        fault.insert("path".to_owned(), path.into());
        let wanted: Wanted = serde_json::from_value(fault.into())
            .map_err(|problem| Problem::new(format!("one of `faults`: {problem}")))?;
        Ok(Share {
            percent,
            fault: Fault::new(wanted)?,
            used: 0,
        })
    }
}

/// A number from 0 to below 100, as random as the bits.
fn percentile(bits: u64) -> f64 {
    // As many bits as an f64 holds exactly.
    (mixed(bits) >> 11) as f64 * 100.0 / (1_u64 << 53) as f64
}

/// The finishing step of SplitMix64, in which every bit of a number moves every other. The standard
/// library's hash is free to change, and with it what a seed means.
fn mixed(bits: u64) -> u64 {
    let bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// FNV-1a with 64 bits.
fn hash(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
