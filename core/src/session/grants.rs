//! Permissions and roles: which of those that are wanted the claims of a session grant.

use std::collections::HashSet;

use serde::Serialize;

use crate::document::{Fields, Members, TextList};
use crate::error::Error;

/// The answer of the comparison.
#[derive(Serialize)]
struct Matched<'a> {
    /// Whether everything that is wanted is granted.
    all: bool,
    matched: Vec<&'a str>,
}

/// Compares what is granted under `key` with what the request wants. Without a tenant the grants of
/// the session itself count, with one only those in that tenant; empty claims grant nothing, and a
/// tenant that the user is not in neither.
pub(super) fn matched(key: &str, request: &Fields<'_>) -> Result<String, Error> {
    let internal = || Error::internal("while comparing claims");
    let claims = request.object("claims").ok_or_else(internal)?;
    let wanted = request.texts(key).ok_or_else(internal)?;
    let claims = Members::parse(claims.get()).ok_or_else(internal)?;
    let granted = match request.text("tenant") {
        None => (!claims.is_empty()).then(|| grants(&claims, key)),
        Some(tenant) => {
            let tenants = claims.json("tenants", '{').and_then(Members::parse);
            let tenant = tenants.as_ref().and_then(|tenants| tenants.get(tenant));
            tenant.map(|tenant| match Members::parse(tenant.get()) {
                Some(tenant) => grants(&tenant, key),
                None => Vec::new(),
            })
        }
    };
    let names: HashSet<&str> = granted.iter().flatten().map(String::as_str).collect();
    let has = |text: &str| names.contains(text);
    let wanted = wanted.iter().map(|text| text.as_str());
    let answer = Matched {
        all: granted.is_some() && wanted.clone().all(has),
        matched: wanted.filter(|text| has(text)).collect(),
    };
    serde_json::to_string(&answer).map_err(|_| internal())
}

/// The texts under a key; there are none where it is missing or something else.
fn grants(claims: &Members<'_>, key: &str) -> Vec<String> {
    let list = claims.json(key, '[').unwrap_or("[]");
    let list: Option<TextList<'_>> = serde_json::from_str(list).ok();
    let list = list.map_or_else(Vec::new, |list| list.0);
    list.into_iter().map(|text| text.0.into_owned()).collect()
}
