//! The session calls of the Rust API.

use super::Client;
use crate::error::Error;
use crate::operations::{
    EXCHANGE_ACCESS_KEY, HISTORY, LOGOUT, LOGOUT_ALL, MATCH_PERMISSIONS, MATCH_ROLES, ME, REFRESH,
    SELECT_TENANT, TENANTS, VALIDATE, VALIDATE_REMOTE,
};
use crate::requests::{
    ExchangeAccessKeyRequest, HistoryRequest, LogoutRequest, MatchRequest, MeRequest,
    RefreshRequest, SelectTenantRequest, TenantsRequest, ValidateRemoteRequest, ValidateRequest,
};
use crate::responses::{MatchResult, Session, SignedIn};

impl Client {
    /// Validates a session token on this machine. Missing public keys are fetched.
    ///
    /// # Errors
    ///
    /// [`Error::Token`] if the token is invalid, or the error of the key fetch.
    pub fn validate(&self, request: &ValidateRequest<'_>) -> Result<Session, Error> {
        Session::parse(&self.execute(&VALIDATE, &request.0)?)
    }

    /// Asks the service whether a session token is valid. Returns a JSON object with `parsedJWT`.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn validate_remote(&self, request: &ValidateRemoteRequest<'_>) -> Result<String, Error> {
        self.execute(&VALIDATE_REMOTE, &request.0)
    }

    /// Requests a new session token. The refresh token is validated on this machine first. Calls with the
    /// same request that overlap share one request to the service, since a refresh token that is rotated
    /// works once.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn refresh(&self, request: &RefreshRequest<'_>) -> Result<SignedIn, Error> {
        self.execute(&REFRESH, &request.0).map(SignedIn::new)
    }

    /// Requests a session for one of the user's tenants.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn select_tenant(&self, request: &SelectTenantRequest<'_>) -> Result<SignedIn, Error> {
        self.execute(&SELECT_TENANT, &request.0).map(SignedIn::new)
    }

    /// Tenants of the user of a session: a JSON object with `tenants`.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn tenants(&self, request: &TenantsRequest<'_>) -> Result<String, Error> {
        self.execute(&TENANTS, &request.0)
    }

    /// Exchanges an access key for a session token, which is validated. There is no refresh token:
    /// exchange the key again when the session token has expired.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn exchange_access_key(
        &self,
        request: &ExchangeAccessKeyRequest<'_>,
    ) -> Result<SignedIn, Error> {
        self.execute(&EXCHANGE_ACCESS_KEY, &request.0)
            .map(SignedIn::new)
    }

    /// The user of a session: a JSON object with `userId`, `loginIds`, `email` and so on.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn me(&self, request: &MeRequest<'_>) -> Result<String, Error> {
        self.execute(&ME, &request.0)
    }

    /// The sign-ins of the user of a session: a JSON object with `authHistory`.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn history(&self, request: &HistoryRequest<'_>) -> Result<String, Error> {
        self.execute(&HISTORY, &request.0)
    }

    /// Ends a session. Its refresh token becomes invalid.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn logout(&self, request: &LogoutRequest<'_>) -> Result<String, Error> {
        self.execute(&LOGOUT, &request.0)
    }

    /// Ends all sessions of the user.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn logout_all(&self, request: &LogoutRequest<'_>) -> Result<String, Error> {
        self.execute(&LOGOUT_ALL, &request.0)
    }

    /// Checks which of these permissions the claims of a session contain.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] if the claims are not a JSON object.
    pub fn match_permissions(&self, request: MatchRequest<'_>) -> Result<MatchResult, Error> {
        let request = request.into_permissions_object()?;
        MatchResult::parse(&self.execute(&MATCH_PERMISSIONS, &request)?)
    }

    /// Checks which of these roles the claims of a session contain.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] if the claims are not a JSON object.
    pub fn match_roles(&self, request: MatchRequest<'_>) -> Result<MatchResult, Error> {
        let request = request.into_roles_object()?;
        MatchResult::parse(&self.execute(&MATCH_ROLES, &request)?)
    }
}
