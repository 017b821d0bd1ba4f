//! The clients and queues of Python, by number.
//!
//! Python holds numbers, not objects of a class of this module: such a class would be one object for all
//! interpreters of the process, and belong to the one that was the first to import this module.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use descope_ml_core::Error;

/// Objects by number. A number is never used twice.
///
/// The lock is held only by threads that are attached to Python, and never while they wait. So a fork by
/// Python, which excludes such threads, never leaves it locked.
pub(crate) struct Handles<T> {
    objects: Mutex<Objects<T>>,
}

struct Objects<T> {
    last: u64,
    by_number: BTreeMap<u64, Arc<T>>,
}

impl<T> Handles<T> {
    pub(crate) const fn new() -> Handles<T> {
        Handles {
            objects: Mutex::new(Objects {
                last: 0,
                by_number: BTreeMap::new(),
            }),
        }
    }

    /// Keeps an object, and returns its number, which is not 0.
    pub(crate) fn add(&self, object: T) -> u64 {
        let mut objects = self.lock();
        objects.last += 1;
        let number = objects.last;
        objects.by_number.insert(number, Arc::new(object));
        number
    }

    /// The object with this number. That it is missing is a bug in the package.
    pub(crate) fn get(&self, number: u64) -> Result<Arc<T>, Error> {
        let object = self.lock().by_number.get(&number).map(Arc::clone);
        object.ok_or_else(|| Error::internal("looking up a client or a queue"))
    }

    /// Releases an object. Calls in progress keep theirs until they end.
    pub(crate) fn remove(&self, number: u64) {
        let removed = self.lock().by_number.remove(&number);
        // Not while the lock is held: the last reference closes connections.
        drop(removed);
    }

    fn lock(&self) -> MutexGuard<'_, Objects<T>> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
