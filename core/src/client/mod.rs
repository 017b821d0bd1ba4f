//! The client: a validated configuration, its projects, and its connections.

mod blocking;
pub(crate) mod cleanup;
pub mod default_client;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod magiclink;
mod management;
mod queue;
mod session;
mod test_users;

use std::fmt;

use log::{Level, LevelFilter};

use crate::call::Engine;
use crate::config::Config;
use crate::error::Error;
use crate::status::Outcome;

pub use queue::{Completion, Next, Queue};

/// A client of a Descope project. It keeps connections open, so create one and share it. All methods may
/// be called from any number of threads at the same time.
pub struct Client {
    engine: Engine,
}

impl Client {
    /// Creates a client. Values that the configuration does not set come from the environment, which is
    /// read now.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if a value is invalid.
    pub fn new(config: Config<'_>) -> Result<Client, Error> {
        let engine = config.resolve().and_then(Engine::new);
        let engine = engine.map_err(|error| error.unless_out_of_memory(Outcome::NotSent))?;
        Error::check_memory()?;
        Ok(Client { engine })
    }

    /// Creates a client from a configuration document. With `None`, all values come from the
    /// environment.
    ///
    /// # Errors
    ///
    /// As [`Client::new`], and [`Error::Config`] for an invalid document.
    pub fn from_json(config: Option<&str>) -> Result<Client, Error> {
        match config {
            Some(json) => {
                let config = Config::from_json(json);
                Client::new(config.map_err(|error| error.unless_out_of_memory(Outcome::NotSent))?)
            }
            None => Client::new(Config::new()),
        }
    }

    /// Passes each log line of this client to `handler`, up to the level `max_level`, and no longer to the
    /// handler of the process or to the `log` crate. It replaces the previous handler of this client. The
    /// last one is dropped with the client. When and how it runs: see
    /// [`set_log_handler`](crate::set_log_handler). What the client logs while it is created goes to that one.
    pub fn set_log_handler(
        &self,
        max_level: LevelFilter,
        handler: impl Fn(Level, &str) + Send + Sync + 'static,
    ) {
        let handler = Box::new(handler);
        self.engine.logger.set_handler(max_level, handler);
    }

    /// Removes the handler of this client. Its lines go to the handler of the process again.
    pub fn remove_log_handler(&self) {
        self.engine.logger.remove_handler();
    }

    /// Fails if no project ID is configured, for callers that want to know before the first call.
    ///
    /// # Errors
    ///
    /// [`Error::Config`].
    pub fn require_project_id(&self) -> Result<(), Error> {
        self.engine.projects.default_project().map(|_| ())
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let project = self.engine.projects.default_project();
        let project_id = project.map(|entry| entry.project.id().as_str()).ok();
        f.debug_struct("Client")
            .field("project_id", &project_id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
