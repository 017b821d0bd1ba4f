//! Descope's rules: one project with its users, links, sessions, keys, clock and settings.
//!
//! Nothing here knows of HTTP. `project` has the operations; each of the other files has one kind of
//! data and the rules for it.

pub(crate) mod access_keys;
pub(crate) mod clock;
pub(crate) mod delivery_method;
pub(crate) mod duration;
pub(crate) mod ids;
pub(crate) mod issuer;
pub(crate) mod jwt;
pub(crate) mod key_set;
mod links;
mod login_id;
mod merge_users;
pub(crate) mod messages;
pub(crate) mod project;
pub(crate) mod project_error;
mod redirect_url;
pub(crate) mod sessions;
pub(crate) mod settings;
pub(crate) mod signing_key;
pub(crate) mod tenants;
pub(crate) mod user;
pub(crate) mod users;
mod versioned;
