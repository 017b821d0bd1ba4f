//! HTTP: one request out, one reply or failure back, within a deadline.
//!
//! A request is written here, head and body at once, and goes over connections of our own. Answers are
//! read by ureq's engine, `ureq-proto`, but for the plain ones that nearly all are.

mod attempt;
mod authorities;
mod connection;
mod dial;
mod exchange;
mod fault;
mod idle;
mod names;
mod pem;
mod plain;
mod pools;
mod roots;
mod socket;
mod tls;
mod tls_config;
mod tunnel;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

use arc_swap::{ArcSwap, Guard};
use ureq::http::Uri;

use crate::config::Settings;
use crate::destination::Route;
use crate::error::Error;
use crate::sys;
use attempt::Attempt;
use fault::Fault;
use pools::{Pools, Recipe};
use tls_config::tls_config;

/// The largest body of an answer that is read, in bytes.
const MAX_ANSWER: usize = 1 << 20;

/// The largest head of an answer that is read, in bytes.
const MAX_HEAD: usize = 64 << 10;

/// A request as it goes out.
pub(crate) struct Message<'a> {
    pub(crate) route: &'a Route,
    /// The request line and all headers but the length of the body.
    pub(crate) head: Cow<'a, str>,
    /// What a POST carries; the other methods have no body.
    pub(crate) body: Option<String>,
}

/// An answer as it came in.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) facts: Facts,
    /// The body, or why it could not be read.
    pub(crate) body: Result<Vec<u8>, Error>,
}

/// What counts of an answer's headers.
#[derive(Default)]
#[cfg_attr(test, derive(Debug, PartialEq, Eq))]
pub(crate) struct Facts {
    pub(crate) retry_after: Option<String>,
    /// The edge's identifier of the request.
    pub(crate) request_id: Option<String>,
    /// The values of its `Set-Cookie` headers.
    pub(crate) cookies: Vec<String>,
    /// Whether the body says that it is compressed, which is never asked for.
    pub(crate) is_compressed: bool,
}

/// The connections of a client.
pub(crate) struct Transport {
    recipe: Recipe,
    pools: ArcSwap<Pools>,
}

impl Transport {
    pub(crate) fn new(settings: &Settings) -> Result<Transport, Error> {
        sys::watch_forks();
        let https = settings.base_url.as_ref().is_none_or(|url| url.is_https());
        let tls = https.then(|| tls_config(&settings.roots)).transpose()?;
        let recipe = Recipe::new(settings, tls);
        Ok(Transport {
            pools: ArcSwap::from_pointee(recipe.make()),
            recipe,
        })
    }

    /// Sends a message once and waits for its answer.
    ///
    /// # Errors
    ///
    /// [`Error::Network`], [`Error::Tls`], [`Error::Timeout`] or [`Error::Protocol`]. An answer that
    /// has a status is a reply, whatever became of its body.
    pub(crate) fn send(&self, message: &Message<'_>, deadline: Instant) -> Result<Reply, Error> {
        let attempt = Attempt::new(deadline);
        self.exchange(message, &attempt)
            .map_err(|fault| fault::explain(fault, &attempt))
    }

    fn exchange(&self, message: &Message<'_>, attempt: &Attempt) -> Result<Reply, Fault> {
        attempt.time_left()?;
        let pools = self.pools();
        let mut connection = pools.connection(&message.route.uri, attempt)?;
        let answer = exchange::exchange(&mut connection, message, attempt)?;
        if answer.can_go_on {
            pools.keep(connection);
        }
        Ok(Reply {
            status: answer.status,
            facts: answer.facts,
            body: answer.body.map_err(|fault| fault::explain(fault, attempt)),
        })
    }

    /// Makes a connection to a server ahead of the first request, unless one waits already.
    ///
    /// # Errors
    ///
    /// [`Error::Network`], [`Error::Tls`] or [`Error::Timeout`].
    pub(crate) fn warm_up(&self, uri: &Uri, deadline: Instant) -> Result<(), Error> {
        let attempt = Attempt::new(deadline);
        let warm = self.pools().warm_up(uri, &attempt);
        warm.map_err(|fault| fault::explain(fault, &attempt))
    }

    /// The pools of this process. Those of the parent are left alone for good, not even freed: the
    /// sockets and the locks in them may be in use on the other side of the fork.
    fn pools(&self) -> Guard<Arc<Pools>> {
        let pools = self.pools.load();
        if pools.are_ours() {
            return pools;
        }
        let mine = Arc::new(self.recipe.make());
        let before = self.pools.compare_and_swap(&pools, mine);
        if !before.are_ours() {
            std::mem::forget(Arc::clone(&before));
        }
        self.pools.load()
    }
}

impl Drop for Transport {
    /// A client that is freed in a child process leaves the parent's pools alone as well.
    fn drop(&mut self) {
        let pools = self.pools.load_full();
        if !pools.are_ours() {
            std::mem::forget(pools);
        }
    }
}

impl Facts {
    /// Notes a header. Of several with a name, the first that is text counts.
    pub(crate) fn note(&mut self, name: &str, value: &[u8]) {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        if is("retry-after") {
            self.retry_after = self.retry_after.take().or_else(|| text(value));
        } else if is("cf-ray") {
            let id = || text(value).filter(|id| is_request_id(id));
            self.request_id = self.request_id.take().or_else(id);
        } else if is("set-cookie") {
            self.cookies.extend(text(value));
        } else if is("content-encoding") {
            self.is_compressed |= value != b"identity";
        }
    }
}

/// The value of a header, if it is text.
fn text(value: &[u8]) -> Option<String> {
    let is_text = value.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
    is_text.then(|| String::from_utf8_lossy(value).into_owned())
}

/// Whether a text looks like an identifier of the edge, such as `8f2a6c1d0b3e4f5a-WAW`. Errors show it, so
/// it must be none that quotes the request.
fn is_request_id(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=64).contains(&text.len()) && text.bytes().all(is_plain)
}
