//! Fields that control a call. They are not part of the request body.

use crate::json::{Field, FieldType};

/// The project of the call, if it is not that of the client.
pub(super) const PROJECT_ID: Field = Field::control("projectId", FieldType::String);

/// The timeout of the call, if it is not that of the client.
pub(super) const TIMEOUT: Field = Field::control("timeoutMs", FieldType::MILLISECONDS);

pub(super) const REFRESH_TOKEN: Field = Field::control("refreshToken", FieldType::String);

pub(super) const ACCESS_KEY: Field = Field::control("accessKey", FieldType::String);

pub(super) const SESSION_TOKEN: Field = Field::control("sessionToken", FieldType::String);

/// Accepted audiences of the tokens.
pub(super) const AUDIENCE: Field = Field::control("audience", FieldType::StringOrArray);

/// An object that is merged into the request body unchecked.
pub(super) const EXTRA: Field = Field::control("extra", FieldType::AnyObject);
