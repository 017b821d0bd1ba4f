//! One request and its answer over a connection. What goes out is ours to write; what comes in, ureq's
//! HTTP/1.1 engine reads, unless it is plain.

use ureq::http::{Request, Response};
use ureq_proto::BodyMode;
use ureq_proto::client::state::{RecvBody, RecvResponse};
use ureq_proto::client::{Call, RecvBodyResult, RecvResponseResult, SendRequestResult};

use super::attempt::Attempt;
use super::connection::Connection;
use super::fault::Fault;
use super::plain::{self, Plain};
use super::{Facts, MAX_ANSWER, MAX_HEAD, Message};

/// Room for a piece of an answer that does not tell its length.
const ROOM: usize = 8 * 1024;

/// An answer as it came in.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) facts: Facts,
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
    write(&mut connection.output, message);
    connection.send(attempt)?;
    if !connection.receive(attempt)? {
        return Err(Fault::Ended);
    }
    let mut answer = match plain::head(connection.input.bytes()) {
        Some(plain) => read_plain(plain, connection, attempt),
        None => read(connection, attempt)?,
    };
    // What came behind the answer would be taken for the start of the next one.
    answer.can_go_on &= answer.body.is_ok() && connection.input.bytes().is_empty();
    Ok(answer)
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

/// Reads a plain answer, whose head has come in.
fn read_plain(plain: Plain, connection: &mut Connection, attempt: &Attempt) -> Answer {
    connection.input.consume(plain.before);
    let body = connection.receive_exactly(plain.length, attempt);
    connection.input.consume(plain.behind);
    Answer {
        status: plain.status,
        facts: plain.facts,
        body,
        can_go_on: true,
    }
}

/// Reads any answer.
fn read(connection: &mut Connection, attempt: &Attempt) -> Result<Answer, Fault> {
    let mut call = engine().ok_or(Fault::NotHttp)?;
    let response = read_head(&mut call, connection, attempt)?;
    let (body, must_close) = match call.proceed() {
        Some(RecvResponseResult::RecvBody(call)) => read_body(call, connection, attempt),
        Some(RecvResponseResult::Redirect(call)) => (Ok(Vec::new()), call.must_close_connection()),
        Some(RecvResponseResult::Cleanup(call)) => (Ok(Vec::new()), call.must_close_connection()),
        None => return Err(Fault::NotHttp),
    };
    let mut facts = Facts::default();
    for (name, value) in response.headers() {
        facts.note(name.as_str(), value.as_bytes());
    }
    Ok(Answer {
        status: response.status().as_u16(),
        facts,
        body,
        can_go_on: !must_close,
    })
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
        let input = connection.input.bytes();
        // The engine takes no `100 Continue` that has headers.
        let (used, response) = match plain::interim(input) {
            Some(used) => (used, None),
            None => call.try_response(input, false).map_err(of_head)?,
        };
        if used > MAX_HEAD {
            return Err(Fault::HeadTooLarge);
        }
        connection.input.consume(used);
        match response {
            Some(response) => return Ok(response),
            // An interim answer; the next may have come with it.
            None if used > 0 => continue,
            None if connection.input.is_full() => return Err(Fault::HeadTooLarge),
            None if !connection.receive(attempt)? => return Err(Fault::Ended),
            None => {}
        }
    }
}

fn of_head(error: ureq_proto::Error) -> Fault {
    match error {
        ureq_proto::Error::HttpParseTooManyHeaders => Fault::HeadTooLarge,
        _ => Fault::NotHttp,
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Status, facts, body and the length of it all: as the engine has them of a whole answer after which
    /// the connection stays open. What an input lacks of a body of a known length is made up.
    fn by_engine(input: &[u8]) -> Option<(u16, Facts, Vec<u8>, usize)> {
        let mut call = engine()?;
        let (head, response) = call.try_response(input, false).ok()?;
        let response = response?;
        let (must_close, body, used) = match call.proceed()? {
            RecvResponseResult::RecvBody(mut call) => {
                let mut rest = input.get(head..)?.to_vec();
                let mut body = vec![0; MAX_ANSWER];
                match call.body_mode() {
                    BodyMode::LengthDelimited(length) => rest.resize(length.try_into().ok()?, b'x'),
                    BodyMode::Chunked => {}
                    _ => return None,
                }
                let (used, made) = call.read(&rest, &mut body).ok()?;
                body.truncate(made);
                match call.proceed()? {
                    RecvBodyResult::Cleanup(call) => (call.must_close_connection(), body, used),
                    RecvBodyResult::Redirect(call) => (call.must_close_connection(), body, used),
                }
            }
            RecvResponseResult::Redirect(call) => (call.must_close_connection(), Vec::new(), 0),
            RecvResponseResult::Cleanup(call) => (call.must_close_connection(), Vec::new(), 0),
        };
        let mut facts = Facts::default();
        for (name, value) in response.headers() {
            facts.note(name.as_str(), value.as_bytes());
        }
        (!must_close).then(|| (response.status().as_u16(), facts, body, head + used))
    }

    fn by_plain(input: &[u8]) -> Option<(u16, Facts, Vec<u8>, usize)> {
        let plain = plain::head(input)?;
        let mut body = input.get(plain.before..)?.to_vec();
        body.resize(plain.length, b'x');
        let used = plain.before + plain.length + plain.behind;
        Some((plain.status, plain.facts, body, used))
    }

    #[test]
    fn a_usual_answer_is_plain() {
        let head = b"HTTP/1.1 429 Too Many\r\nServer: x\r\nCF-Ray: 1a-WAW\r\nretry-after:  7 \r\n\
            Set-Cookie: DS=1\r\nset-cookie: DSR=2\r\nContent-Encoding: br\r\ncontent-length: 2\r\n\r\n";
        let facts = Facts {
            retry_after: Some("7".to_owned()),
            request_id: Some("1a-WAW".to_owned()),
            cookies: vec!["DS=1".to_owned(), "DSR=2".to_owned()],
            is_compressed: true,
        };
        let known = Some((429, facts, b"{}".to_vec(), head.len() + 2));
        let answer = [head, b"{}".as_slice()].concat();
        assert_eq!(by_plain(&answer), known);
        assert_eq!(by_engine(&answer), known);
        assert_eq!(by_plain(&head[..head.len() - 1]), None);
    }

    #[test]
    fn an_answer_in_one_chunk_is_plain_once_it_is_whole() {
        let head =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: Keep-Alive\r\n\r\n";
        let whole = format!("{head}0A\r\n{{\"a\":\"bc\"}}\r\n0\r\n\r\n");
        let known = Some((
            200,
            Facts::default(),
            b"{\"a\":\"bc\"}".to_vec(),
            whole.len(),
        ));
        assert_eq!(by_plain(whole.as_bytes()), known);
        assert_eq!(by_engine(whole.as_bytes()), known);
        for end in 0..whole.len() {
            assert_eq!(by_plain(&whole.as_bytes()[..end]), None, "{end}");
        }
    }

    #[test]
    fn what_is_not_plain_is_left_to_the_engine() {
        for (line, headers) in [
            ("HTTP/1.0 200 OK", "content-length: 2"),
            ("HTTP/1.1 100 Continue", "content-length: 2"),
            ("HTTP/1.1 204 No Content", "content-length: 2"),
            ("HTTP/1.1 304 Not Modified", "content-length: 2"),
            ("HTTP/1.1 200 OK", "x: y"),
            ("HTTP/1.1 200 OK", "content-length: +2"),
            ("HTTP/1.1 200 OK", "content-length: "),
            ("HTTP/1.1 200 OK", "content-length: 2, 2"),
            ("HTTP/1.1 200 OK", "content-length: 1048577"),
            ("HTTP/1.1 200 OK", "content-length: 99999999999999999999999"),
            ("HTTP/1.1 200 OK", "content-length: 2\r\ncontent-length: 2"),
            (
                "HTTP/1.1 200 OK",
                "content-length: 2\r\nTransfer-Encoding: chunked",
            ),
            ("HTTP/1.1 200 OK", "content-length: 2\r\nConnection: close"),
            (
                "HTTP/1.1 200 OK",
                "content-length: 2\r\nConnection: keep-alive, close",
            ),
            ("HTTP/1.1 200 OK", "Transfer-Encoding: chunked"),
            ("HTTP/1.1 200 OK", "Transfer-Encoding: gzip, chunked"),
            ("HTTP/1.1 200 OK", "content-length: 2\r\nbroken header: 1"),
            ("SIP/2.0 200 OK", "content-length: 2"),
        ] {
            let head = format!("{line}\r\n{headers}\r\n\r\n");
            assert_eq!(by_plain(head.as_bytes()), None, "{head}");
        }
        let many = "x: y\r\n".repeat(65);
        let head = format!("HTTP/1.1 200 OK\r\n{many}content-length: 2\r\n\r\n");
        assert_eq!(by_plain(head.as_bytes()), None);
        assert!(by_engine(head.as_bytes()).is_some());
    }

    proptest! {
        #[test]
        fn a_plain_answer_is_what_the_engine_makes_of_it(
            version in prop::sample::select(vec!["HTTP/1.1", "HTTP/1.0", "HTTP/2"]),
            status in "[0-9]{3}",
            headers in prop::collection::vec((
                prop::sample::select(vec![
                    "content-length", "Content-Length", "transfer-encoding", "connection", "retry-after",
                    "cf-ray", "set-cookie", "content-encoding", "x",
                ]),
                prop::sample::select(vec![
                    "0", "2", "31", "007", " 2", "2 ", "-1", "close", "chunked", "identity", "gzip", "é", "a\tb",
                    "", "\u{7f}", "keep-alive", "Keep-Alive", "Chunked",
                ]),
            ), 0..5),
            body in prop::sample::select(vec![
                "", "2\r\n{}\r\n0\r\n\r\n", "02\r\n{}\r\n0\r\n\r\n", "2;x\r\n{}\r\n0\r\n\r\n",
                "2 \r\n{}\r\n0\r\n\r\n", "1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", "0\r\n\r\n",
                "2\r\n{}\r\n0\r\nx: y\r\n\r\n", "2\r\n{}\r\n0\r\n\r\nHTTP", "2\n{}\n0\n\n", "{}",
                "ffffffffffffffff\r\n{}", "000002\r\n{}\r\n0\r\n\r\n", "\r\n",
            ]),
            cut in 0usize..40,
        ) {
            let mut head = format!("{version} {status} OK\r\n");
            for (name, value) in headers {
                head += &format!("{name}: {value}\r\n");
            }
            head += "\r\n";
            head += body;
            // Mostly whole.
            let end = head.len().saturating_sub(cut.saturating_sub(20));
            let input = head.as_bytes().get(..end).unwrap_or_default();
            if let Some(plain) = by_plain(input) {
                prop_assert_eq!(Some(plain), by_engine(input));
            }
        }
    }
}
