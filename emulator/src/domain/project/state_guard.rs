//! The locked state, which counts its changes.

use std::ops::{Deref, DerefMut};
use std::sync::MutexGuard;

use super::State;

/// The state, and how often it was changed.
pub(super) struct VersionedState {
    state: State,
    version: u64,
}

/// Access to the state. Each mutable access counts as a change.
pub(super) struct StateGuard<'a>(MutexGuard<'a, VersionedState>);

impl VersionedState {
    pub(super) fn new(state: State) -> VersionedState {
        VersionedState { state, version: 1 }
    }
}

impl<'a> StateGuard<'a> {
    pub(super) fn new(guard: MutexGuard<'a, VersionedState>) -> StateGuard<'a> {
        StateGuard(guard)
    }

    /// Grows with each change. It is never 0.
    pub(super) fn version(&self) -> u64 {
        self.0.version
    }
}

impl Deref for StateGuard<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.0.state
    }
}

impl DerefMut for StateGuard<'_> {
    fn deref_mut(&mut self) -> &mut State {
        self.0.version += 1;
        &mut self.0.state
    }
}
