//! Parses a response from the bytes that have arrived, however they are split. It does no I/O.

use ureq::http::Request;
use ureq_proto::BodyMode;
use ureq_proto::client::state::{RecvBody, RecvResponse};
use ureq_proto::client::{Call, RecvBodyResult, RecvResponseResult, SendRequestResult};

use super::fast_path::{self, FastHead};
use super::{HttpError, MAX_BODY, MAX_HEAD, ResponseHeaders};
use crate::memory;

/// How much a body of unknown length grows at a time.
const BODY_CHUNK: usize = 8 * 1024;

/// A response that is being received.
pub(crate) struct ResponseParser {
    state: State,
    /// Status and headers, once the head is complete.
    head: Option<(u16, ResponseHeaders)>,
    body: Vec<u8>,
}

enum State {
    /// Nothing has arrived yet.
    Start,
    /// The fast path waits for the rest of the body.
    FastBody {
        missing: usize,
    },
    /// `ureq-proto` parses the head. In a box, since most responses take the fast path.
    EngineHead(Box<Call<RecvResponse>>),
    /// `ureq-proto` parses the body.
    EngineBody(Box<EngineBody>),
    Complete {
        keep_alive: bool,
    },
}

struct EngineBody {
    call: Call<RecvBody>,
    /// Whether the body ends where the connection ends.
    ends_with_connection: bool,
    /// How many bytes of `ResponseParser::body` are filled.
    filled: usize,
    /// How much space the body needs at least beyond `filled`.
    capacity: usize,
}

/// What [`ResponseParser::advance`] did.
#[derive(Debug)]
pub(crate) struct Progress {
    /// How many bytes of the input were used.
    pub(crate) consumed: usize,
    /// Whether the response is complete. If not, the parser needs more input.
    pub(crate) is_complete: bool,
}

impl ResponseParser {
    pub(crate) fn new() -> ResponseParser {
        ResponseParser {
            state: State::Start,
            head: None,
            body: Vec::new(),
        }
    }

    /// Status and headers, once they are known. Later errors concern the body only.
    pub(crate) fn head(&self) -> Option<&(u16, ResponseHeaders)> {
        self.head.as_ref()
    }

    /// Parses the input: all bytes that have arrived and were not consumed. `is_end` says that no more
    /// will arrive.
    ///
    /// # Errors
    ///
    /// Any [`HttpError`]. The parser must not be used after it, except for
    /// [`ResponseParser::take_parts`].
    pub(crate) fn advance(&mut self, input: &[u8], is_end: bool) -> Result<Progress, HttpError> {
        let mut consumed = 0;
        loop {
            let rest = input.get(consumed..).unwrap_or_default();
            let used = match &mut self.state {
                State::Start if rest.is_empty() => 0,
                State::Start => self.start(rest)?,
                State::FastBody { .. } => self.advance_fast_body(rest),
                State::EngineHead(_) => self.advance_head(rest)?,
                State::EngineBody(_) => self.advance_body(rest, is_end)?,
                State::Complete { .. } => 0,
            };
            consumed += used;
            let is_complete = matches!(self.state, State::Complete { .. });
            if is_complete || used == 0 {
                if !is_complete && is_end {
                    return Err(HttpError::Incomplete);
                }
                return Ok(Progress {
                    consumed,
                    is_complete,
                });
            }
        }
    }

    /// Takes status, headers and body, as far as they have arrived, and whether the server keeps the
    /// connection open. `None` without a head.
    pub(crate) fn take_parts(&mut self) -> Option<(u16, ResponseHeaders, Vec<u8>, bool)> {
        let (status, headers) = self.head.take()?;
        let keep_alive = matches!(self.state, State::Complete { keep_alive: true });
        Some((status, headers, std::mem::take(&mut self.body), keep_alive))
    }

    /// Decides who parses the response. Only the first input may take the fast path.
    fn start(&mut self, input: &[u8]) -> Result<usize, HttpError> {
        if let Some(head) = fast_path::parse_head(input) {
            return self.start_fast(head, input);
        }
        self.start_engine(input)
    }

    #[cold]
    fn start_engine(&mut self, input: &[u8]) -> Result<usize, HttpError> {
        let call = new_engine().ok_or(HttpError::Invalid)?;
        self.state = State::EngineHead(Box::new(call));
        self.advance_head(input)
    }

    fn start_fast(&mut self, head: FastHead, input: &[u8]) -> Result<usize, HttpError> {
        let arrived = input.get(head.head_len..).unwrap_or_default();
        let data = arrived.get(..head.body_len).unwrap_or(arrived);
        self.body = memory::with_capacity(head.body_len)?;
        self.body.extend_from_slice(data);
        self.head = Some((head.status, head.headers));
        let missing = head.body_len - data.len();
        if missing == 0 {
            self.state = State::Complete { keep_alive: true };
            return Ok(head.head_len + data.len() + head.trailer_len);
        }
        self.state = State::FastBody { missing };
        Ok(head.head_len + data.len())
    }

    fn advance_fast_body(&mut self, input: &[u8]) -> usize {
        let State::FastBody { missing } = &mut self.state else {
            return 0;
        };
        let data = input.get(..*missing).unwrap_or(input);
        self.body.extend_from_slice(data);
        *missing -= data.len();
        if *missing == 0 {
            self.state = State::Complete { keep_alive: true };
        }
        data.len()
    }

    /// Parses the head, after any interim responses.
    #[cold]
    fn advance_head(&mut self, input: &[u8]) -> Result<usize, HttpError> {
        let State::EngineHead(call) = &mut self.state else {
            return Ok(0);
        };
        // The engine does not accept an interim response with headers.
        if let Some(used) = fast_path::interim_len(input) {
            return Ok(used);
        }
        let (used, response) = call.try_response(input, false).map_err(head_error)?;
        if used > MAX_HEAD || (used == 0 && input.len() >= MAX_HEAD) {
            return Err(HttpError::HeadTooLarge);
        }
        let Some(response) = response else {
            return Ok(used);
        };
        let mut headers = ResponseHeaders::default();
        for (name, value) in response.headers() {
            headers.add(name.as_str(), value.as_bytes());
        }
        self.head = Some((response.status().as_u16(), headers));
        let State::EngineHead(call) = std::mem::replace(&mut self.state, State::Start) else {
            return Ok(used);
        };
        self.state = match call.proceed() {
            Some(RecvResponseResult::RecvBody(call)) => EngineBody::start(call)?,
            Some(RecvResponseResult::Redirect(call)) => complete(call.must_close_connection()),
            Some(RecvResponseResult::Cleanup(call)) => complete(call.must_close_connection()),
            None => {
                self.head = None;
                return Err(HttpError::Invalid);
            }
        };
        Ok(used)
    }

    #[cold]
    fn advance_body(&mut self, input: &[u8], is_end: bool) -> Result<usize, HttpError> {
        let State::EngineBody(state) = &mut self.state else {
            return Ok(0);
        };
        let mut used = 0;
        if state.ends_with_connection || !state.call.can_proceed() {
            let size = state.filled + state.capacity;
            self.body
                .try_reserve(size.saturating_sub(self.body.len()))?;
            self.body.resize(size, 0);
            let output = self.body.get_mut(state.filled..).unwrap_or_default();
            let (read, produced) = state
                .call
                .read(input, output)
                .map_err(|_| HttpError::Invalid)?;
            used = read;
            state.filled += produced;
            if state.filled > MAX_BODY {
                return Err(HttpError::BodyTooLarge);
            }
            if used > 0 {
                state.capacity = if produced == state.capacity {
                    state.filled
                } else {
                    state.capacity - produced
                };
                return Ok(used);
            }
            if input.len() >= MAX_HEAD {
                return Err(HttpError::Invalid);
            }
            let is_ended = state.ends_with_connection || state.call.is_ended_chunked();
            if !(is_end && is_ended) {
                return Ok(0);
            }
        }
        self.body.truncate(state.filled);
        let State::EngineBody(state) = std::mem::replace(&mut self.state, State::Start) else {
            return Ok(used);
        };
        let must_close = match state.call.proceed() {
            Some(RecvBodyResult::Cleanup(call)) => call.must_close_connection(),
            Some(RecvBodyResult::Redirect(call)) => call.must_close_connection(),
            // The input ended after the last chunk, without the empty line that ends the body.
            None => true,
        };
        self.state = complete(must_close);
        Ok(used)
    }
}

impl EngineBody {
    fn start(call: Call<RecvBody>) -> Result<State, HttpError> {
        let (capacity, ends_with_connection) = match call.body_mode() {
            BodyMode::LengthDelimited(length) => match usize::try_from(length) {
                Ok(length) if length <= MAX_BODY => (length, false),
                _ => return Err(HttpError::BodyTooLarge),
            },
            mode => (BODY_CHUNK, mode == BodyMode::CloseDelimited),
        };
        Ok(State::EngineBody(Box::new(EngineBody {
            call,
            ends_with_connection,
            filled: 0,
            capacity,
        })))
    }
}

fn complete(must_close: bool) -> State {
    State::Complete {
        keep_alive: !must_close,
    }
}

/// An engine that expects a response. It has to write a request first, which is discarded: how a
/// response is parsed depends on the request only for HEAD and CONNECT.
fn new_engine() -> Option<Call<RecvResponse>> {
    let mut call = Call::new(Request::new(())).ok()?.proceed();
    call.write(&mut [0; 32]).ok()?;
    match call.proceed().ok()?? {
        SendRequestResult::RecvResponse(call) => Some(call),
        SendRequestResult::SendBody(_) | SendRequestResult::Await100(_) => None,
    }
}

fn head_error(error: ureq_proto::Error) -> HttpError {
    match error {
        ureq_proto::Error::HttpParseTooManyHeaders => HttpError::TooManyHeaders,
        _ => HttpError::Invalid,
    }
}

#[cfg(test)]
mod tests;
