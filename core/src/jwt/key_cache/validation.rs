//! The validation of a token in a simulation, and how it ends.

use super::*;

/// The validation of a token.
#[derive(Clone)]
pub(super) struct Validation {
    pub(super) key_id: String,
    /// Whether the service has just issued the token.
    pub(super) is_new: bool,
    pub(super) queue: u64,
    pub(super) started_at: Instant,
    pub(super) ends: CallEnd,
}

/// What ends a validation that takes too long.
#[derive(Clone, Copy)]
pub(super) enum CallEnd {
    Cancelled(Instant),
    TimedOut(Instant),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verdict {
    Accepted,
    UnknownKey,
    /// An unknown key, with the advice to try again.
    TryAgain,
    FetchFailed,
    GaveUp,
}

impl CallEnd {
    pub(super) fn at(self) -> Instant {
        match self {
            CallEnd::Cancelled(at) | CallEnd::TimedOut(at) => at,
        }
    }
}

impl Validation {
    pub(super) fn lookup(&self) -> KeyLookup<'_> {
        let id = Some(self.key_id.as_str());
        match self.is_new {
            true => KeyLookup::NewToken(id),
            false => KeyLookup::Token(id),
        }
    }
}
