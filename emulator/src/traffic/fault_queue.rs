//! The active faults, and which of them applies to a request.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::fault::{Fault, FaultSpec};
use super::random_faults::{RandomFaults, RandomFaultsSpec};
use super::request_pattern::ReceivedRequest;

/// How many faults can be active.
const MAX_FAULTS: usize = 1000;

/// A fault that was added, and how often it was applied.
struct ActiveFault {
    fault: Fault,
    used: u64,
    /// The fault is removed after it was applied this often.
    times: Option<u64>,
}

#[derive(Default)]
struct Faults {
    active: Vec<ActiveFault>,
    random: Option<RandomFaults>,
}

/// The faults in the order in which they were added. The first one that matches a request applies to
/// it. If none matches, a random fault may apply.
#[derive(Default)]
pub(crate) struct FaultQueue(Mutex<Faults>);

impl FaultQueue {
    /// Adds a fault. `newest_connection` is the number of the newest connection. An error says what to
    /// change.
    pub(crate) fn add(&self, spec: FaultSpec, newest_connection: u64) -> Result<(), String> {
        if spec.percent.is_some() {
            return Err("`percent` is only for /_emulator/faults/random".to_owned());
        }
        if spec.times == Some(0) {
            return Err("`times` must be at least 1: remove it to match every request".to_owned());
        }
        let times = spec.times;
        let fault = Fault::parse(spec, newest_connection)?;
        let active = &mut self.lock().active;
        if active.len() >= MAX_FAULTS {
            return Err(format!(
                "there are {MAX_FAULTS} faults already: DELETE /_emulator/faults first"
            ));
        }
        active.push(ActiveFault {
            fault,
            used: 0,
            times,
        });
        Ok(())
    }

    /// Replaces the random faults. An error says what to change.
    pub(crate) fn set_random(&self, spec: RandomFaultsSpec) -> Result<(), String> {
        let random = RandomFaults::parse(spec)?;
        self.lock().random = Some(random);
        Ok(())
    }

    /// The fault that applies to a request, if any. A fault that was applied `times` times is removed.
    pub(super) fn take_for(&self, request: &ReceivedRequest<'_>) -> Option<Fault> {
        let mut faults = self.lock();
        let active = &mut faults.active;
        let Some(index) = active.iter().position(|one| one.fault.matches(request)) else {
            return faults.random.as_mut()?.choose(request);
        };
        let chosen = active.get_mut(index)?;
        chosen.used += 1;
        let fault = chosen.fault.clone();
        if chosen.times.is_some_and(|times| chosen.used >= times) {
            active.remove(index);
        }
        Some(fault)
    }

    /// Removes all faults, the random ones too.
    pub(crate) fn clear(&self) {
        *self.lock() = Faults::default();
    }

    pub(crate) fn clear_random(&self) {
        self.lock().random = None;
    }

    /// The active faults as they were given, each with how often it was `used`.
    pub(crate) fn to_json(&self) -> Value {
        let faults = self.lock();
        let list = faults.active.iter().map(|one| {
            let mut listed = one.fault.spec.clone();
            listed["used"] = one.used.into();
            listed
        });
        json!({"faults": list.collect::<Vec<_>>()})
    }

    /// The random faults; an empty object if there are none.
    pub(crate) fn random_to_json(&self) -> Value {
        let faults = self.lock();
        faults
            .random
            .as_ref()
            .map_or(json!({}), RandomFaults::to_json)
    }

    fn lock(&self) -> MutexGuard<'_, Faults> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
