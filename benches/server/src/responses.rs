//! The prepared responses, and the counts of connections and requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use arc_swap::ArcSwap;
use serde_json::json;

/// The headers that a content delivery network adds, as those of the service.
const EDGE: &str = "Date: Thu, 26 Nov 2026 12:00:00 GMT\r\n\
    Connection: keep-alive\r\n\
    CF-Ray: 9a1b2c3d4e5f6071-WAW\r\n\
    CF-Cache-Status: DYNAMIC\r\n\
    Cache-Control: no-store, no-cache, must-revalidate\r\n\
    Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n\
    X-Content-Type-Options: nosniff\r\n\
    Vary: Origin\r\n\
    Server: cloudflare\r\n";

/// The responses and counts that all connections share.
pub(crate) struct Responses {
    masked_phone: String,
    edge: bool,
    sign_in: ArcSwap<Vec<u8>>,
    group_size: AtomicUsize,
    keys: Arc<Vec<u8>>,
    not_found: Arc<Vec<u8>>,
    connections: AtomicU64,
    requests: AtomicU64,
}

impl Responses {
    pub(crate) fn new(masked_phone: &str, edge: bool, keys: Option<&[u8]>) -> Responses {
        let not_found = || response("404 Not Found", br#"{"errorCode":"E000404"}"#, edge);
        Responses {
            masked_phone: masked_phone.to_owned(),
            edge,
            sign_in: ArcSwap::from_pointee(sign_in_response(masked_phone, 0, edge)),
            group_size: AtomicUsize::new(0),
            keys: Arc::new(keys.map_or_else(not_found, |keys| response("200 OK", keys, edge))),
            not_found: Arc::new(not_found()),
            connections: AtomicU64::new(0),
            requests: AtomicU64::new(0),
        }
    }

    /// Pads the body of the sign-in response to this size. It never gets shorter than without padding.
    pub(crate) fn set_size(&self, bytes: usize) {
        let response = sign_in_response(&self.masked_phone, bytes, self.edge);
        self.sign_in.store(Arc::new(response));
    }

    /// How many requests have to arrive before the event loop answers them.
    pub(crate) fn group_size(&self) -> usize {
        self.group_size.load(Ordering::Relaxed)
    }

    pub(crate) fn set_group_size(&self, requests: usize) {
        self.group_size.store(requests, Ordering::Relaxed);
    }

    pub(crate) fn count_connection(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    /// The connections and requests since the previous call.
    pub(crate) fn take_counts(&self) -> (u64, u64) {
        (
            self.connections.swap(0, Ordering::Relaxed),
            self.requests.swap(0, Ordering::Relaxed),
        )
    }

    /// The whole response to a request. It counts the request.
    ///
    /// # Arguments
    ///
    /// * `target` - The method and path, `POST /v1/…`.
    /// * `bearer` - The bearer token, if there is one.
    /// * `body` - The request body.
    pub(crate) fn respond(
        &self,
        target: &[u8],
        bearer: Option<&[u8]>,
        body: &[u8],
    ) -> Arc<Vec<u8>> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let is_project = bearer.is_some_and(|bearer| bearer.starts_with(b"P"));
        if is_project && target == b"POST /v1/auth/magiclink/signin/sms" && body.starts_with(b"{") {
            self.sign_in.load_full()
        } else if target.starts_with(b"GET /v2/keys/P") {
            Arc::clone(&self.keys)
        } else {
            Arc::clone(&self.not_found)
        }
    }
}

fn sign_in_response(masked_phone: &str, bytes: usize, edge: bool) -> Vec<u8> {
    let body = |padding: Option<usize>| {
        let mut members = json!({ "maskedPhone": masked_phone });
        if let Some(padding) = padding {
            members["padding"] = "x".repeat(padding).into();
        }
        members.to_string()
    };
    let padding = bytes.checked_sub(body(Some(0)).len());
    response("200 OK", body(padding).as_bytes(), edge)
}

/// A whole response. With `edge` its body is one chunk.
fn response(status: &str, body: &[u8], edge: bool) -> Vec<u8> {
    let (framing, before, after) = match edge {
        true => (
            format!("{EDGE}Transfer-Encoding: chunked\r\n"),
            format!("{:x}\r\n", body.len()),
            "\r\n0\r\n\r\n",
        ),
        false => (
            format!("Content-Length: {}\r\n", body.len()),
            String::new(),
            "",
        ),
    };
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{framing}\r\n{before}");
    [head.as_bytes(), body, after.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::sign_in_response;

    fn body(bytes: usize) -> Vec<u8> {
        let response = sign_in_response("***-***-0123", bytes, false);
        let start = response
            .windows(4)
            .position(|at| at == b"\r\n\r\n")
            .unwrap()
            + 4;
        serde_json::from_slice::<serde_json::Value>(&response[start..]).unwrap();
        response[start..].to_vec()
    }

    #[test]
    fn the_body_has_the_requested_size() {
        assert_eq!(body(0), br#"{"maskedPhone":"***-***-0123"}"#);
        for bytes in [43, 44, 1_000, 1_000_000] {
            assert_eq!(body(bytes).len(), bytes);
        }
    }
}
