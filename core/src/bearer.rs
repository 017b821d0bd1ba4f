//! The bearer of a call: the project ID and, after colons, the tokens and keys that it needs.

use ureq::http::HeaderValue;

use crate::config::{ProjectId, is_visible_ascii};
use crate::error::Error;

/// `Bearer <Project ID>[:<refresh token>][:<auth management key>]`, marked as sensitive.
///
/// # Errors
///
/// [`Error::Argument`] for a token that cannot stand in a header.
pub(crate) fn header(
    project: &ProjectId,
    refresh_token: Option<&str>,
    auth_management_key: Option<&str>,
) -> Result<HeaderValue, Error> {
    let mut bearer = format!("Bearer {}", project.as_str());
    for part in [refresh_token, auth_management_key].into_iter().flatten() {
        if !is_visible_ascii(part) {
            return Err(Error::argument(
                "`refreshToken` may hold only visible ASCII characters: pass the JWT as it was received",
            ));
        }
        bearer.push(':');
        bearer.push_str(part);
    }
    let mut value =
        HeaderValue::from_str(&bearer).map_err(|_| Error::internal("while writing a bearer"))?;
    value.set_sensitive(true);
    Ok(value)
}
