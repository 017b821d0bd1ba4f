//! Permission and role checks: which of the requested names the claims of a session contain.

use std::collections::HashSet;

use serde::Serialize;

use crate::error::Error;
use crate::json::{self, Object, RawObject, StringArray};

/// The result of a check, as a document.
#[derive(Serialize)]
struct MatchDocument<'a> {
    /// Whether the claims contain all names.
    all: bool,
    matched: Vec<&'a str>,
}

/// Compares the names under `key` in the claims (`permissions` or `roles`) with those in the request.
///
/// With a tenant, only the names of that tenant count. Empty claims and an unknown tenant contain
/// nothing, not even the empty list.
pub(crate) fn match_claims(key: &str, request: &Object<'_>) -> Result<String, Error> {
    let internal = || Error::internal("comparing claims");
    let claims = request.any_object("claims").ok_or_else(internal)?;
    let requested = request.string_array(key).ok_or_else(internal)?;
    let claims = RawObject::parse(claims.get()).ok_or_else(internal)?;
    let granted = match request.non_empty_string("tenant") {
        None => (!claims.is_empty()).then(|| string_claims(&claims, key)),
        Some(tenant) => {
            let tenants = claims.raw_object("tenants").and_then(RawObject::parse);
            let tenant = tenants.as_ref().and_then(|tenants| tenants.get(tenant));
            tenant.map(|tenant| match RawObject::parse(tenant.get()) {
                Some(tenant) => string_claims(&tenant, key),
                None => Vec::new(),
            })
        }
    };
    let names: HashSet<&str> = granted.iter().flatten().map(String::as_str).collect();
    let is_granted = |name: &str| names.contains(name);
    let requested = requested.iter().map(|name| name.as_str());
    let document = MatchDocument {
        all: granted.is_some() && requested.clone().all(is_granted),
        matched: requested.filter(|name| is_granted(name)).collect(),
    };
    json::to_json(&document)
}

/// The strings under a key. None if the key is missing or is not an array of strings.
fn string_claims(claims: &RawObject<'_>, key: &str) -> Vec<String> {
    let json = claims.raw_array(key).unwrap_or("[]");
    let array: Option<StringArray<'_>> = serde_json::from_str(json).ok();
    let strings = array.map_or_else(Vec::new, |array| array.0);
    strings
        .into_iter()
        .map(|string| string.0.into_owned())
        .collect()
}
