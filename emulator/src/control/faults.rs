//! The faults that wait for requests.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::fault::Fault;
use super::input::Problem;

/// How many may wait.
const MAX: usize = 1000;

struct Waiting {
    fault: Fault,
    used: u64,
}

/// Faults in the order in which they were added; the first that is meant for a path meets the request.
#[derive(Default)]
pub(super) struct Faults(Mutex<Vec<Waiting>>);

impl Faults {
    pub(super) fn add(&self, fault: Fault) -> Result<(), Problem> {
        let mut faults = self.lock();
        if faults.len() >= MAX {
            return Err(Problem::new(format!(
                "{MAX} faults wait already: DELETE /_emulator/faults first"
            )));
        }
        faults.push(Waiting { fault, used: 0 });
        Ok(())
    }

    /// The fault that a request to this path meets, if any; it is gone once it was used often enough.
    pub(super) fn meet(&self, path: &str) -> Option<Fault> {
        let mut faults = self.lock();
        let index = faults.iter().position(|one| one.fault.meets(path))?;
        let waiting = faults.get_mut(index)?;
        waiting.used += 1;
        let fault = waiting.fault.clone();
        if fault
            .wanted
            .times
            .is_some_and(|times| waiting.used >= times)
        {
            faults.remove(index);
        }
        Some(fault)
    }

    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    /// Those left, as they were asked for, and how often each was used.
    pub(super) fn to_json(&self) -> Value {
        let faults = self.lock();
        let shown = faults.iter().map(|one| {
            let mut shown = json!(one.fault.wanted);
            shown["used"] = one.used.into();
            shown
        });
        json!({"faults": shown.collect::<Vec<_>>()})
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
