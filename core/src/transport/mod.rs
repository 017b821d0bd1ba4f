//! HTTP: one request out, one reply or failure back, within a deadline.
//!
//! The only module that knows ureq's unversioned transport traits.

mod buffers;
mod call;
mod connection;
mod connector;
mod fault;
mod names;
mod pem;
mod pools;
mod prepared;
mod roots;
mod socket;
mod tls;
mod tunnel;

use std::sync::Arc;
use std::time::Instant;

use arc_swap::{ArcSwap, Guard};
use ureq::http::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, SET_COOKIE, USER_AGENT,
};
use ureq::http::{self, HeaderValue, Request, Response, Uri};

use crate::config::Settings;
use crate::error::Error;
use crate::operation::Method;
use pools::{Pools, Recipe};

/// The largest answer that is read, in bytes.
const MAX_ANSWER: u64 = 1 << 20;

/// What the request line and the headers of fixed length need at the most, in bytes.
const HEAD_ROOM: usize = 2 * 1024;

const PROJECT_ID: HeaderName = HeaderName::from_static("x-descope-project-id");
const SDK_NAME: HeaderName = HeaderName::from_static("x-descope-sdk-name");
const SDK_VERSION: HeaderName = HeaderName::from_static("x-descope-sdk-version");

/// A request as it goes out.
pub(crate) struct Message {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) bearer: HeaderValue,
    pub(crate) project: HeaderValue,
    /// What a POST carries; the other methods have no body.
    pub(crate) body: String,
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
    user_agent: HeaderValue,
}

impl Transport {
    pub(crate) fn new(settings: &Settings) -> Result<Transport, Error> {
        pools::watch_forks();
        let https = settings.base_url.as_ref().is_none_or(|url| url.is_https());
        let tls = https.then(|| roots::tls(&settings.roots)).transpose()?;
        let recipe = Recipe::new(settings, tls);
        Ok(Transport {
            pools: ArcSwap::from_pointee(recipe.make()),
            recipe,
            user_agent: settings.user_agent.clone(),
        })
    }

    /// Sends a message once and waits for its answer.
    ///
    /// # Errors
    ///
    /// [`Error::Network`], [`Error::Tls`], [`Error::Timeout`] or [`Error::Protocol`]. An answer that
    /// has a status is a reply, whatever became of its body.
    pub(crate) fn send(&self, message: &Message, deadline: Instant) -> Result<Reply, Error> {
        let pools = self.pools();
        let Some(agent) = pools.agent() else {
            return Err(Error::internal("while choosing a connection"));
        };
        let path = message.uri.path().len();
        call::begin(deadline, HEAD_ROOM + path + message.bearer.len());
        if call::time_left().is_none() {
            return Err(fault::explain(fault::Fault::Time.into()));
        }
        let response = match message.method {
            Method::Post => agent.run(self.request(message, message.body.as_bytes())),
            Method::Get | Method::Delete => agent.run(self.request(message, ())),
        };
        response.map(read).map_err(fault::explain)
    }

    /// Makes a connection to a server ahead of the first request, unless one waits already.
    ///
    /// # Errors
    ///
    /// [`Error::Network`], [`Error::Tls`] or [`Error::Timeout`].
    pub(crate) fn warm_up(&self, uri: &Uri, deadline: Instant) -> Result<(), Error> {
        call::begin(deadline, 0);
        let warm = self.pools().parts().warm_up(uri);
        warm.map_err(|fault| fault::explain(fault.into()))
    }

    fn request<B>(&self, message: &Message, body: B) -> Request<B> {
        let mut request = Request::new(body);
        *request.method_mut() = match message.method {
            Method::Get => http::Method::GET,
            Method::Post => http::Method::POST,
            Method::Delete => http::Method::DELETE,
        };
        *request.uri_mut() = message.uri.clone();
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, message.bearer.clone());
        if message.method == Method::Post {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        headers.insert(PROJECT_ID, message.project.clone());
        headers.insert(SDK_NAME, HeaderValue::from_static("libdescope_ml"));
        headers.insert(SDK_VERSION, HeaderValue::from_static(crate::VERSION));
        headers.insert(USER_AGENT, self.user_agent.clone());
        request
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

/// The reply that a response amounts to.
pub(crate) fn read(response: Response<ureq::Body>) -> Reply {
    let (head, body) = response.into_parts();
    let text = |headers: &HeaderMap, name: &str| {
        let value = headers.get(name)?.to_str().ok()?;
        Some(value.to_owned())
    };
    let cookies = head.headers.get_all(SET_COOKIE).iter();
    let cookies = cookies.filter_map(|value| Some(value.to_str().ok()?.to_owned()));
    let is_compressed = head
        .headers
        .get(CONTENT_ENCODING)
        .is_some_and(|coding| coding != "identity");
    let body = body.into_with_config().limit(MAX_ANSWER).read_to_vec();
    Reply {
        status: head.status.as_u16(),
        retry_after: text(&head.headers, "retry-after"),
        request_id: text(&head.headers, "cf-ray").filter(|id| is_request_id(id)),
        cookies: cookies.collect(),
        is_compressed,
        body: body.map_err(fault::explain),
    }
}

/// Whether a text looks like an identifier of the edge, such as `8f2a6c1d0b3e4f5a-WAW`. Errors show it, so
/// it must be none that quotes the request.
fn is_request_id(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=64).contains(&text.len()) && text.bytes().all(is_plain)
}
