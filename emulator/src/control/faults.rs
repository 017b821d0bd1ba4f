//! The faults that wait for requests.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::fault::Fault;
use super::input::Problem;
use super::random::Random;

/// How many may wait.
const MAX: usize = 1000;

struct Waiting {
    fault: Fault,
    used: u64,
}

#[derive(Default)]
struct All {
    waiting: Vec<Waiting>,
    random: Option<Random>,
}

/// Faults in the order in which they were added; the first that is meant for a path meets the request.
/// Whatever meets none of them may meet one at random.
#[derive(Default)]
pub(super) struct Faults(Mutex<All>);

impl Faults {
    pub(super) fn add(&self, fault: Fault) -> Result<(), Problem> {
        let faults = &mut self.lock().waiting;
        if faults.len() >= MAX {
            return Err(Problem::new(format!(
                "{MAX} faults wait already: DELETE /_emulator/faults first"
            )));
        }
        faults.push(Waiting { fault, used: 0 });
        Ok(())
    }

    /// Puts faults at random in the place of those that there are.
    pub(super) fn put(&self, random: Random) {
        self.lock().random = Some(random);
    }

    /// The fault that a request meets, if any; it is gone once it was used often enough.
    pub(super) fn meet(&self, path: &str, body: &[u8]) -> Option<Fault> {
        let mut all = self.lock();
        let faults = &mut all.waiting;
        let Some(index) = faults.iter().position(|one| one.fault.meets(path)) else {
            return all.random.as_mut()?.meet(path, body);
        };
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
        *self.lock() = All::default();
    }

    /// Ends the faults at random.
    pub(super) fn clear_random(&self) {
        self.lock().random = None;
    }

    /// Those left, as they were asked for, and how often each was used.
    pub(super) fn to_json(&self) -> Value {
        let all = self.lock();
        let shown = all.waiting.iter().map(|one| {
            let mut shown = json!(one.fault.wanted);
            shown["used"] = one.used.into();
            shown
        });
        json!({"faults": shown.collect::<Vec<_>>()})
    }

    /// The faults at random; an empty object when there are none.
    pub(super) fn random_to_json(&self) -> Value {
        let all = self.lock();
        all.random.as_ref().map_or(json!({}), Random::to_json)
    }

    fn lock(&self) -> MutexGuard<'_, All> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
