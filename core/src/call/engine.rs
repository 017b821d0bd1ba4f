//! What the calls of a client share: its settings, its projects and its connections.

use super::projects::Projects;
use crate::config::Settings;
use crate::error::Error;
use crate::net::{CallContext, ConnectionPool};

/// Runs the calls of a client. A call is an `async fn`: it only waits where its context says how.
pub(crate) struct Engine {
    pub(super) settings: Settings,
    pub(crate) projects: Projects,
    pub(super) pool: ConnectionPool,
}

impl Engine {
    /// # Errors
    ///
    /// [`Error::Config`] if a setting cannot be used.
    pub(crate) fn new(settings: Settings) -> Result<Engine, Error> {
        // The pool comes last: it may read files, and an error in the configuration itself says more.
        let projects = Projects::new(&settings)?;
        let pool = ConnectionPool::new(&settings)?;
        Ok(Engine {
            settings,
            projects,
            pool,
        })
    }

    /// Opens a connection before it is needed.
    pub(crate) async fn warm_up(&self, context: CallContext<'_>) -> Result<(), Error> {
        let deadline = context.now() + self.settings.timeout;
        let template = self.projects.default_project()?.project.keys_template()?;
        let result = self.pool.warm_up(template.url(), deadline, context).await;
        result.map_err(|error| error.with_attempts(1))
    }
}
