//! The local check of a session, and what is told of one that holds.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::client::Client;
use crate::config::ProjectId;
use crate::destination::Destination;
use crate::document::Fields;
use crate::error::Error;
use crate::operation::Fetch;
use crate::token::{self, Claims, Rules, Use, Wanted};

/// What is told of a session.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document<'a> {
    jwt: &'a str,
    claims: &'a RawValue,
    user_id: String,
    project_id: &'a str,
    permissions: &'a RawValue,
    roles: &'a RawValue,
    tenants: &'a RawValue,
}

/// `session/validate`.
pub(super) fn validate(
    client: &Client,
    request: &Fields<'_>,
    fetch: Fetch,
) -> Result<Option<String>, Error> {
    let to = client.destination_of(request)?;
    let token = request.text("sessionToken").unwrap_or_default();
    let rules = rules(client, &to, request, Use::Session);
    let mut is_undecided = false;
    let checked = token::check(token, &rules, |id| {
        match client.keys_for(&to, Wanted::Token(id), fetch)? {
            Some(keys) => Ok(keys),
            None => {
                is_undecided = true;
                Err(Error::internal("while waiting for keys"))
            }
        }
    });
    match checked {
        _ if is_undecided => Ok(None),
        Ok(claims) => describe(token, &claims, to.project(), |document| {
            serde_json::to_string(document)
        })
        .map(Some),
        Err(error) => Err(error),
    }
}

/// Checks the refresh token of a request before it is sent.
pub(crate) fn check_refresh_token(
    client: &Client,
    to: &Destination,
    request: &Fields<'_>,
    fetch: Fetch,
) -> Result<(), Error> {
    let token = request.text("refreshToken").unwrap_or_default();
    let rules = rules(client, to, request, Use::Refresh);
    token::check(token, &rules, |id| {
        let keys = client.keys_for(to, Wanted::Token(id), fetch)?;
        keys.ok_or_else(|| Error::internal("while fetching keys"))
    })
    .map(|_| ())
}

/// The rules for the tokens of a request.
pub(crate) fn rules<'a>(
    client: &Client,
    to: &'a Destination,
    request: &'a Fields<'_>,
    used_as: Use,
) -> Rules<'a> {
    Rules {
        used_as,
        project_id: to.project().as_str(),
        audiences: request.texts("audience"),
        leeway: client.jwt_leeway().as_secs_f64(),
    }
}

/// Writes what is told of a session whose token holds.
pub(super) fn describe<T>(
    jwt: &str,
    claims: &Claims,
    project: &ProjectId,
    write: impl FnOnce(&Document<'_>) -> serde_json::Result<T>,
) -> Result<T, Error> {
    let members = claims.members();
    let user_id = ["dsub", "sub"].into_iter().find_map(|key| {
        let id = members.text(key);
        id.filter(|id| !id.is_empty())
    });
    let raw = |json| serde_json::from_str::<&RawValue>(json);
    let document = (|| {
        let none = raw("[]")?;
        write(&Document {
            jwt,
            claims: raw(claims.json())?,
            user_id: user_id.unwrap_or_default(),
            project_id: project.as_str(),
            permissions: members.value("permissions", '[').unwrap_or(none),
            roles: members.value("roles", '[').unwrap_or(none),
            tenants: members.value("tenants", '{').unwrap_or(raw("{}")?),
        })
    })();
    document.map_err(|_| Error::internal("while describing a session"))
}
