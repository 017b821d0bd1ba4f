//! The local check of a session, and what is told of one that holds.

use crate::client::Client;
use crate::config::ProjectId;
use crate::destination::Destination;
use crate::document::Fields;
use crate::error::Error;
use crate::operation::Fetch;
use crate::token::{self, Claims, Rules, Use, Wanted};

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
    let find = |id: Option<&str>| match client.keys_for(&to, Wanted::Token(id), fetch)? {
        Some(keys) => Ok(keys),
        None => {
            is_undecided = true;
            Err(Error::internal("while waiting for keys"))
        }
    };
    let checked = token::check(token, &to.keys, &rules, find, |claims| {
        Ok(describe(token, claims, to.project()))
    });
    match is_undecided {
        true => Ok(None),
        false => checked.map(Some),
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
    let find = |id: Option<&str>| {
        let keys = client.keys_for(to, Wanted::Token(id), fetch)?;
        keys.ok_or_else(|| Error::internal("while fetching keys"))
    };
    token::check(token, &to.keys, &rules, find, |_| Ok(()))
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

/// What is told of a session whose token holds: a JSON object.
pub(super) fn describe(jwt: &str, claims: &Claims<'_>, project: &ProjectId) -> String {
    let members = &claims.members;
    let user_id = ["dsub", "sub"].into_iter().find_map(|key| {
        let is_given = members.text(key).is_some_and(|id| !id.is_empty());
        is_given.then(|| members.json(key, '"'))?
    });
    // All of it is JSON already, but for the token and the project's ID, which have nothing to escape.
    let text = [
        "{\"jwt\":\"",
        jwt,
        "\",\"claims\":",
        claims.json,
        ",\"userId\":",
        user_id.unwrap_or("\"\""),
        ",\"projectId\":\"",
        project.as_str(),
        "\",\"permissions\":",
        members.json("permissions", '[').unwrap_or("[]"),
        ",\"roles\":",
        members.json("roles", '[').unwrap_or("[]"),
        ",\"tenants\":",
        members.json("tenants", '{').unwrap_or("{}"),
        "}",
    ];
    text.concat()
}
