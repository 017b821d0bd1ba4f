//! Answers that need no engine, as nearly all are: the connection stays open, and the body has a known
//! length or has come in whole as a single chunk, which is how an edge passes on what it does not keep.

use httparse::{ParserConfig, Response, Status};

use super::{Facts, MAX_ANSWER};

/// How many headers a plain answer has at the most.
const HEADERS: usize = 64;

/// How many digits the size of a chunk has at the most.
const DIGITS: usize = 5;

/// What follows the bytes of a body's only chunk.
const LAST: &[u8] = b"\r\n0\r\n\r\n";

/// A head.
pub(super) struct Plain {
    /// How many bytes come before the body.
    pub(super) before: usize,
    pub(super) status: u16,
    pub(super) facts: Facts,
    /// How long the body is, in bytes.
    pub(super) length: usize,
    /// How many bytes come behind the body and belong to it.
    pub(super) behind: usize,
}

/// How long the interim answer is that the input begins with, if it is one that another one follows.
pub(super) fn interim(input: &[u8]) -> Option<usize> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut response = Response::new(&mut headers);
    let Ok(Status::Complete(used)) = response.parse(input) else {
        return None;
    };
    matches!(response.code, Some(100 | 102..=199)).then_some(used)
}

/// The head that the input begins with; `None` for any that the engine has to look at, and for one that
/// is not whole.
pub(super) fn head(input: &[u8]) -> Option<Plain> {
    let mut headers = [const { std::mem::MaybeUninit::uninit() }; HEADERS];
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
    // Interim answers, and those that have no body whatever their headers say.
    if response.version != Some(1) || status < 200 || matches!(status, 204 | 304) {
        return None;
    }
    let mut facts = Facts::default();
    let mut length = None;
    let mut is_chunked = false;
    for header in response.headers.iter() {
        let is = |name: &str| header.name.eq_ignore_ascii_case(name);
        if is("content-length") {
            if length.is_some() {
                return None;
            }
            length = Some(number(header.value)?);
        } else if is("transfer-encoding") {
            if is_chunked || header.value != b"chunked" {
                return None;
            }
            is_chunked = true;
        } else if is("connection") {
            // What is so without saying.
            if !header.value.eq_ignore_ascii_case(b"keep-alive") {
                return None;
            }
        } else {
            facts.note(header.name, header.value);
        }
    }
    let (before, length, behind) = match (length, is_chunked) {
        (Some(length), false) => (used, length, 0),
        (None, true) => {
            let (size, length) = only_chunk(input.get(used..)?)?;
            (used + size, length, LAST.len())
        }
        _ => return None,
    };
    Some(Plain {
        before,
        status,
        facts,
        length,
        behind,
    })
}

/// A length within the limit, in plain digits.
fn number(value: &[u8]) -> Option<usize> {
    let is_plain = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    let text = is_plain.then(|| std::str::from_utf8(value).ok())?;
    text?.parse().ok().filter(|length| *length <= MAX_ANSWER)
}

/// How many bytes the first chunk's size takes with the end of its line, and that size; `None` unless the
/// chunk has come in whole, is the only one, and nothing is said besides.
fn only_chunk(body: &[u8]) -> Option<(usize, usize)> {
    let digits = body.iter().take_while(|byte| byte.is_ascii_hexdigit());
    let digits = digits.take(DIGITS + 1).count();
    let text = body.get(..digits).filter(|text| text.len() <= DIGITS)?;
    let length = usize::from_str_radix(std::str::from_utf8(text).ok()?, 16).ok()?;
    let rest = body.get(digits..)?.strip_prefix(b"\r\n")?;
    let is_only = length > 0 && rest.get(length..)?.starts_with(LAST);
    is_only.then_some((digits + 2, length))
}
