//! The client: a validated configuration, its projects, and its connections.

mod background;
pub mod default_client;
mod execute;
#[cfg(feature = "fuzzing")]
mod fuzzing;
mod http_exchange;
mod key_fetch;
mod local_operations;
mod magiclink;
mod new_session;
mod project_keys;
mod projects;
mod send_with_retries;
mod session;
mod test_users;
mod verify_token;

use std::fmt;
use std::time::Instant;

use crate::config::{Config, Settings};
use crate::error::Error;
use crate::logging;
use crate::net::ConnectionPool;
use projects::Projects;

/// A client of a Descope project. It keeps connections open, so create one and share it. All methods may
/// be called from any number of threads at the same time.
pub struct Client {
    settings: Settings,
    projects: Projects,
    pool: ConnectionPool,
}

impl Client {
    /// Creates a client. Values that the configuration does not set come from the environment, which is
    /// read now.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if a value is invalid.
    pub fn new(config: Config<'_>) -> Result<Client, Error> {
        let settings = config.resolve()?;
        // The pool comes last: it may read files, and an error in the configuration itself says more.
        let projects = Projects::new(&settings)?;
        let pool = ConnectionPool::new(&settings)?;
        Ok(Client {
            settings,
            projects,
            pool,
        })
    }

    /// Creates a client from a configuration document. With `None`, all values come from the
    /// environment.
    ///
    /// # Errors
    ///
    /// As [`Client::new`], and [`Error::Config`] for an invalid document.
    pub fn from_json(config: Option<&str>) -> Result<Client, Error> {
        match config {
            Some(json) => Client::new(Config::from_json(json)?),
            None => Client::new(Config::new()),
        }
    }

    /// Opens a connection before it is needed (DNS, TCP, proxy, TLS), without a request. The next call of
    /// any thread that needs a connection uses it, until the idle timeout. If an idle connection exists,
    /// no new one is opened.
    ///
    /// # Errors
    ///
    /// [`Error::Network`], [`Error::Tls`], [`Error::Timeout`], or [`Error::Config`] without a project.
    pub fn warm_up(&self) -> Result<(), Error> {
        let start = Instant::now();
        let result = self.open_connection(start + self.settings.timeout);
        logging::log_result("warm_up", start.elapsed(), &result);
        result
    }

    fn open_connection(&self, deadline: Instant) -> Result<(), Error> {
        let template = self.projects.default_project()?.project.keys_template()?;
        let result = self.pool.warm_up(template.url(), deadline);
        result.map_err(|error| error.with_attempts(1))
    }

    /// Fails if no project ID is configured, for callers that want to know before the first call.
    ///
    /// # Errors
    ///
    /// [`Error::Config`].
    pub fn require_project_id(&self) -> Result<(), Error> {
        self.projects.default_project().map(|_| ())
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let project = self.projects.default_project();
        let project_id = project.map(|entry| entry.project.id().as_str()).ok();
        f.debug_struct("Client")
            .field("project_id", &project_id)
            .finish_non_exhaustive()
    }
}
