//! The document of a valid session.

use std::collections::TryReserveError;

use crate::config::ProjectId;
use crate::jwt::Claims;
use crate::memory;

/// `{"jwt", "claims", "userId", "projectId", "permissions", "roles", "tenants"}` of a valid session token.
pub(crate) fn session_document(
    jwt: &str,
    claims: &Claims<'_>,
    project: &ProjectId,
) -> Result<String, TryReserveError> {
    let members = &claims.members;
    // `dsub` is the user ID where `sub` is another one.
    let user_id = ["dsub", "sub"].into_iter().find_map(|key| {
        let is_set = members.string(key).is_some_and(|id| !id.is_empty());
        is_set.then(|| members.raw_string(key))?
    });
    // All parts are valid JSON. A token and a project ID contain no character that has to be escaped.
    let parts = [
        "{\"jwt\":\"",
        jwt,
        "\",\"claims\":",
        claims.json,
        ",\"userId\":",
        user_id.unwrap_or("\"\""),
        ",\"projectId\":\"",
        project.as_str(),
        "\",\"permissions\":",
        members.raw_array("permissions").unwrap_or("[]"),
        ",\"roles\":",
        members.raw_array("roles").unwrap_or("[]"),
        ",\"tenants\":",
        members.raw_object("tenants").unwrap_or("{}"),
        "}",
    ];
    memory::concat(&parts)
}
