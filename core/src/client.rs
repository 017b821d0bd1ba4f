//! The client: a checked configuration, the connections that it keeps, and how a call is made.

use std::fmt;
use std::time::Instant;

use once_cell::race::OnceBox;
use ureq::http::{HeaderValue, Uri};

use crate::answer;
use crate::bearer;
use crate::config::{BaseUrl, Config, ProjectId, Settings};
use crate::error::Error;
use crate::operation::{self, Control, OPERATIONS, Operation, Request};
use crate::retry::Retries;
use crate::transport::{Message, Transport};

/// A client of one Descope project. It keeps connections, so make one and share it: every call may
/// run at the same time as any other.
pub struct Client {
    settings: Settings,
    /// The configured project, with what its calls have in common.
    home: Option<Destination>,
    /// The addresses of the operations under [`Client::home`], made when first needed.
    uris: [OnceBox<Uri>; OPERATIONS.len()],
    transport: Transport,
}

/// Where the calls of a project go, and as whom.
struct Destination {
    project: ProjectId,
    project_header: HeaderValue,
    base_url: BaseUrl,
    /// The bearer without a refresh token.
    bearer: HeaderValue,
}

impl Client {
    /// Makes a client; what the configuration leaves open comes from the environment, read now.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] when the configuration or the environment holds what cannot work.
    pub fn new(config: Config<'_>) -> Result<Client, Error> {
        let settings = config.resolve()?;
        let home = settings.project.as_ref();
        let home = home.map(|project| Destination::new(project.clone(), &settings));
        Ok(Client {
            transport: Transport::new(&settings)?,
            home: home.transpose()?,
            uris: std::array::from_fn(|_| OnceBox::new()),
            settings,
        })
    }

    /// Makes a client from a configuration document; `None` leaves everything to the environment.
    ///
    /// # Errors
    ///
    /// As [`Client::new`], and for a document that is not one.
    pub fn from_json(config: Option<&str>) -> Result<Client, Error> {
        match config {
            Some(json) => Client::new(Config::from_json(json)?),
            None => Client::new(Config::new()),
        }
    }

    /// Performs an operation by name, such as `magiclink/signin/sms`: a request document in, the
    /// service's answer out, a JSON object.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn call(&self, operation: &str, request: &str) -> Result<String, Error> {
        (Operation::named(operation)?.call)(self, request)
    }

    /// Refuses when no project is configured, for callers that want to know before the first call.
    ///
    /// # Errors
    ///
    /// [`Error::Config`].
    pub fn require_project_id(&self) -> Result<(), Error> {
        self.home.as_ref().map(|_| ()).ok_or_else(no_project)
    }

    /// Performs a typed request.
    pub(crate) fn perform(
        &self,
        operation: &Operation,
        request: &impl Request,
    ) -> Result<String, Error> {
        let start = Instant::now();
        request.check()?;
        let control = request.control();
        let own = self.own_destination(&control)?;
        let destination = match (&own, &self.home) {
            (Some(own), _) | (None, Some(own)) => own,
            (None, None) => return Err(no_project()),
        };
        let message = Message {
            uri: self.uri(operation, destination, own.is_none())?,
            bearer: self.bearer(destination, &control)?,
            project: destination.project_header.clone(),
            body: operation::body(request)?,
        };
        let timeout = control.timeout.map(|ms| ms.0);
        let timeout = timeout.map_or(self.settings.timeout, std::time::Duration::from_millis);
        let mut retries = Retries::new(start + timeout, self.settings.max_attempts);
        loop {
            let sent = self.transport.post(&message, retries.deadline());
            let result = sent.and_then(|reply| answer::read(operation, reply));
            match result {
                Ok(json) => return Ok(json),
                Err(error) => retries.wait_or_give_up(error)?,
            }
        }
    }

    /// The destination of a request that names its own project.
    fn own_destination(&self, control: &Control<'_>) -> Result<Option<Destination>, Error> {
        let Some(id) = control.project_id else {
            return Ok(None);
        };
        let project = ProjectId::parse(id.as_str()).map_err(Error::argument)?;
        if self
            .home
            .as_ref()
            .is_some_and(|home| home.project == project)
        {
            return Ok(None);
        }
        Destination::new(project, &self.settings).map(Some)
    }

    fn uri(&self, operation: &Operation, to: &Destination, home: bool) -> Result<Uri, Error> {
        let make = || to.base_url.join(operation.path);
        match operation.index().and_then(|index| self.uris.get(index)) {
            Some(cell) if home => cell.get_or_try_init(|| make().map(Box::new)).cloned(),
            _ => make(),
        }
    }

    fn bearer(&self, to: &Destination, control: &Control<'_>) -> Result<HeaderValue, Error> {
        let token = control.refresh_token.map(|text| text.as_str());
        match token.filter(|token| !token.is_empty()) {
            None => Ok(to.bearer.clone()),
            token => bearer::header(
                &to.project,
                token,
                self.settings.auth_management_key.as_deref(),
            ),
        }
    }
}

impl Destination {
    fn new(project: ProjectId, settings: &Settings) -> Result<Destination, Error> {
        let bearer = bearer::header(&project, None, settings.auth_management_key.as_deref())?;
        let project_header = HeaderValue::from_str(project.as_str())
            .map_err(|_| Error::internal("while writing a header"))?;
        let base_url = settings.base_url.clone();
        Ok(Destination {
            base_url: base_url.unwrap_or_else(|| BaseUrl::of_project(&project)),
            project,
            project_header,
            bearer,
        })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let project = self.home.as_ref().map(|home| home.project.as_str());
        f.debug_struct("Client")
            .field("project_id", &project)
            .finish_non_exhaustive()
    }
}

fn no_project() -> Error {
    Error::config(
        "there is no project ID: set DESCOPE_PROJECT_ID, or give `projectId` in the configuration or the request",
    )
}
