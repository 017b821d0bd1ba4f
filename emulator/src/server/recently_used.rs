//! A bounded map. Beyond its limit, the entry that was not used for the longest time is removed.

use std::collections::HashMap;

/// Values by name.
pub(super) struct RecentlyUsed<T> {
    limit: usize,
    entries: HashMap<String, Entry<T>>,
    /// Grows with each use.
    uses: u64,
}

struct Entry<T> {
    value: T,
    last_use: u64,
}

impl<T: Clone> RecentlyUsed<T> {
    pub(super) fn new(limit: usize) -> RecentlyUsed<T> {
        RecentlyUsed {
            limit,
            entries: HashMap::new(),
            uses: 0,
        }
    }

    /// A value. It counts as used.
    pub(super) fn get(&mut self, name: &str) -> Option<T> {
        let entry = self.entries.get_mut(name)?;
        self.uses += 1;
        entry.last_use = self.uses;
        Some(entry.value.clone())
    }

    /// Adds a value, which counts as used. Its name must be new.
    pub(super) fn insert(&mut self, name: &str, value: T) {
        if self.entries.len() >= self.limit {
            let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.last_use);
            let oldest = oldest.map(|(name, _)| name.clone());
            oldest.and_then(|name| self.entries.remove(&name));
        }
        self.uses += 1;
        let last_use = self.uses;
        self.entries
            .insert(name.to_owned(), Entry { value, last_use });
    }

    pub(super) fn remove(&mut self, name: &str) -> Option<T> {
        self.entries.remove(name).map(|entry| entry.value)
    }
}
