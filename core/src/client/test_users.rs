//! The calls for test users of the Rust API. They need the management key.

use super::Client;
use super::management::copy_value;
use crate::error::Error;
use crate::json::Object;
use crate::operations::{
    CREATE_USER, DELETE_ALL_USERS, DELETE_ALL_USERS_SCHEMA, GENERATE_MAGIC_LINK,
};
use crate::requests::{CreateUserRequest, GenerateMagicLinkRequest};

impl Client {
    /// Creates a test user. Returns a JSON object with `user`.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn create_test_user(&self, request: &CreateUserRequest<'_>) -> Result<String, Error> {
        self.execute(&CREATE_USER, &request.0)
    }

    /// Returns a magic link for a test user. No message is sent.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn generate_magic_link(
        &self,
        request: &GenerateMagicLinkRequest<'_>,
    ) -> Result<String, Error> {
        copy_value(&self.execute(&GENERATE_MAGIC_LINK, &request.0)?, "/link")
    }

    /// Deletes all test users of the project.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn delete_all_test_users(&self) -> Result<(), Error> {
        let request = Object::new(&DELETE_ALL_USERS_SCHEMA);
        self.execute(&DELETE_ALL_USERS, &request).map(drop)
    }
}
