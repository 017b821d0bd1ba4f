//! A locked value that counts its changes.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A value behind a lock, and how often it was changed.
pub(super) struct Versioned<T>(Mutex<Inner<T>>);

struct Inner<T> {
    value: T,
    version: u64,
}

/// Access to the value. Each mutable access counts as a change.
pub(super) struct Guard<'a, T>(MutexGuard<'a, Inner<T>>);

impl<T> Versioned<T> {
    pub(super) fn new(value: T) -> Versioned<T> {
        Versioned(Mutex::new(Inner { value, version: 1 }))
    }

    /// Waits for the lock. A panic of another thread that held it is ignored.
    pub(super) fn lock(&self) -> Guard<'_, T> {
        Guard(self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<T> Guard<'_, T> {
    /// Grows with each change. It is never 0.
    pub(super) fn version(&self) -> u64 {
        self.0.version
    }
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.value
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.version += 1;
        &mut self.0.value
    }
}
