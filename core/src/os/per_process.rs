//! Values that each process has to itself.

use std::ops::Deref;
use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};

use super::system::ProcessMark;

/// A value that each process has to itself: a child process gets a new one.
///
/// The parent's value is leaked in the child on purpose. Its locks may be held by threads that the
/// child does not have, and its sockets are still in use by the parent.
pub(crate) struct PerProcess<T> {
    current: ArcSwap<Owned<T>>,
}

struct Owned<T> {
    process: ProcessMark,
    value: T,
}

/// A borrowed [`PerProcess`] value.
pub(crate) struct Current<T>(Guard<Arc<Owned<T>>>);

impl<T> PerProcess<T> {
    pub(crate) fn new(value: T) -> PerProcess<T> {
        PerProcess {
            current: ArcSwap::from_pointee(Owned::new(value)),
        }
    }

    /// The value of this process. `make` is called in a child process only, perhaps by several threads at
    /// once: one of the values is kept.
    pub(crate) fn get(&self, make: impl FnOnce() -> T) -> Current<T> {
        let current = self.current.load();
        if current.belongs_to_this_process() {
            return Current(current);
        }
        let new = Arc::new(Owned::new(make()));
        let previous = self.current.compare_and_swap(&current, new);
        if !previous.belongs_to_this_process() {
            std::mem::forget(Arc::clone(&previous));
        }
        Current(self.current.load())
    }
}

impl<T> Drop for PerProcess<T> {
    fn drop(&mut self) {
        let current = self.current.load_full();
        if !current.belongs_to_this_process() {
            std::mem::forget(current);
        }
    }
}

impl<T> Owned<T> {
    fn new(value: T) -> Owned<T> {
        Owned {
            process: ProcessMark::current(),
            value,
        }
    }

    fn belongs_to_this_process(&self) -> bool {
        self.process.is_current()
    }
}

impl<T> Deref for Current<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.value
    }
}
