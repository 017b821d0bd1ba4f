//! The operations by name, and what each of them is, as data.

use std::time::Instant;

use crate::client::Client;
use crate::document::{self, Fields, Record};
use crate::error::Error;
use crate::{magiclink, session, test_users};

/// One operation. Its name is what callers call it by.
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    /// The keys of its request document.
    pub(crate) record: &'static Record,
    /// Refuses what the record lets through and the service would not act on.
    pub(crate) check: fn(&Fields<'_>) -> Result<(), Error>,
    pub(crate) work: Work,
}

/// How an operation is performed.
pub(crate) enum Work {
    /// By a request to the service.
    Remote(Endpoint),
    /// On this machine, for which keys may have to be fetched first.
    Local(fn(&Client, &Fields<'_>, Fetch) -> Result<Option<String>, Error>),
}

/// Whether a local operation may use the network.
#[derive(Clone, Copy)]
pub(crate) enum Fetch {
    Until(Instant),
    /// The operation ends with `None` where it would have to.
    Never,
}

/// A path of the API.
pub(crate) struct Endpoint {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) bearer: Bearer,
    pub(crate) promise: Promise,
    /// Whether the request may be sent again after the edge answered that the service never saw it.
    pub(crate) is_repeatable: bool,
}

/// The HTTP method; a POST has a body, the others have none.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
    Delete,
}

impl Method {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Delete => "DELETE",
        }
    }
}

/// What the bearer holds beside the project ID.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bearer {
    /// The refresh token, if the request has one.
    Project,
    Refresh,
    /// The refresh token, once it has been found to hold on this machine.
    CheckedRefresh,
    Session,
    /// The management key.
    Management,
}

/// What a 2xx answer must hold, beside being a JSON object.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Promise {
    Nothing,
    Text(&'static str),
    Object(&'static str),
    /// An array under a key, which the answer may also be by itself: the published document and the
    /// official SDKs do not agree.
    Array(&'static str),
    /// A session token, in the body or a cookie, that holds.
    Session,
}

/// Every operation that can be called by name.
pub(crate) static OPERATIONS: [&Operation; 26] = [
    &magiclink::SIGN_IN_SMS,
    &magiclink::SIGN_IN_EMAIL,
    &magiclink::SIGN_IN_WHATSAPP,
    &magiclink::SIGN_UP_SMS,
    &magiclink::SIGN_UP_EMAIL,
    &magiclink::SIGN_UP_WHATSAPP,
    &magiclink::SIGN_UP_OR_IN_SMS,
    &magiclink::SIGN_UP_OR_IN_EMAIL,
    &magiclink::SIGN_UP_OR_IN_WHATSAPP,
    &magiclink::VERIFY,
    &magiclink::UPDATE_EMAIL,
    &magiclink::UPDATE_PHONE_SMS,
    &magiclink::UPDATE_PHONE_WHATSAPP,
    &session::VALIDATE,
    &session::REFRESH,
    &session::ME,
    &session::HISTORY,
    &session::SELECT_TENANT,
    &session::VALIDATE_REMOTE,
    &session::LOGOUT,
    &session::LOGOUT_ALL,
    &session::MATCH_PERMISSIONS,
    &session::MATCH_ROLES,
    &test_users::CREATE_USER,
    &test_users::GENERATE_MAGIC_LINK,
    &test_users::DELETE_ALL_USERS,
];

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

    /// Reads a request document.
    pub(crate) fn read<'a>(&self, json: &'a str) -> Result<Fields<'a>, Error> {
        document::read_record(self.record, json, "the request").map_err(Error::argument)
    }

    /// Refuses a request that the service would not act on.
    pub(crate) fn refuse_flaws(&self, request: &Fields<'_>) -> Result<(), Error> {
        if let Some(key) = request.empty_text() {
            let advice = match key {
                "loginId" => {
                    "give the user's phone number, such as +14155550123, email address or other login ID"
                }
                "token" => "give the token of the link, the `t` of its query",
                "refreshToken" => "give the refresh JWT of the session",
                "sessionToken" => "give the session JWT",
                _ => "give one",
            };
            return Err(Error::argument(format!("`{key}` is empty: {advice}")));
        }
        (self.check)(request)
    }
}

/// For an operation whose record says it all.
pub(crate) fn no_check(_: &Fields<'_>) -> Result<(), Error> {
    Ok(())
}

/// The body of a request, `extra` merged in.
pub(crate) fn body(request: &Fields<'_>) -> Result<String, Error> {
    let body =
        serde_json::to_string(request).map_err(|_| Error::internal("while writing a request"))?;
    match request.object("extra") {
        Some(extra) => document::merge(&body, extra.get()).map_err(Error::argument),
        None => Ok(body),
    }
}
