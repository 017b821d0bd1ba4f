//! The bearer of a call: the project ID and, after colons, the tokens and keys that it needs.

use crate::config::{ProjectId, is_bearer_part};
use crate::error::Error;

/// `<Project ID>[:<part>]…`. Each part comes with the key that messages call it by.
///
/// # Errors
///
/// [`Error::Argument`] for a token that cannot stand in a header.
pub(crate) fn value(
    project: &ProjectId,
    parts: [Option<(&str, &str)>; 2],
) -> Result<String, Error> {
    let mut bearer = project.as_str().to_owned();
    for (key, part) in parts.into_iter().flatten() {
        if !is_bearer_part(part) {
            return Err(Error::argument(format!(
                "`{key}` may hold only visible ASCII characters, and no colon: pass it as it was received"
            )));
        }
        bearer.push(':');
        bearer.push_str(part);
    }
    Ok(bearer)
}
