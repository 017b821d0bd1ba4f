//! The operations of the API by name, and what every request has in common.

use serde::Serialize;

use crate::client::Client;
use crate::config::Millis;
use crate::document::{self, Object, Text};
use crate::error::Error;
use crate::magiclink;

/// One operation of the API. Its name is its path without `/v1/auth/`.
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) path: &'static str,
    /// The key that a 2xx answer must have, a string.
    pub(crate) answer_key: &'static str,
    /// Reads a request document and performs it.
    pub(crate) call: fn(&Client, &str) -> Result<String, Error>,
}

/// Every operation that can be called by name.
pub(crate) static OPERATIONS: [&Operation; 1] = [&magiclink::SIGN_IN_SMS];

impl Operation {
    /// The operation with this name.
    pub(crate) fn named(name: &str) -> Result<&'static Operation, Error> {
        let found = OPERATIONS.iter().find(|operation| operation.name == name);
        found.copied().ok_or_else(|| {
            let known: Vec<_> = OPERATIONS.iter().map(|operation| operation.name).collect();
            Error::argument(format!(
                "there is no such operation; the operations are {}",
                known.join(", ")
            ))
        })
    }

    /// The operation's place in [`OPERATIONS`].
    pub(crate) fn index(&self) -> Option<usize> {
        OPERATIONS
            .iter()
            .position(|operation| std::ptr::eq(*operation, self))
    }
}

/// The keys of a request document that steer the call and are never part of the body.
#[derive(Clone, Copy, Default)]
pub(crate) struct Control<'a> {
    pub(crate) project_id: Option<&'a Text<'a>>,
    pub(crate) refresh_token: Option<&'a Text<'a>>,
    pub(crate) timeout: Option<Millis>,
    pub(crate) extra: Option<&'a Object<'a>>,
}

/// A request that a client can perform; serialised, it is the body.
pub(crate) trait Request: Serialize {
    /// What steers the call.
    fn control(&self) -> Control<'_>;

    /// Refuses what the types let through and the service would not act on.
    fn check(&self) -> Result<(), Error>;
}

/// The body of a request, `extra` merged in.
pub(crate) fn body(request: &impl Request) -> Result<String, Error> {
    let body =
        serde_json::to_string(request).map_err(|_| Error::internal("while writing a request"))?;
    match request.control().extra {
        Some(extra) => document::merge(&body, extra.get()).map_err(Error::argument),
        None => Ok(body),
    }
}
