//! The bearer of a call: the project ID and, after colons, the tokens and keys that it needs.

use ureq::http::HeaderValue;

use crate::config::{ProjectId, is_bearer_part};
use crate::error::Error;

/// `Bearer <Project ID>[:<part>]…`, marked as sensitive. Each part comes with the key that messages
/// call it by.
///
/// # Errors
///
/// [`Error::Argument`] for a token that cannot stand in a header.
pub(crate) fn header(
    project: &ProjectId,
    parts: [Option<(&str, &str)>; 2],
) -> Result<HeaderValue, Error> {
    let mut bearer = format!("Bearer {}", project.as_str());
    for (key, part) in parts.into_iter().flatten() {
        if !is_bearer_part(part) {
            return Err(Error::argument(format!(
                "`{key}` may hold only visible ASCII characters, and no colon: pass it as it was received"
            )));
        }
        bearer.push(':');
        bearer.push_str(part);
    }
    let mut value =
        HeaderValue::from_str(&bearer).map_err(|_| Error::internal("while writing a bearer"))?;
    value.set_sensitive(true);
    Ok(value)
}
