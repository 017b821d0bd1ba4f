//! The typed requests of the Rust API. Each is an object of the schema of its operation.

mod access_key;
mod delete_user;
mod embedded_link;
mod match_claims;
mod session;
mod sign_in;
mod sign_up;
mod tenants;
mod test_users;
mod update;
mod user;
mod verify;

use crate::error::Error;
use crate::json::{self, Object, Schema};

pub use access_key::{AccessKeyLoginOptions, ExchangeAccessKeyRequest};
pub use delete_user::DeleteUserRequest;
pub use embedded_link::{EmbeddedLinkRequest, SignUpEmbeddedLinkRequest};
pub use match_claims::MatchRequest;
pub use session::{
    LogoutRequest, RefreshRequest, SelectTenantRequest, ValidateRemoteRequest, ValidateRequest,
};
pub use sign_in::{LoginOptions, SignInRequest};
pub use sign_up::{SignUpOptions, SignUpRequest, User};
pub use tenants::TenantsRequest;
pub use test_users::{CreateUserRequest, GenerateMagicLinkRequest};
pub use update::{UpdateEmailRequest, UpdatePhoneRequest};
pub use user::{HistoryRequest, MeRequest};
pub use verify::VerifyRequest;

fn parse<'a>(schema: &'static Schema, json: &'a str) -> Result<Object<'a>, Error> {
    json::parse_object(schema, json, "the request").map_err(Error::argument)
}
