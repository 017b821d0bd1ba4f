//! The calls with the management key of the Rust API. Those for test users are in `test_users.rs`.

use super::Client;
use crate::error::Error;
use crate::json;
use crate::operations::{EMBEDDED_LINK, EMBEDDED_LINK_SIGN_UP};
use crate::requests::{EmbeddedLinkRequest, SignUpEmbeddedLinkRequest};

impl Client {
    /// Returns a token that signs an existing user in. No message is sent: deliver the token yourself,
    /// and pass it to [`Client::verify`].
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn generate_embedded_link(
        &self,
        request: &EmbeddedLinkRequest<'_>,
    ) -> Result<String, Error> {
        token(&self.execute(&EMBEDDED_LINK, &request.0)?)
    }

    /// Returns a token that signs a new user up. See [`Client::generate_embedded_link`].
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn generate_sign_up_embedded_link(
        &self,
        request: &SignUpEmbeddedLinkRequest<'_>,
    ) -> Result<String, Error> {
        token(&self.execute(&EMBEDDED_LINK_SIGN_UP, &request.0)?)
    }
}

fn token(response: &str) -> Result<String, Error> {
    json::get(response, "/token").map_err(|_| Error::internal("reading a response"))
}
