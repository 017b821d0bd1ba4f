//! The calls with the management key of the Rust API. Those for test users are in `test_users.rs`.

use super::Client;
use crate::error::Error;
use crate::json;
use crate::memory;
use crate::operations::{DELETE_USER, EMBEDDED_LINK, EMBEDDED_LINK_SIGN_UP};
use crate::requests::{DeleteUserRequest, EmbeddedLinkRequest, SignUpEmbeddedLinkRequest};

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

    /// Deletes a user, whether a test user or not. This cannot be undone.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn delete_user(&self, request: &DeleteUserRequest<'_>) -> Result<(), Error> {
        self.execute(&DELETE_USER, &request.0).map(drop)
    }
}

fn token(response: &str) -> Result<String, Error> {
    copy_value(response, "/token")
}

/// Copies a value of a response that has it.
pub(super) fn copy_value(response: &str, pointer: &str) -> Result<String, Error> {
    let value = json::get(response, pointer);
    let value = value.map_err(|_| Error::internal("reading a response"))?;
    Ok(memory::copy(&value)?)
}
