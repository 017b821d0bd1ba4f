//! What the server answers, made once, and what it has counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use serde_json::json;

/// What a content delivery network says of an answer that it passes on: one like the service's.
const EDGE: &str = "Date: Thu, 26 Nov 2026 12:00:00 GMT\r\n\
    Connection: keep-alive\r\n\
    CF-Ray: 9a1b2c3d4e5f6071-WAW\r\n\
    CF-Cache-Status: DYNAMIC\r\n\
    Cache-Control: no-store, no-cache, must-revalidate\r\n\
    Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n\
    X-Content-Type-Options: nosniff\r\n\
    Vary: Origin\r\n\
    Server: cloudflare\r\n";

/// All connections' answers and counts.
pub(crate) struct Site {
    masked_phone: String,
    edge: bool,
    sent: ArcSwap<Vec<u8>>,
    keys: Arc<Vec<u8>>,
    missing: Arc<Vec<u8>>,
    connections: AtomicU64,
    requests: AtomicU64,
}

impl Site {
    pub(crate) fn new(masked_phone: &str, edge: bool, keys: Option<&[u8]>) -> Site {
        let missing = || answer("404 Not Found", br#"{"errorCode":"E000404"}"#, edge);
        Site {
            masked_phone: masked_phone.to_owned(),
            edge,
            sent: ArcSwap::from_pointee(sign_in_answer(masked_phone, 0, edge)),
            keys: Arc::new(keys.map_or_else(missing, |keys| answer("200 OK", keys, edge))),
            missing: Arc::new(missing()),
            connections: AtomicU64::new(0),
            requests: AtomicU64::new(0),
        }
    }

    /// Pads the sign-in's answer to so many bytes of body; it never gets shorter than it has to be.
    pub(crate) fn pad_to(&self, bytes: usize) {
        let answer = sign_in_answer(&self.masked_phone, bytes, self.edge);
        self.sent.store(Arc::new(answer));
    }

    pub(crate) fn count_connection(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    /// Connections and requests since this was last asked.
    pub(crate) fn counted(&self) -> (u64, u64) {
        (
            self.connections.swap(0, Ordering::Relaxed),
            self.requests.swap(0, Ordering::Relaxed),
        )
    }

    /// The whole answer to a request, which is counted.
    ///
    /// # Arguments
    ///
    /// * `target` - The first line's method and path, `POST /v1/…`.
    /// * `project` - What the bearer begins with, if there is one.
    /// * `body` - The request's body.
    pub(crate) fn answer(
        &self,
        target: &[u8],
        project: Option<&[u8]>,
        body: &[u8],
    ) -> Arc<Vec<u8>> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let known = project.is_some_and(|project| project.starts_with(b"P"));
        if known && target == b"POST /v1/auth/magiclink/signin/sms" && body.starts_with(b"{") {
            self.sent.load_full()
        } else if target.starts_with(b"GET /v2/keys/P") {
            Arc::clone(&self.keys)
        } else {
            Arc::clone(&self.missing)
        }
    }
}

fn sign_in_answer(masked_phone: &str, bytes: usize, edge: bool) -> Vec<u8> {
    let body = |padding: Option<usize>| {
        let mut members = json!({ "maskedPhone": masked_phone });
        if let Some(padding) = padding {
            members["padding"] = "x".repeat(padding).into();
        }
        members.to_string()
    };
    let rest = bytes.checked_sub(body(Some(0)).len());
    answer("200 OK", body(rest).as_bytes(), edge)
}

/// A whole answer; from the edge, its body is one chunk.
fn answer(status: &str, body: &[u8], edge: bool) -> Vec<u8> {
    let (framing, before, behind) = match edge {
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
    [head.as_bytes(), body, behind.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::sign_in_answer;

    fn body(bytes: usize) -> Vec<u8> {
        let answer = sign_in_answer("***-***-0123", bytes, false);
        let start = answer.windows(4).position(|at| at == b"\r\n\r\n").unwrap() + 4;
        serde_json::from_slice::<serde_json::Value>(&answer[start..]).unwrap();
        answer[start..].to_vec()
    }

    #[test]
    fn the_body_is_as_long_as_asked_for() {
        assert_eq!(body(0), br#"{"maskedPhone":"***-***-0123"}"#);
        for bytes in [43, 44, 1_000, 1_000_000] {
            assert_eq!(body(bytes).len(), bytes);
        }
    }
}
