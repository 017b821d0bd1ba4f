//! Heads of answers that need no engine, as nearly all are: what follows is a body of a known length, and
//! nothing is said about the connection.

use httparse::{ParserConfig, Response, Status};

use super::{Facts, MAX_ANSWER};

/// How many headers a plain answer has at the most.
const HEADERS: usize = 64;

/// A head.
pub(super) struct Plain {
    /// How long it is, in bytes.
    pub(super) used: usize,
    pub(super) status: u16,
    pub(super) facts: Facts,
    /// How long the body is, in bytes.
    pub(super) length: usize,
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
    for header in response.headers.iter() {
        let is = |name: &str| header.name.eq_ignore_ascii_case(name);
        if is("content-length") {
            if length.is_some() {
                return None;
            }
            length = Some(number(header.value)?);
        } else if is("transfer-encoding") || is("connection") {
            return None;
        } else {
            facts.note(header.name, header.value);
        }
    }
    Some(Plain {
        used,
        status,
        facts,
        length: length?,
    })
}

/// A length within the limit, in plain digits.
fn number(value: &[u8]) -> Option<usize> {
    let is_plain = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    let text = is_plain.then(|| std::str::from_utf8(value).ok())?;
    text?.parse().ok().filter(|length| *length <= MAX_ANSWER)
}
