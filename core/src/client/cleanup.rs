//! Releases what the process keeps beyond its clients and queues.

use super::default_client;
use crate::{events, logging, net};

/// Releases the default client with its connections and public keys, the caches of the process, and the
/// handlers of log lines and events. Clients and queues of the caller stay as they are.
///
/// No call may be in progress, in any thread. Afterwards the library may be used again: it starts anew.
pub fn cleanup() {
    default_client::release();
    events::remove_event_handler();
    logging::remove_log_handler();
    net::forget_trust_store();
}
