//! Error responses of the API: `{errorCode, errorDescription, errorMessage}` with an HTTP status.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::domain::project_error::ProjectError;

/// A JSON response, or an error response.
pub(super) type ApiResult = Result<Json<Value>, ApiError>;

/// An error response. Its texts imitate the service's.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    code: &'static str,
    description: &'static str,
    message: String,
}

impl ApiError {
    pub(crate) fn new(
        status: StatusCode,
        code: &'static str,
        description: &'static str,
        message: impl Into<String>,
    ) -> ApiError {
        ApiError {
            status,
            code,
            description,
            message: message.into(),
        }
    }

    /// The body is not JSON, or not the JSON that the path accepts.
    pub(crate) fn malformed(message: impl Into<String>) -> ApiError {
        ApiError::new(
            StatusCode::BAD_REQUEST,
            "E011001",
            "Request is malformed",
            message,
        )
    }

    /// A field is missing or has a value that it cannot have.
    pub(super) fn invalid(message: impl Into<String>) -> ApiError {
        ApiError::new(
            StatusCode::BAD_REQUEST,
            "E011003",
            "Request is invalid",
            message,
        )
    }

    /// The emulator itself failed.
    pub(crate) fn internal(message: impl Into<String>) -> ApiError {
        ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "E010009",
            "Unknown server error",
            message,
        )
    }

    /// The project ID of the bearer or of the path is not this project's.
    pub(super) fn wrong_project() -> ApiError {
        ApiError::new(
            StatusCode::UNAUTHORIZED,
            "E071001",
            "Invalid project ID",
            "The project ID of the bearer is not this project's",
        )
    }

    /// Whether the request lacks a valid token or key.
    pub(super) fn is_unauthorized(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED
    }
}

impl From<ProjectError> for ApiError {
    fn from(error: ProjectError) -> ApiError {
        let (status, code, description, message) = match error {
            // Which error the service has for a disabled method is not documented.
            ProjectError::InvalidField(message) | ProjectError::MethodDisabled(message) => {
                return ApiError::invalid(message);
            }
            ProjectError::Internal(message) => return ApiError::internal(message),
            ProjectError::NoAddress => (
                StatusCode::BAD_REQUEST,
                "E011002",
                "Required arguments are missing",
                "Missing email or phone",
            ),
            ProjectError::InvalidManagementKey => (
                StatusCode::UNAUTHORIZED,
                "E111119",
                "Unauthorized",
                "The management key is missing or wrong",
            ),
            ProjectError::NoAccessKey => (
                StatusCode::UNAUTHORIZED,
                "E062802",
                "Unauthorized",
                "The access key is missing",
            ),
            ProjectError::InvalidAccessKey => (
                StatusCode::UNAUTHORIZED,
                "E062803",
                "Unauthorized",
                "The access key is wrong or expired",
            ),
            ProjectError::InvalidRefreshToken => (
                StatusCode::UNAUTHORIZED,
                "E061005",
                "Invalid token",
                "The refresh token is missing, expired or not this project's",
            ),
            ProjectError::InvalidSessionToken => (
                StatusCode::UNAUTHORIZED,
                "E061005",
                "Invalid token",
                "The session token is missing, expired or not this project's",
            ),
            ProjectError::SessionRevoked => (
                StatusCode::UNAUTHORIZED,
                "E064001",
                "Token expired",
                "Expired due to logout",
            ),
            ProjectError::InvalidPhoneNumber => (
                StatusCode::BAD_REQUEST,
                "E032106",
                "Invalid phone number",
                "The phone number is not valid",
            ),
            ProjectError::UpdateConflict => (
                StatusCode::CONFLICT,
                "E062125",
                "Update conflict",
                "The address is a login ID of another user",
            ),
            ProjectError::UserNotFound => (
                StatusCode::BAD_REQUEST,
                "E062108",
                "User not found",
                "Cannot find user",
            ),
            ProjectError::ManagedUserNotFound => (
                StatusCode::BAD_REQUEST,
                "E112102",
                "User not found",
                "Cannot find user",
            ),
            ProjectError::UserExists => (
                StatusCode::BAD_REQUEST,
                "E062107",
                "User already exists",
                "A user with this login ID exists",
            ),
            ProjectError::RedirectNotApproved => (
                StatusCode::BAD_REQUEST,
                "E061003",
                "Redirect domain not approved",
                "The host of the redirect URL is not an approved domain of the project",
            ),
            ProjectError::InvalidLinkToken => (
                StatusCode::UNAUTHORIZED,
                "E062504",
                "Token expired",
                "Failed to load magic link token",
            ),
        };
        ApiError::new(status, code, description, message)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = json!({
            "errorCode": self.code,
            "errorDescription": self.description,
            "errorMessage": self.message,
        });
        (self.status, Json(body)).into_response()
    }
}
