//! What the fuzz targets under `fuzz/` reach into. Not part of the API: there is such a module only with
//! the feature `fuzzing`, which nothing else may ask for.

use ureq::http::{HeaderName, HeaderValue};

use crate::answer;
use crate::client::Client;
use crate::config::Config;
use crate::error::Error;
use crate::operation::{self, Fetch, OPERATIONS, Operation, Promise, Work};
use crate::session;
use crate::transport::{self, Facts};

/// An answer as it comes from the wire.
pub struct Reply<'a> {
    /// The HTTP status.
    pub status: u16,
    /// Names and values; what HTTP would not let through is left out.
    pub headers: Vec<(&'a [u8], &'a [u8])>,
    /// The body.
    pub body: Vec<u8>,
}

/// The names of all operations.
pub fn operations() -> impl Iterator<Item = &'static str> {
    OPERATIONS.iter().map(|operation| operation.name)
}

/// The body that a request goes out with; `None` for an operation that is performed on this machine.
///
/// # Errors
///
/// [`Error::Argument`], as a call has it.
pub fn body(operation: &str, request: &str) -> Result<Option<String>, Error> {
    let operation = Operation::named(operation)?;
    let request = operation.read(request)?;
    operation.refuse_flaws(&request)?;
    match operation.work {
        Work::Remote(_) => operation::body(&request).map(Some),
        Work::Local(_) => Ok(None),
    }
}

/// Checks a configuration without the environment, and without reading any file that it names.
///
/// # Errors
///
/// [`Error::Config`], as a client has it.
pub fn settings(config: &str) -> Result<(), Error> {
    Config::from_json(config)?.resolve_alone().map(|_| ())
}

/// What a call of an operation makes of the service's answer; keys are not fetched.
///
/// # Errors
///
/// Any [`Error`], as a call has it.
pub fn answer(
    client: &Client,
    operation: &str,
    request: &str,
    reply: Reply<'_>,
) -> Result<String, Error> {
    let operation = Operation::named(operation)?;
    let request = operation.read(request)?;
    let promise = match &operation.work {
        Work::Remote(endpoint) => endpoint.promise,
        Work::Local(_) => Promise::Nothing,
    };
    let mut facts = Facts::default();
    for (name, value) in reply.headers {
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name), HeaderValue::from_bytes(value))
        {
            facts.note(name.as_str(), value.as_bytes());
        }
    }
    let reply = transport::Reply {
        status: reply.status,
        facts,
        body: Ok(reply.body),
    };
    let answer = answer::read(promise, reply)?;
    if promise != Promise::Session {
        return Ok(answer.json);
    }
    let to = client.destination_of(&request)?;
    session::complete(client, &to, &request, &answer, Fetch::Never)
}
