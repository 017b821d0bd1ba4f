//! What other threads ask of the thread that runs the calls.

use std::collections::HashMap;

use super::task::Task;
use crate::error::Error;
use crate::events::Report;
use crate::status::Outcome;

/// Requests to the thread in `next`. The lock is held for a moment only, and never while a call runs.
#[derive(Default)]
pub(super) struct Inbox {
    /// The keys of the calls that were not reported yet, by tag. `None` while a call is being submitted.
    keys: HashMap<u64, Option<u64>>,
    last_key: u64,
    pub(super) submitted: Vec<Task>,
    /// The keys of calls to cancel.
    pub(super) cancelled: Vec<u64>,
}

impl Inbox {
    /// Takes a tag, and returns the key of the new call. No two calls of a queue have the same key.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] if a call with the tag is in progress, and [`Error::Memory`].
    pub(super) fn reserve(&mut self, tag: u64) -> Result<u64, Error> {
        if self.keys.contains_key(&tag) {
            return Err(Error::argument(format!(
                "a call with the tag {tag} is in progress: pass a tag that no other call has"
            )));
        }
        self.keys.try_reserve(1)?;
        self.last_key += 1;
        self.keys.insert(tag, None);
        Ok(self.last_key)
    }

    /// Adds a call, whose tag was reserved.
    ///
    /// # Errors
    ///
    /// [`Error::Memory`], and the event of the call, which is over.
    pub(super) fn submit(&mut self, task: Task) -> Result<(), (Error, Option<Box<Report>>)> {
        if self.submitted.try_reserve(1).is_err() {
            return Err(task.fail(Error::memory(Outcome::NotSent)));
        }
        self.keys.insert(task.tag, Some(task.key));
        self.submitted.push(task);
        Ok(())
    }

    /// Makes the tag of a call that was reported free again.
    pub(super) fn release(&mut self, tag: u64) {
        if let Some(Some(key)) = self.keys.remove(&tag) {
            self.cancelled.retain(|cancelled| *cancelled != key);
        }
        if self.keys.is_empty() {
            self.keys = HashMap::new();
        }
    }

    /// Whether there is no call.
    pub(super) fn is_idle(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whether there is something to do.
    pub(super) fn has_requests(&self) -> bool {
        !self.submitted.is_empty() || !self.cancelled.is_empty()
    }

    /// Notes that a call is to be cancelled.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if no call has the tag, and [`Error::Memory`].
    pub(super) fn cancel(&mut self, tag: u64) -> Result<(), Error> {
        let Some(Some(key)) = self.keys.get(&tag) else {
            return Err(Error::NotFound(
                format!("no call with the tag {tag} is in progress").into(),
            ));
        };
        self.cancelled.try_reserve(1)?;
        self.cancelled.push(*key);
        Ok(())
    }
}
