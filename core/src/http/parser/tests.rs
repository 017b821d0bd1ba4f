//! The fast path agrees with `ureq-proto`, and the parser does not depend on how the input is split.

use proptest::prelude::*;

use super::*;

/// Status, headers, body, and the length of the whole response.
type Parsed = (u16, ResponseHeaders, Vec<u8>, usize);

/// Parses a complete response with `ureq-proto`. `None` if the connection has to be closed after it.
/// Missing bytes of a body with a known length are filled up.
fn parse_with_engine(input: &[u8]) -> Option<Parsed> {
    let mut call = new_engine()?;
    let (head, response) = call.try_response(input, false).ok()?;
    let response = response?;
    let (must_close, body, used) = match call.proceed()? {
        RecvResponseResult::RecvBody(mut call) => {
            let mut rest = input.get(head..)?.to_vec();
            let mut body = vec![0; MAX_BODY];
            match call.body_mode() {
                BodyMode::LengthDelimited(length) => rest.resize(length.try_into().ok()?, b'x'),
                BodyMode::Chunked => {}
                _ => return None,
            }
            let (used, produced) = call.read(&rest, &mut body).ok()?;
            body.truncate(produced);
            match call.proceed()? {
                RecvBodyResult::Cleanup(call) => (call.must_close_connection(), body, used),
                RecvBodyResult::Redirect(call) => (call.must_close_connection(), body, used),
            }
        }
        RecvResponseResult::Redirect(call) => (call.must_close_connection(), Vec::new(), 0),
        RecvResponseResult::Cleanup(call) => (call.must_close_connection(), Vec::new(), 0),
    };
    let mut headers = ResponseHeaders::default();
    for (name, value) in response.headers() {
        headers.add(name.as_str(), value.as_bytes());
    }
    (!must_close).then(|| (response.status().as_u16(), headers, body, head + used))
}

/// Parses a response with the fast path. `None` if the fast path leaves it to the engine.
fn parse_with_fast_path(input: &[u8]) -> Option<Parsed> {
    let head = fast_path::parse_head(input)?;
    let mut body = input.get(head.head_len..)?.to_vec();
    body.resize(head.body_len, b'x');
    let used = head.head_len + head.body_len + head.trailer_len;
    Some((head.status, head.headers, body, used))
}

/// Parses a response that arrives in pieces. The result says as well whether the connection stays open.
fn parse_in_pieces(input: &[u8], piece: usize) -> Result<(Parsed, bool), HttpError> {
    let mut parser = ResponseParser::new();
    let (mut consumed, mut arrived) = (0, 0);
    loop {
        let is_end = arrived == input.len();
        arrived = (arrived + piece).min(input.len());
        let progress = parser.advance(&input[consumed..arrived], is_end)?;
        consumed += progress.consumed;
        if progress.is_complete {
            let (status, headers, body, keep_alive) = parser.take_parts().unwrap();
            return Ok(((status, headers, body, consumed), keep_alive));
        }
    }
}

#[test]
fn common_responses_take_the_fast_path() {
    let head = b"HTTP/1.1 429 Too Many\r\nServer: x\r\nCF-Ray: 1a-WAW\r\nretry-after:  7 \r\n\
        Set-Cookie: DS=1\r\nset-cookie: DSR=2\r\nContent-Encoding: br\r\ncontent-length: 2\r\n\r\n";
    let headers = ResponseHeaders {
        retry_after: Some("7".to_owned()),
        request_id: Some("1a-WAW".to_owned()),
        cookies: vec!["DS=1".to_owned(), "DSR=2".to_owned()],
        is_compressed: true,
        ..ResponseHeaders::default()
    };
    let known = Some((429, headers, b"{}".to_vec(), head.len() + 2));
    let response = [head, b"{}".as_slice()].concat();
    assert_eq!(parse_with_fast_path(&response), known);
    assert_eq!(parse_with_engine(&response), known);
    assert_eq!(parse_with_fast_path(&head[..head.len() - 1]), None);
}

#[test]
fn a_single_chunk_takes_the_fast_path_once_it_is_complete() {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: Keep-Alive\r\n\r\n";
    let whole = format!("{head}0A\r\n{{\"a\":\"bc\"}}\r\n0\r\n\r\n");
    let known = Some((
        200,
        ResponseHeaders::default(),
        b"{\"a\":\"bc\"}".to_vec(),
        whole.len(),
    ));
    assert_eq!(parse_with_fast_path(whole.as_bytes()), known);
    assert_eq!(parse_with_engine(whole.as_bytes()), known);
    for end in 0..whole.len() {
        assert_eq!(
            parse_with_fast_path(&whole.as_bytes()[..end]),
            None,
            "{end}"
        );
    }
}

#[test]
fn other_responses_are_left_to_the_engine() {
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
        assert_eq!(parse_with_fast_path(head.as_bytes()), None, "{head}");
    }
    let many = "x: y\r\n".repeat(65);
    let head = format!("HTTP/1.1 200 OK\r\n{many}content-length: 2\r\n\r\n");
    assert_eq!(parse_with_fast_path(head.as_bytes()), None);
    assert!(parse_with_engine(head.as_bytes()).is_some());
}

proptest! {
    #[test]
    fn the_fast_path_agrees_with_the_engine_however_the_input_is_split(
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
        // Mostly complete.
        let end = head.len().saturating_sub(cut.saturating_sub(20));
        let input = head.as_bytes().get(..end).unwrap_or_default();
        if let Some(parsed) = parse_with_fast_path(input) {
            prop_assert_eq!(Some(parsed), parse_with_engine(input));
        }
        let whole = parse_in_pieces(input, input.len().max(1));
        for piece in 1..input.len() {
            prop_assert_eq!(&parse_in_pieces(input, piece), &whole, "pieces of {} bytes", piece);
        }
    }
}

#[test]
fn a_response_is_parsed_the_same_however_it_is_split() {
    for (response, is_keep_alive) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", true),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}",
            false,
        ),
        ("HTTP/1.1 200 OK\r\n\r\n{}", false),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
            true,
        ),
        (
            "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
            true,
        ),
    ] {
        let body = b"{}".to_vec();
        let expected = (200, ResponseHeaders::default(), body, response.len());
        for piece in 1..=response.len() {
            let parsed = parse_in_pieces(response.as_bytes(), piece);
            let (parsed, keep_alive) = parsed.unwrap();
            assert_eq!(parsed, expected, "{piece}: {response}");
            assert_eq!(keep_alive, is_keep_alive, "{piece}: {response}");
        }
    }
}

#[test]
fn a_truncated_response_is_incomplete() {
    for (whole, last) in [
        (
            b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}".as_slice(),
            1,
        ),
        // The empty line after the last chunk may be missing.
        (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
            3,
        ),
    ] {
        for end in 0..=whole.len() - last {
            for piece in [1, whole.len()] {
                let parsed = parse_in_pieces(&whole[..end], piece);
                assert_eq!(parsed.err(), Some(HttpError::Incomplete), "{end}");
            }
        }
    }
}

#[test]
fn a_head_over_the_limit_is_rejected() {
    let long = "x".repeat(MAX_HEAD);
    let complete = format!("HTTP/1.1 200 OK\r\nx: {long}\r\ncontent-length: 2\r\n\r\n{{}}");
    let many = "x: y\r\n".repeat(129);
    let many = format!("HTTP/1.1 200 OK\r\n{many}content-length: 2\r\n\r\n{{}}");
    for (response, error) in [
        (complete.as_str(), HttpError::HeadTooLarge),
        (&complete[..MAX_HEAD], HttpError::HeadTooLarge),
        (&many, HttpError::TooManyHeaders),
    ] {
        let mut parser = ResponseParser::new();
        let result = parser.advance(response.as_bytes(), false);
        assert_eq!(result.err(), Some(error));
        assert!(parser.head().is_none() && parser.take_parts().is_none());
    }
}

#[test]
fn the_head_is_known_although_the_body_is_over_the_limit() {
    let long = "x".repeat(MAX_BODY + 1);
    let size = long.len();
    for (headers, body) in [
        (format!("content-length: {size}"), ""),
        ("connection: close".to_owned(), long.as_str()),
        (
            "transfer-encoding: chunked".to_owned(),
            &format!("{size:x}\r\n{long}\r\n0\r\n\r\n"),
        ),
    ] {
        let response = format!("HTTP/1.1 503 Busy\r\nretry-after: 7\r\n{headers}\r\n\r\n{body}");
        let mut parser = ResponseParser::new();
        let result = parser.advance(response.as_bytes(), false);
        assert_eq!(result.err(), Some(HttpError::BodyTooLarge), "{headers}");
        assert!(parser.head().is_some());
        let (status, headers, _, keep_alive) = parser.take_parts().unwrap();
        assert_eq!(
            (status, headers.retry_after.as_deref(), keep_alive),
            (503, Some("7"), false)
        );
    }
}
