//! The operations as data: the name, the schema of the request, the endpoint, the expected response.

mod control_fields;
mod link_token;
mod magiclink;
mod management;
mod operation;
mod session;
mod test_users;

use crate::error::Error;
use crate::json::check_size;

pub(crate) use magiclink::{
    LOGIN_OPTIONS, MASKED_EMAIL, MASKED_PHONE, SIGN_IN_EMAIL, SIGN_IN_SCHEMA, SIGN_IN_SMS,
    SIGN_IN_WHATSAPP, SIGN_UP_EMAIL, SIGN_UP_OPTIONS, SIGN_UP_OR_IN_EMAIL, SIGN_UP_OR_IN_SMS,
    SIGN_UP_OR_IN_WHATSAPP, SIGN_UP_SCHEMA, SIGN_UP_SMS, SIGN_UP_WHATSAPP, UPDATE_EMAIL,
    UPDATE_EMAIL_SCHEMA, UPDATE_PHONE_SCHEMA, UPDATE_PHONE_SMS, UPDATE_PHONE_WHATSAPP, USER,
    VERIFY, VERIFY_SCHEMA,
};
pub(crate) use management::{
    DELETE_USER, DELETE_USER_SCHEMA, EMBEDDED_LINK, EMBEDDED_LINK_SCHEMA, EMBEDDED_LINK_SIGN_UP,
    EMBEDDED_LINK_SIGN_UP_SCHEMA,
};
pub(crate) use operation::{
    Credential, Endpoint, ExpectedResponse, LocalOperation, Operation, OperationKind, Repeat,
};
pub(crate) use session::{
    ACCESS_KEY_LOGIN_OPTIONS, EXCHANGE_ACCESS_KEY, EXCHANGE_ACCESS_KEY_SCHEMA, HISTORY, LOGOUT,
    LOGOUT_ALL, LOGOUT_SCHEMA, MATCH_PERMISSIONS, MATCH_PERMISSIONS_SCHEMA, MATCH_ROLES,
    MATCH_ROLES_SCHEMA, ME, REFRESH, REFRESH_SCHEMA, REFRESH_TOKEN_ONLY_SCHEMA, SELECT_TENANT,
    SELECT_TENANT_SCHEMA, TENANTS, TENANTS_SCHEMA, VALIDATE, VALIDATE_REMOTE,
    VALIDATE_REMOTE_SCHEMA, VALIDATE_SCHEMA,
};
pub(crate) use test_users::{
    CREATE_USER, CREATE_USER_SCHEMA, DELETE_ALL_USERS, DELETE_ALL_USERS_SCHEMA,
    GENERATE_MAGIC_LINK, GENERATE_MAGIC_LINK_SCHEMA,
};

/// All operations.
pub(crate) static OPERATIONS: [&Operation; 31] = [
    &SIGN_IN_SMS,
    &SIGN_IN_EMAIL,
    &SIGN_IN_WHATSAPP,
    &SIGN_UP_SMS,
    &SIGN_UP_EMAIL,
    &SIGN_UP_WHATSAPP,
    &SIGN_UP_OR_IN_SMS,
    &SIGN_UP_OR_IN_EMAIL,
    &SIGN_UP_OR_IN_WHATSAPP,
    &VERIFY,
    &UPDATE_EMAIL,
    &UPDATE_PHONE_SMS,
    &UPDATE_PHONE_WHATSAPP,
    &VALIDATE,
    &REFRESH,
    &ME,
    &HISTORY,
    &SELECT_TENANT,
    &TENANTS,
    &EXCHANGE_ACCESS_KEY,
    &VALIDATE_REMOTE,
    &LOGOUT,
    &LOGOUT_ALL,
    &MATCH_PERMISSIONS,
    &MATCH_ROLES,
    &EMBEDDED_LINK,
    &EMBEDDED_LINK_SIGN_UP,
    &DELETE_USER,
    &CREATE_USER,
    &GENERATE_MAGIC_LINK,
    &DELETE_ALL_USERS,
];

impl Operation {
    /// Finds an operation.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] that lists the known operations.
    pub(crate) fn by_name(name: &str) -> Result<&'static Operation, Error> {
        let found = OPERATIONS.iter().find(|operation| operation.name == name);
        found.copied().ok_or_else(|| {
            if let Err(problem) = check_size(name, "the name of the operation") {
                return Error::argument(problem);
            }
            let names: Vec<_> = OPERATIONS.iter().map(|operation| operation.name).collect();
            Error::argument(format!(
                "unknown operation; the operations are {}",
                names.join(", ")
            ))
        })
    }

    /// The position in [`OPERATIONS`].
    pub(crate) fn index(&self) -> Option<usize> {
        OPERATIONS
            .iter()
            .position(|operation| std::ptr::eq(*operation, self))
    }
}
