//! The requests for public keys of all projects of a client, in one process.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::config::ProjectId;
use crate::jwt::ClientAllowance;
use crate::os::{Current, PerProcess};

/// What limits the requests of all projects.
pub(super) struct KeyRequests {
    hasher: RandomState,
    allowance: PerProcess<SharedAllowance>,
}

/// The allowance of one process.
#[derive(Default)]
pub(super) struct SharedAllowance(Mutex<ClientAllowance>);

/// A project that draws on the allowance.
pub(super) struct RequestingProject {
    pub(super) requests: Arc<KeyRequests>,
    /// The number of the project there. A project that is forgotten and used again has the same one.
    pub(super) number: u64,
}

impl KeyRequests {
    pub(super) fn new() -> Arc<KeyRequests> {
        Arc::new(KeyRequests {
            hasher: RandomState::new(),
            allowance: PerProcess::new(SharedAllowance::default()),
        })
    }

    pub(super) fn of_project(self: &Arc<Self>, id: &ProjectId) -> RequestingProject {
        RequestingProject {
            requests: Arc::clone(self),
            number: self.hasher.hash_one(id.as_str()),
        }
    }

    pub(super) fn current(&self) -> Current<SharedAllowance> {
        self.allowance.get(SharedAllowance::default)
    }
}

impl SharedAllowance {
    /// Locked last: no other lock is taken while this one is held.
    pub(super) fn lock(&self) -> MutexGuard<'_, ClientAllowance> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
