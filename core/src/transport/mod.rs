//! HTTP: one request out, one reply or failure back, within a deadline.
//!
//! The protocol is ureq's engine, `ureq-proto`; the connections that it speaks over are our own.

mod attempt;
mod connection;
mod dial;
mod exchange;
mod fault;
mod idle;
mod names;
mod pem;
mod pools;
mod roots;
mod socket;
mod tls;
mod tunnel;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

use arc_swap::{ArcSwap, Guard};
use ureq::http::header::{CONTENT_ENCODING, HeaderMap, RETRY_AFTER, SET_COOKIE};
use ureq::http::{HeaderName, Uri};

use crate::config::Settings;
use crate::destination::Route;
use crate::error::Error;
use crate::sys;
use attempt::Attempt;
use fault::Fault;
use pools::{Pools, Recipe};

/// The largest body of an answer that is read, in bytes.
const MAX_ANSWER: usize = 1 << 20;

/// The largest head of an answer that is read, in bytes.
const MAX_HEAD: usize = 64 << 10;

/// What the edge calls its identifier of a request.
const CF_RAY: HeaderName = HeaderName::from_static("cf-ray");

/// A request as it goes out.
pub(crate) struct Message<'a> {
    pub(crate) route: &'a Route,
    /// The request line and all headers but the length of the body.
    pub(crate) head: Cow<'a, str>,
    /// What a POST carries; the other methods have no body.
    pub(crate) body: Option<Cow<'a, str>>,
}

/// An answer as it came in.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<String>,
    pub(crate) request_id: Option<String>,
    /// The values of its `Set-Cookie` headers.
    pub(crate) cookies: Vec<String>,
    /// Whether the body says that it is compressed, which is never asked for.
    pub(crate) is_compressed: bool,
    /// The body, or why it could not be read.
    pub(crate) body: Result<Vec<u8>, Error>,
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
        let tls = https.then(|| roots::tls(&settings.roots)).transpose()?;
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
        let body = answer.body.map_err(|fault| fault::explain(fault, attempt));
        Ok(Reply::new(answer.status, &answer.headers, body))
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

impl Reply {
    /// What counts of an answer.
    pub(crate) fn new(status: u16, headers: &HeaderMap, body: Result<Vec<u8>, Error>) -> Reply {
        let mut reply = Reply {
            status,
            retry_after: None,
            request_id: None,
            cookies: Vec::new(),
            is_compressed: false,
            body,
        };
        for (name, value) in headers {
            let text = || value.to_str().ok().map(str::to_owned);
            match name {
                &RETRY_AFTER => reply.retry_after = reply.retry_after.or_else(text),
                &SET_COOKIE => reply.cookies.extend(text()),
                &CONTENT_ENCODING => reply.is_compressed |= value != "identity",
                name if *name == CF_RAY => {
                    let id = || text().filter(|id| is_request_id(id));
                    reply.request_id = reply.request_id.or_else(id);
                }
                _ => {}
            }
        }
        reply
    }
}

/// Whether a text looks like an identifier of the edge, such as `8f2a6c1d0b3e4f5a-WAW`. Errors show it, so
/// it must be none that quotes the request.
fn is_request_id(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=64).contains(&text.len()) && text.bytes().all(is_plain)
}
