//! The `Authorization` header: the project ID, then tokens and keys, separated by colons.

use crate::config::{ProjectId, Settings, is_valid_credential};
use crate::error::Error;
use crate::json::Object;
use crate::operations::Credential;

/// A part of the bearer: the name in messages, and the value.
type Part<'a> = (&'static str, &'a str);

/// The bearer of a request without a token: `<Project ID>[:<auth management key>]`.
pub(super) fn default_bearer(project: &ProjectId, settings: &Settings) -> Result<String, Error> {
    join(project, None, auth_management_key(settings))
}

/// The bearer of a request with a token or a key. `None` if it is the default one.
///
/// # Errors
///
/// [`Error::Argument`] for a missing or invalid token, [`Error::Config`] without a management key.
pub(super) fn bearer_for(
    credential: Credential,
    request: &Object<'_>,
    project: &ProjectId,
    settings: &Settings,
) -> Result<Option<String>, Error> {
    let token = match credential {
        Credential::OptionalRefreshToken => match request.non_empty_string("refreshToken") {
            Some(token) => ("refreshToken", token),
            None => return Ok(None),
        },
        Credential::RefreshToken | Credential::ValidatedRefreshToken => {
            ("refreshToken", request.required_string("refreshToken")?)
        }
        Credential::SessionToken => ("sessionToken", request.required_string("sessionToken")?),
        Credential::AccessKey => ("accessKey", request.required_string("accessKey")?),
        Credential::ManagementKey => {
            let Some(key) = settings.management_key.as_deref() else {
                return Err(Error::config(
                    "no management key is set: set DESCOPE_MANAGEMENT_KEY or pass `managementKey` in the configuration",
                ));
            };
            return join(project, Some(("managementKey", key)), None).map(Some);
        }
    };
    join(project, Some(token), auth_management_key(settings)).map(Some)
}

fn auth_management_key(settings: &Settings) -> Option<Part<'_>> {
    let key = settings.auth_management_key.as_deref()?;
    Some(("authManagementKey", key))
}

fn join(
    project: &ProjectId,
    first: Option<Part<'_>>,
    second: Option<Part<'_>>,
) -> Result<String, Error> {
    let mut bearer = project.as_str().to_owned();
    for (name, part) in [first, second].into_iter().flatten() {
        if !is_valid_credential(part) {
            return Err(Error::argument(format!(
                "`{name}` contains a space, line break, colon or non-ASCII character: pass it unchanged"
            )));
        }
        bearer.push(':');
        bearer.push_str(part);
    }
    Ok(bearer)
}
