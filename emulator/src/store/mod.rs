//! What the emulator remembers: users, links and messages, behind one lock.

mod addresses;
mod links;
mod messages;
mod sessions;
mod users;

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

pub(crate) use links::{Link, Links, Purpose, Update};
pub use messages::Message;
pub(crate) use messages::Messages;
pub(crate) use sessions::{Session, Sessions};
use users::same_address;
pub(crate) use users::{Membership, User, Users, is_part_of_a_number};

/// All that is remembered.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) users: Users,
    pub(crate) links: Links,
    pub(crate) messages: Messages,
    pub(crate) sessions: Sessions,
}

impl State {
    /// Forgets users and all that belongs to them.
    pub(crate) fn forget(&mut self, user_ids: &HashSet<String>) {
        for user_id in user_ids {
            self.users.remove(user_id);
            self.sessions.forget(user_id);
        }
        self.links.forget(user_ids);
    }
}

/// The state, and a bell that rings when a message is delivered.
pub(crate) struct Store {
    state: Mutex<State>,
    delivered: watch::Sender<u64>,
}

impl Store {
    pub(crate) fn new(users: Users) -> Store {
        let state = State {
            users,
            ..State::default()
        };
        Store {
            state: Mutex::new(state),
            delivered: watch::Sender::new(0),
        }
    }

    /// The state; whoever panicked with it left whole entries behind.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets all but these users, and wakes those who wait.
    pub(crate) fn reset(&self, users: Users) {
        *self.lock() = State {
            users,
            ..State::default()
        };
        self.delivered.send_modify(|count| *count += 1);
    }

    /// Puts a message into the inbox and wakes those who wait for one.
    pub(crate) fn deliver(&self, message: Message) {
        self.lock().messages.push(message);
        self.delivered.send_modify(|count| *count += 1);
    }

    /// Rings at each delivery from now on.
    pub(crate) fn deliveries(&self) -> watch::Receiver<u64> {
        self.delivered.subscribe()
    }
}
