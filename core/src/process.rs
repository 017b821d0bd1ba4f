//! The process's default client: made from the environment at first use, replaced as a whole.

use std::sync::Arc;

use arc_swap::ArcSwapOption;

use crate::client::Client;
use crate::error::Error;

/// Read and replaced without a lock, so that a fork at any moment leaves the child a usable one.
static DEFAULT: ArcSwapOption<Client> = ArcSwapOption::const_empty();

/// Performs an operation with the default client; see [`Client::call`].
///
/// # Errors
///
/// As [`Client::call`], and [`Error::Config`] when the environment does not make a client.
pub fn call(operation: &str, request: &str) -> Result<String, Error> {
    // Borrowed, not shared: threads that all count the owners of one client are slower for it.
    match &*DEFAULT.load() {
        Some(client) => client.call(operation, request),
        None => client()?.call(operation, request),
    }
}

/// Connects ahead with the default client; see [`Client::warm_up`].
///
/// # Errors
///
/// As [`Client::warm_up`], and [`Error::Config`] when the environment does not make a client.
pub fn warm_up() -> Result<(), Error> {
    client()?.warm_up()
}

/// The default client.
///
/// # Errors
///
/// [`Error::Config`] when the environment does not make one.
pub fn client() -> Result<Arc<Client>, Error> {
    if let Some(client) = DEFAULT.load_full() {
        return Ok(client);
    }
    let made = Arc::new(Client::from_json(None)?);
    let none: Option<Arc<Client>> = None;
    let before = DEFAULT.compare_and_swap(&none, Some(Arc::clone(&made)));
    Ok(match &*before {
        Some(other) => Arc::clone(other),
        None => made,
    })
}

/// Replaces the default client by one with this configuration; `None`: from the environment, as it
/// is now. Calls that are under way end with the client that they began with.
///
/// # Errors
///
/// [`Error::Config`], and the default client stays as it was.
pub fn configure(config: Option<&str>) -> Result<(), Error> {
    DEFAULT.store(Some(Arc::new(Client::from_json(config)?)));
    Ok(())
}
