//! The service's refusals: `{errorCode, errorDescription, errorMessage}` with an HTTP status.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// A refusal.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: &'static str,
    description: &'static str,
    message: String,
}

impl Refusal {
    pub(crate) fn new(
        status: StatusCode,
        code: &'static str,
        description: &'static str,
        message: impl Into<String>,
    ) -> Refusal {
        Refusal {
            status,
            code,
            description,
            message: message.into(),
        }
    }

    /// The body is not JSON, or not the JSON that the path takes.
    pub(crate) fn malformed(message: impl Into<String>) -> Refusal {
        Refusal::new(
            StatusCode::BAD_REQUEST,
            "E011001",
            "Request is malformed",
            message,
        )
    }

    /// A field is missing or has a value that it cannot have.
    pub(crate) fn invalid(message: impl Into<String>) -> Refusal {
        Refusal::new(
            StatusCode::BAD_REQUEST,
            "E011003",
            "Request is invalid",
            message,
        )
    }

    /// The user has nothing that the message could go to.
    pub(crate) fn no_address() -> Refusal {
        Refusal::new(
            StatusCode::BAD_REQUEST,
            "E011002",
            "Required arguments are missing",
            "Missing email or phone",
        )
    }

    /// The bearer begins with another project's ID.
    pub(crate) fn wrong_project() -> Refusal {
        Refusal::new(
            StatusCode::UNAUTHORIZED,
            "E071001",
            "Invalid project ID",
            "The project ID of the bearer is not this project's",
        )
    }

    /// The bearer's management key is missing or wrong.
    pub(crate) fn wrong_management_key() -> Refusal {
        Refusal::new(
            StatusCode::UNAUTHORIZED,
            "E111119",
            "Unauthorized",
            "The management key is missing or wrong",
        )
    }

    /// The refresh token of the bearer is missing, expired or not this project's.
    pub(crate) fn wrong_refresh_token() -> Refusal {
        Refusal::new(
            StatusCode::UNAUTHORIZED,
            "E061005",
            "Invalid token",
            "The refresh token is missing, expired or not this project's",
        )
    }

    /// The session token of the bearer is missing, expired or not this project's.
    pub(crate) fn wrong_session_token() -> Refusal {
        Refusal::new(
            StatusCode::UNAUTHORIZED,
            "E061005",
            "Invalid token",
            "The session token is missing, expired or not this project's",
        )
    }

    /// A logout has ended the session of the token.
    pub(crate) fn ended_session() -> Refusal {
        Refusal::new(
            StatusCode::UNAUTHORIZED,
            "E064001",
            "Token expired",
            "The session was ended by a logout",
        )
    }

    /// Whether it is the token that is missing, or that no longer holds.
    pub(crate) fn is_for_want_of_a_token(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED
    }

    /// What should be a phone number is none.
    pub(crate) fn no_phone_number() -> Refusal {
        Refusal::new(
            StatusCode::BAD_REQUEST,
            "E032106",
            "Invalid phone number",
            "The phone number is not valid",
        )
    }

    /// The new address is another user's.
    pub(crate) fn conflict() -> Refusal {
        Refusal::new(
            StatusCode::CONFLICT,
            "E062125",
            "Update conflict",
            "The address is a login ID of another user",
        )
    }

    /// No user has the login ID.
    pub(crate) fn unknown_user() -> Refusal {
        Refusal::new(
            StatusCode::BAD_REQUEST,
            "E062108",
            "User not found",
            "Cannot find user",
        )
    }

    /// A user has the login ID already.
    pub(crate) fn taken_user() -> Refusal {
        Refusal::new(
            StatusCode::BAD_REQUEST,
            "E062107",
            "User already exists",
            "A user with this login ID exists",
        )
    }

    /// The redirect URL leads outside the approved domains.
    pub(crate) fn domain_not_approved() -> Refusal {
        Refusal::new(
            StatusCode::BAD_REQUEST,
            "E061003",
            "Redirect domain not approved",
            "The host of the redirect URL is not an approved domain of the project",
        )
    }

    /// The token is unknown, used or expired: the service does not tell which.
    pub(crate) fn dead_token() -> Refusal {
        Refusal::new(
            StatusCode::UNAUTHORIZED,
            "E062504",
            "Token expired",
            "Failed to load magic link token",
        )
    }

    /// The emulator itself failed.
    pub(crate) fn internal(error: &crate::Error) -> Refusal {
        Refusal::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "E010009",
            "Unknown server error",
            error.to_string(),
        )
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({
            "errorCode": self.code,
            "errorDescription": self.description,
            "errorMessage": self.message,
        });
        (self.status, Json(body)).into_response()
    }
}
