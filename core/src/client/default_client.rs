//! The default client of the process: created from the environment at its first use, replaced as a whole.

use std::sync::Arc;

use arc_swap::ArcSwapOption;

use super::Client;
use crate::error::Error;

/// Read and replaced without a lock, so that it is usable in a child after a fork at any moment.
static DEFAULT: ArcSwapOption<Client> = ArcSwapOption::const_empty();

/// Calls an operation with the default client; see [`Client::call`].
///
/// # Errors
///
/// As [`Client::call`], and [`Error::Config`] if the environment is not a valid configuration.
pub fn call(operation: &str, request: &str) -> Result<String, Error> {
    // Borrowed, not shared: many threads that change one reference count slow each other down.
    match &*DEFAULT.load() {
        Some(client) => client.call(operation, request),
        None => get()?.call(operation, request),
    }
}

/// Opens a connection with the default client; see [`Client::warm_up`].
///
/// # Errors
///
/// As [`Client::warm_up`], and [`Error::Config`] if the environment is not a valid configuration.
pub fn warm_up() -> Result<(), Error> {
    get()?.warm_up()
}

/// The default client.
///
/// # Errors
///
/// [`Error::Config`] if the environment is not a valid configuration.
pub fn get() -> Result<Arc<Client>, Error> {
    if let Some(client) = DEFAULT.load_full() {
        return Ok(client);
    }
    let new = Arc::new(Client::from_json(None)?);
    Error::check_memory()?;
    let none: Option<Arc<Client>> = None;
    let previous = DEFAULT.compare_and_swap(&none, Some(Arc::clone(&new)));
    Ok(match &*previous {
        Some(other) => Arc::clone(other),
        None => new,
    })
}

/// Removes the default client. The next call creates it from the environment.
pub(super) fn release() {
    DEFAULT.store(None);
}

/// Replaces the default client. `None` stands for the current environment. Calls in progress keep using
/// the old client.
///
/// # Errors
///
/// [`Error::Config`] or [`Error::Memory`]. The default client is not changed then.
pub fn configure(config: Option<&str>) -> Result<(), Error> {
    let new = Arc::new(Client::from_json(config)?);
    Error::check_memory()?;
    DEFAULT.store(Some(new));
    Ok(())
}
