//! One request and its answer over a connection. What goes out is ours to write; what comes in, ureq's
//! HTTP/1.1 engine reads.

use ureq::http::{HeaderMap, Request, Response};
use ureq_proto::BodyMode;
use ureq_proto::client::state::{RecvBody, RecvResponse};
use ureq_proto::client::{Call, RecvBodyResult, RecvResponseResult, SendRequestResult};

use super::attempt::Attempt;
use super::connection::Connection;
use super::fault::Fault;
use super::{MAX_ANSWER, MAX_HEAD, Message};

/// Room for a piece of an answer that does not tell its length.
const ROOM: usize = 8 * 1024;

/// An answer as it came in.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    /// The body, or why it could not be read.
    pub(super) body: Result<Vec<u8>, Fault>,
    /// Whether the connection can be used again.
    pub(super) can_go_on: bool,
}

/// Sends a message and reads the answer.
///
/// # Errors
///
/// Any [`Fault`] before there is a status. After that, the body is what could not be read.
pub(super) fn exchange(
    connection: &mut Connection,
    message: &Message<'_>,
    attempt: &Attempt,
) -> Result<Answer, Fault> {
    let mut call = engine().ok_or(Fault::Unwritable)?;
    write(&mut connection.output, message);
    connection.send(attempt)?;
    let response = read_head(&mut call, connection, attempt)?;
    let (body, must_close) = match call.proceed() {
        Some(RecvResponseResult::RecvBody(call)) => read_body(call, connection, attempt),
        Some(RecvResponseResult::Redirect(call)) => (Ok(Vec::new()), call.must_close_connection()),
        Some(RecvResponseResult::Cleanup(call)) => (Ok(Vec::new()), call.must_close_connection()),
        None => return Err(Fault::NotHttp),
    };
    // What came behind the answer would be taken for the start of the next one.
    let is_spoken_to = !connection.input.bytes().is_empty();
    let (head, ()) = response.into_parts();
    Ok(Answer {
        status: head.status.as_u16(),
        headers: head.headers,
        can_go_on: body.is_ok() && !must_close && !is_spoken_to,
        body,
    })
}

/// Puts a request together, head and body, so that it leaves in one write.
fn write(output: &mut Vec<u8>, message: &Message<'_>) {
    let body = message.body.as_deref();
    output.clear();
    output.extend_from_slice(message.head.as_bytes());
    if let Some(body) = body {
        output.extend_from_slice(b"content-length: ");
        output.extend_from_slice(itoa::Buffer::new().format(body.len()).as_bytes());
        output.extend_from_slice(b"\r\n");
    }
    output.extend_from_slice(b"\r\n");
    output.extend_from_slice(body.unwrap_or_default().as_bytes());
}

/// The engine, ready to read an answer. It has written a request of its own to get there, which goes
/// nowhere: how an answer is to be read depends on the request only after HEAD and CONNECT.
fn engine() -> Option<Call<RecvResponse>> {
    let mut call = Call::new(Request::new(())).ok()?.proceed();
    call.write(&mut [0; 32]).ok()?;
    match call.proceed().ok()?? {
        SendRequestResult::RecvResponse(call) => Some(call),
        SendRequestResult::SendBody(_) | SendRequestResult::Await100(_) => None,
    }
}

/// Reads an answer's head, behind any interim ones.
fn read_head(
    call: &mut Call<RecvResponse>,
    connection: &mut Connection,
    attempt: &Attempt,
) -> Result<Response<()>, Fault> {
    loop {
        if connection.input.is_full() {
            return Err(Fault::HeadTooLarge);
        }
        if !connection.receive(attempt)? {
            return Err(Fault::Ended);
        }
        loop {
            let input = connection.input.bytes();
            let (used, response) = call
                .try_response(input, false)
                .map_err(|_| Fault::NotHttp)?;
            if used > MAX_HEAD {
                return Err(Fault::HeadTooLarge);
            }
            connection.input.consume(used);
            match response {
                Some(response) => return Ok(response),
                None if used == 0 => break,
                // An interim answer; the next may have come with it.
                None => {}
            }
        }
    }
}

/// Reads an answer's body; whether the connection has to be closed after it.
fn read_body(
    mut call: Call<RecvBody>,
    connection: &mut Connection,
    attempt: &Attempt,
) -> (Result<Vec<u8>, Fault>, bool) {
    let body = match receive_body(&mut call, connection, attempt) {
        Ok(body) => body,
        Err(fault) => return (Err(fault), true),
    };
    let must_close = match call.proceed() {
        Some(RecvBodyResult::Cleanup(call)) => call.must_close_connection(),
        Some(RecvBodyResult::Redirect(call)) => call.must_close_connection(),
        // The end came right behind the last chunk, before the line that ends the body.
        None => true,
    };
    (Ok(body), must_close)
}

fn receive_body(
    call: &mut Call<RecvBody>,
    connection: &mut Connection,
    attempt: &Attempt,
) -> Result<Vec<u8>, Fault> {
    let (mut room, ends_with_connection) = match call.body_mode() {
        BodyMode::LengthDelimited(length) if length > MAX_ANSWER as u64 => {
            return Err(Fault::AnswerTooLarge);
        }
        BodyMode::LengthDelimited(length) => (length as usize, false),
        mode => (ROOM, mode == BodyMode::CloseDelimited),
    };
    let mut body = Vec::new();
    let mut length = 0;
    while ends_with_connection || !call.can_proceed() {
        body.resize(length + room, 0);
        let output = body.get_mut(length..).unwrap_or_default();
        let (used, made) = call
            .read(connection.input.bytes(), output)
            .map_err(|_| Fault::NotHttp)?;
        connection.input.consume(used);
        length += made;
        if length > MAX_ANSWER {
            return Err(Fault::AnswerTooLarge);
        }
        if used > 0 {
            room = if made == room { length } else { room - made };
            continue;
        }
        if connection.input.is_full() {
            return Err(Fault::NotHttp);
        }
        if !connection.receive(attempt)? {
            if ends_with_connection || call.is_ended_chunked() {
                break;
            }
            return Err(Fault::Ended);
        }
    }
    body.truncate(length);
    Ok(body)
}
