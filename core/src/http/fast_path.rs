//! A fast parser for the usual responses: HTTP/1.1, the connection stays open, and the body either has a
//! `Content-Length` or has arrived completely as a single chunk, as proxies forward small responses.

use httparse::{ParserConfig, Response, Status};

use super::{MAX_BODY, MAX_HEAD, ResponseHeaders, is_header};

/// The largest number of headers.
const MAX_HEADERS: usize = 64;

/// The largest number of hexadecimal digits of a chunk size.
const MAX_CHUNK_SIZE_DIGITS: usize = 5;

/// What follows the data of the only chunk.
const LAST_CHUNK: &[u8] = b"\r\n0\r\n\r\n";

/// The head of a response.
pub(super) struct FastHead {
    /// The number of bytes before the body.
    pub(super) head_len: usize,
    pub(super) status: u16,
    pub(super) headers: ResponseHeaders,
    /// The length of the body in bytes.
    pub(super) body_len: usize,
    /// The number of bytes after the body that belong to the response.
    pub(super) trailer_len: usize,
}

/// The length of an interim response (1xx) at the start of the input. `None` if there is none.
pub(super) fn interim_len(input: &[u8]) -> Option<usize> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut response = Response::new(&mut headers);
    let Ok(Status::Complete(used)) = response.parse(input) else {
        return None;
    };
    matches!(response.code, Some(100 | 102..=199)).then_some(used)
}

/// Parses the head at the start of the input. `None` if the head is incomplete or is not one of the
/// usual ones.
pub(super) fn parse_head(input: &[u8]) -> Option<FastHead> {
    let mut headers = [const { std::mem::MaybeUninit::uninit() }; MAX_HEADERS];
    let mut response = Response::new(&mut []);
    let parsed = ParserConfig::default().parse_response_with_uninit_headers(
        &mut response,
        input,
        &mut headers,
    );
    let Ok(Status::Complete(used)) = parsed else {
        return None;
    };
    let status = response.code?;
    // Interim responses, and those that never have a body, whatever their headers say.
    if response.version != Some(1) || status < 200 || matches!(status, 204 | 304) {
        return None;
    }
    // Rejected by the engine, however it arrives.
    if used > MAX_HEAD {
        return None;
    }
    let mut headers = ResponseHeaders::default();
    let mut content_length = None;
    let mut is_chunked = false;
    for header in response.headers.iter() {
        let is = |known: &str| is_header(header.name, known);
        if is("content-length") {
            if content_length.is_some() {
                return None;
            }
            content_length = Some(parse_content_length(header.value)?);
        } else if is("transfer-encoding") {
            if is_chunked || header.value != b"chunked" {
                return None;
            }
            is_chunked = true;
        } else if is("connection") {
            // The default of HTTP/1.1.
            if !header.value.eq_ignore_ascii_case(b"keep-alive") {
                return None;
            }
        } else {
            headers.add(header.name, header.value);
        }
    }
    let (head_len, body_len, trailer_len) = match (content_length, is_chunked) {
        (Some(length), false) => (used, length, 0),
        (None, true) => {
            let chunk = parse_only_chunk(input.get(used..)?)?;
            (used + chunk.size_line_len, chunk.data_len, LAST_CHUNK.len())
        }
        _ => return None,
    };
    Some(FastHead {
        head_len,
        status,
        headers,
        body_len,
        trailer_len,
    })
}

/// Parses digits without a sign, up to the largest body.
fn parse_content_length(value: &[u8]) -> Option<usize> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let length = std::str::from_utf8(value).ok()?.parse().ok()?;
    (length <= MAX_BODY).then_some(length)
}

struct Chunk {
    size_line_len: usize,
    data_len: usize,
}

/// Parses a chunk that has arrived completely, is the only one, and has no extensions or trailers.
fn parse_only_chunk(body: &[u8]) -> Option<Chunk> {
    let digits = body.iter().take_while(|byte| byte.is_ascii_hexdigit());
    let digits = digits.take(MAX_CHUNK_SIZE_DIGITS + 1).count();
    let size = body
        .get(..digits)
        .filter(|size| size.len() <= MAX_CHUNK_SIZE_DIGITS)?;
    let data_len = usize::from_str_radix(std::str::from_utf8(size).ok()?, 16).ok()?;
    let rest = body.get(digits..)?.strip_prefix(b"\r\n")?;
    let is_only = data_len > 0 && rest.get(data_len..)?.starts_with(LAST_CHUNK);
    is_only.then_some(Chunk {
        size_line_len: digits + 2,
        data_len,
    })
}
