//! What the calls of a client share: its settings, its projects and its connections.

use super::projects::Projects;
use super::service_clock::ServiceClock;
use super::shared_requests::SharedRequests;
use crate::config::Settings;
use crate::error::Error;
use crate::logging::{self, Log, Logger};
use crate::net::{CallContext, ConnectionPool};
use crate::os::{Current, PerProcess};
use crate::random::{self, NO_RANDOM_NUMBERS};

/// The name of opening a connection in log lines.
pub(crate) const WARM_UP: &str = "warm_up";

/// Runs the calls of a client. A call is an `async fn`: it only waits where its context says how.
pub(crate) struct Engine {
    pub(super) settings: Settings,
    pub(crate) projects: Projects,
    pub(super) pool: ConnectionPool,
    pub(super) service_clock: ServiceClock,
    pub(crate) logger: Logger,
    shared_requests: PerProcess<SharedRequests>,
}

impl Engine {
    /// # Errors
    ///
    /// [`Error::Config`] if a setting cannot be used, or the system provides no random numbers.
    pub(crate) fn new(settings: Settings) -> Result<Engine, Error> {
        // The hash tables of the standard library would panic.
        if !random::is_available() {
            return Err(Error::config(NO_RANDOM_NUMBERS));
        }
        // The pool comes last: it may read files, and an error in the configuration itself says more.
        let projects = Projects::new(&settings)?;
        let pool = ConnectionPool::new(&settings)?;
        Ok(Engine {
            settings,
            projects,
            pool,
            service_clock: ServiceClock::default(),
            logger: Logger::new(),
            shared_requests: PerProcess::new(SharedRequests::default()),
        })
    }

    /// Where calls that do not block write their lines, as long as no other call waits for them.
    pub(crate) fn log(&self) -> Log<'_> {
        Log::new(&self.logger)
    }

    /// The requests that the calls of this process share.
    pub(super) fn shared_requests(&self) -> Current<SharedRequests> {
        self.shared_requests.get(SharedRequests::default)
    }

    /// Whether signals end blocking calls.
    #[inline]
    pub(crate) fn is_interruptible(&self) -> bool {
        self.settings.interruptible
    }

    /// Opens a connection before it is needed, and logs the result.
    pub(crate) async fn warm_up(&self, context: CallContext<'_>) -> Result<(), Error> {
        let result = context.result(self.open_connection(context).await);
        logging::log_result(
            context.log(&self.logger),
            WARM_UP,
            || context.elapsed(),
            &result,
        );
        result
    }

    async fn open_connection(&self, context: CallContext<'_>) -> Result<(), Error> {
        let deadline = context.start() + self.settings.timeout;
        let template = self.projects.default_project()?.project.keys_template()?;
        context.checked().await;
        let result = self.pool.warm_up(template.url(), deadline, context).await;
        result.map_err(|error| error.with_attempts(1))
    }
}
