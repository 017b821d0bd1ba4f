//! The client: a checked configuration, the connections that it keeps, and how a call is made.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;

use crate::answer::{self, Promised};
use crate::config::{Config, ProjectId, Settings};
use crate::destination::{Destination, To};
use crate::document::Fields;
use crate::error::{Error, Failure};
use crate::journal;
use crate::operation::{self, Bearer, Endpoint, Fetch, Method, Operation, Promise, Work};
use crate::retry::Retries;
use crate::session;
use crate::status::Outcome;
use crate::token::{KeySet, Wanted};
use crate::transport::{Message, Transport};

/// How many projects beside its own a client remembers, with their keys.
const OTHER_PROJECTS: usize = 64;

/// What messages say when the keys cannot be had.
const NO_KEYS: &str = "the project's public keys could not be fetched";

/// A client of one Descope project. It keeps connections, so make one and share it: every call may
/// run at the same time as any other.
pub struct Client {
    settings: Settings,
    /// The configured project.
    home: Option<Destination>,
    /// The projects that requests have named, the latest last. Replaced as a whole: no lock that a fork
    /// could leave taken.
    others: ArcSwap<Vec<Arc<Destination>>>,
    transport: Transport,
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
        let home = home.map(|project| Destination::new(project.clone(), &settings, true));
        Ok(Client {
            transport: Transport::new(&settings)?,
            home: home.transpose()?,
            others: ArcSwap::default(),
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
        let operation = Operation::named(operation)?;
        match operation.read(request) {
            Ok(request) => self.perform(operation, &request),
            Err(error) => told(operation, Instant::now(), Err(error)),
        }
    }

    /// Connects ahead, so that the next call need not: name look-up, TCP, a proxy and TLS, but no
    /// request. The connection waits for whichever thread next needs a new one, until the idle timeout.
    /// While one waits, this does nothing; connections that earlier calls have left idle do not count.
    ///
    /// # Errors
    ///
    /// [`Error::Network`], [`Error::Tls`], [`Error::Timeout`], or [`Error::Config`] without a project.
    pub fn warm_up(&self) -> Result<(), Error> {
        let start = Instant::now();
        let warm = self.connect_ahead(start + self.settings.timeout);
        journal::ended("warm_up", start, &warm);
        warm
    }

    fn connect_ahead(&self, deadline: Instant) -> Result<(), Error> {
        let home = self.home.as_ref().ok_or_else(no_project)?;
        let warm = self.transport.warm_up(&home.keys_route()?.uri, deadline);
        warm.map_err(|error| error.after_attempts(1))
    }

    /// Performs an operation by name if that takes no network; `None` if it would, and nothing has
    /// happened yet. For callers that must not wait.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn call_at_hand(&self, operation: &str, request: &str) -> Result<Option<String>, Error> {
        let operation = Operation::named(operation)?;
        match operation.work {
            Work::Remote(_) => Ok(None),
            Work::Local(work) => {
                let start = Instant::now();
                let result = operation.read(request).and_then(|request| {
                    operation.refuse_flaws(&request)?;
                    work(self, &request, Fetch::Never)
                });
                let done = result.transpose();
                done.map(|result| told(operation, start, result))
                    .transpose()
            }
        }
    }

    /// Refuses when no project is configured, for callers that want to know before the first call.
    ///
    /// # Errors
    ///
    /// [`Error::Config`].
    pub fn require_project_id(&self) -> Result<(), Error> {
        self.home.as_ref().map(|_| ()).ok_or_else(no_project)
    }

    /// Performs a request.
    pub(crate) fn perform(
        &self,
        operation: &Operation,
        request: &Fields<'_>,
    ) -> Result<String, Error> {
        let start = Instant::now();
        told(operation, start, self.work(operation, request, start))
    }

    fn work(
        &self,
        operation: &Operation,
        request: &Fields<'_>,
        start: Instant,
    ) -> Result<String, Error> {
        operation.refuse_flaws(request)?;
        let timeout = request.millis("timeoutMs").map(|ms| ms.0);
        let deadline = start + timeout.map_or(self.settings.timeout, Duration::from_millis);
        match &operation.work {
            Work::Remote(endpoint) => self.exchange(operation, endpoint, request, deadline),
            Work::Local(work) => {
                let answer = work(self, request, Fetch::Until(deadline))?;
                answer.ok_or_else(|| Error::internal("while fetching keys"))
            }
        }
    }

    fn exchange(
        &self,
        operation: &Operation,
        endpoint: &Endpoint,
        request: &Fields<'_>,
        deadline: Instant,
    ) -> Result<String, Error> {
        let to = self.destination_of(request)?;
        let route = to.route(operation, endpoint)?;
        let message = Message {
            route,
            head: to.head_of(route, request, endpoint.bearer, &self.settings)?,
            body: match endpoint.method {
                Method::Post => Some(operation::body(request)?),
                Method::Get | Method::Delete => None,
            },
        };
        let fetch = Fetch::Until(deadline);
        if endpoint.bearer == Bearer::CheckedRefresh {
            session::check_refresh_token(self, &to, request, fetch)?;
        }
        if endpoint.promise != Promise::Session {
            return Ok(self.send(endpoint, &message, deadline)?.json);
        }
        // Without keys the tokens of the answer could not be checked, and what was sent to get them
        // works only once: so first the keys.
        self.keys_for(&to, Wanted::Any, fetch)?;
        let answer = self.send(endpoint, &message, deadline)?;
        session::complete(self, &to, request, &answer, fetch)
    }

    /// Sends a message until there is an answer, or no other attempt is safe.
    fn send(
        &self,
        endpoint: &Endpoint,
        message: &Message<'_>,
        deadline: Instant,
    ) -> Result<Promised, Error> {
        let attempts = self.settings.max_attempts;
        let mut retries = Retries::new(deadline, attempts, endpoint.is_repeatable);
        loop {
            journal::attempt(message, retries.done() + 1, retries.max_attempts());
            let sent = self.transport.send(message, retries.deadline());
            match sent.and_then(|reply| answer::read(endpoint.promise, reply)) {
                Ok(answer) => {
                    return Ok(Promised {
                        attempts: retries.done() + 1,
                        ..answer
                    });
                }
                Err(error) => retries.wait_or_give_up(error)?,
            }
        }
    }

    /// The keys of a project, as [`Keyring::get`](crate::token::Keyring::get) has them; `None` when they
    /// would have to be fetched and may not.
    pub(crate) fn keys_for(
        &self,
        to: &Destination,
        wanted: Wanted<'_>,
        fetch: Fetch,
    ) -> Result<Option<Arc<KeySet>>, Error> {
        match fetch {
            Fetch::Never => Ok(to.keys.at_hand(wanted)),
            Fetch::Until(deadline) => {
                let keys = to.keys.get(wanted, deadline, |deadline| {
                    let keys = self.fetch_keys(to, deadline);
                    keys.map_err(|error| error.before_sending(NO_KEYS))
                });
                keys.map(Some)
            }
        }
    }

    fn fetch_keys(&self, to: &Destination, deadline: Instant) -> Result<KeySet, Error> {
        let endpoint = Endpoint {
            method: Method::Get,
            path: "",
            bearer: Bearer::Project,
            promise: Promise::Nothing,
            is_repeatable: true,
        };
        let route = to.keys_route()?;
        let message = Message {
            head: Cow::Borrowed(&route.head),
            route: &route,
            body: None,
        };
        let answer = self.send(&endpoint, &message, deadline)?;
        KeySet::read(&answer.json).map_err(|why| {
            Error::Protocol(Failure {
                http_status: Some(answer.status),
                request_id: answer.request_id,
                attempts: 1,
                ..Failure::new(format!("the key set {why}"), Outcome::NotSent)
            })
        })
    }

    /// The destination of a request: the project that it names, or else the client's own.
    pub(crate) fn destination_of(&self, request: &Fields<'_>) -> Result<To<'_>, Error> {
        let Some(id) = request.given_text("projectId") else {
            return self.home.as_ref().map(To::Home).ok_or_else(no_project);
        };
        let project = ProjectId::parse(id).map_err(Error::argument)?;
        if let Some(home) = self.home.as_ref().filter(|home| *home.project() == project) {
            return Ok(To::Home(home));
        }
        let others = self.others.load();
        let known = others.iter().find(|other| *other.project() == project);
        if let Some(known) = known {
            return Ok(To::Other(Arc::clone(known)));
        }
        let made = Destination::new(project, &self.settings, self.home.is_none())?;
        let made = Arc::new(made);
        let is_it = |other: &&Arc<Destination>| *other.project() == *made.project();
        self.others.rcu(|others| {
            // Another thread may have been first: all are to share one set of keys.
            if others.iter().any(|other| is_it(&other)) {
                return Vec::clone(others);
            }
            let kept = others.len().saturating_sub(OTHER_PROJECTS - 1);
            let mut others: Vec<_> = others.iter().skip(kept).cloned().collect();
            others.push(Arc::clone(&made));
            others
        });
        let others = self.others.load();
        let shared = others.iter().find(is_it).unwrap_or(&made);
        Ok(To::Other(Arc::clone(shared)))
    }

    pub(crate) fn jwt_leeway(&self) -> Duration {
        self.settings.jwt_leeway
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let project = self.home.as_ref().map(|home| home.project().as_str());
        f.debug_struct("Client")
            .field("project_id", &project)
            .finish_non_exhaustive()
    }
}

/// The result, once the log has been told of it.
fn told(
    operation: &Operation,
    start: Instant,
    result: Result<String, Error>,
) -> Result<String, Error> {
    journal::ended(operation.name, start, &result);
    result
}

fn no_project() -> Error {
    Error::config(
        "there is no project ID: set DESCOPE_PROJECT_ID, or give `projectId` in the configuration or the request",
    )
}
