//! The requests, answers and calls of sessions, for callers in Rust.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    ENDED, HISTORY, LOGOUT, LOGOUT_ALL, MATCH_PERMISSIONS, MATCH_ROLES, ME, OWN, PERMISSIONS,
    REFRESH, REFRESHED, REMOTE_SESSION, ROLES, SELECT_TENANT, SESSION, TENANT, VALIDATE,
    VALIDATE_REMOTE,
};
use crate::client::Client;
use crate::document::{self, Fields, Object, Record, Text, TextList, Value};
use crate::error::Error;
use crate::typed::typed;

typed! {
    /// Asks whether a session token holds, on this machine. `Debug` shows no value.
    pub struct ValidateRequest over SESSION {
        /// The audiences of which the token must have one.
        texts audience "audience";
        /// The project, instead of the client's.
        text project_id "projectId";
        /// How long fetching keys may take, instead of the client's timeout.
        timeout timeout "timeoutMs";
    }
}

typed! {
    /// Asks the service whether a session token holds. `Debug` shows no value.
    pub struct ValidateRemoteRequest over REMOTE_SESSION {
        /// The project, instead of the client's.
        text project_id "projectId";
        /// How long this call may take, instead of the client's timeout.
        timeout timeout "timeoutMs";
        /// The body, as the text of a JSON object: sent unchecked.
        object extra "extra";
    }
}

typed! {
    /// Asks for a new session token. `Debug` shows no value.
    pub struct RefreshRequest over REFRESHED {
        /// A token of another identity provider that goes with the session.
        text external_token "externalToken";
        /// The audiences of which the tokens must have one.
        texts audience "audience";
        /// The project, instead of the client's.
        text project_id "projectId";
        /// How long this call may take, instead of the client's timeout.
        timeout timeout "timeoutMs";
        /// More of the body, as the text of a JSON object: merged in unchecked.
        object extra "extra";
    }
}

typed! {
    /// Ends a session, or all of a user's. `Debug` shows no value.
    pub struct LogoutRequest over ENDED {
        /// Which kinds of sessions end; else all.
        texts logout_type "logoutType";
        /// The project, instead of the client's.
        text project_id "projectId";
        /// How long this call may take, instead of the client's timeout.
        timeout timeout "timeoutMs";
        /// More of the body, as the text of a JSON object: merged in unchecked.
        object extra "extra";
    }
}

typed! {
    /// Asks who the user of a session is. `Debug` shows no value.
    pub struct MeRequest over OWN {
        /// The project, instead of the client's.
        text project_id "projectId";
        /// How long this call may take, instead of the client's timeout.
        timeout timeout "timeoutMs";
    }
}

typed! {
    /// Asks when the user of a session has signed in. `Debug` shows no value.
    pub struct HistoryRequest over OWN {
        /// The project, instead of the client's.
        text project_id "projectId";
        /// How long this call may take, instead of the client's timeout.
        timeout timeout "timeoutMs";
    }
}

typed! {
    /// Asks for a session in one of the user's tenants. `Debug` shows no value.
    pub struct SelectTenantRequest over TENANT {
        /// The audiences of which the tokens must have one.
        texts audience "audience";
        /// The project, instead of the client's.
        text project_id "projectId";
        /// How long this call may take, instead of the client's timeout.
        timeout timeout "timeoutMs";
        /// More of the body, as the text of a JSON object: merged in unchecked.
        object extra "extra";
    }
}

/// Declares requests that begin with one token.
macro_rules! with_token {
    ($($request:ident $record:ident $key:literal $what:literal;)*) => {
        $(impl<'a> $request<'a> {
            #[doc = concat!("A request with ", $what, ".")]
            #[must_use]
            pub fn new(token: impl Into<Cow<'a, str>>) -> Self {
                let mut fields = Fields::new(&$record);
                fields.put($key, Value::Text(Text(token.into())));
                $request(fields)
            }
        })*
    };
}

with_token! {
    ValidateRequest SESSION "sessionToken" "a session JWT";
    ValidateRemoteRequest REMOTE_SESSION "sessionToken" "a session JWT";
    RefreshRequest REFRESHED "refreshToken" "the refresh JWT of a session";
    LogoutRequest ENDED "refreshToken" "the refresh JWT of a session";
    MeRequest OWN "refreshToken" "the refresh JWT of a session";
    HistoryRequest OWN "refreshToken" "the refresh JWT of a session";
}

impl<'a> SelectTenantRequest<'a> {
    /// A request for a session in this tenant, with the refresh JWT of the session that there is.
    #[must_use]
    pub fn new(tenant: impl Into<Cow<'a, str>>, refresh_token: impl Into<Cow<'a, str>>) -> Self {
        let mut fields = Fields::new(&TENANT);
        fields.put("tenant", Value::Text(Text(tenant.into())));
        fields.put("refreshToken", Value::Text(Text(refresh_token.into())));
        SelectTenantRequest(fields)
    }
}

/// What is wanted of the claims of a session: permissions or roles.
/// `Debug` shows nothing of it.
#[derive(Clone)]
pub struct MatchRequest<'a> {
    claims: &'a str,
    wanted: Vec<Text<'a>>,
    tenant: Option<Text<'a>>,
}

impl<'a> MatchRequest<'a> {
    /// Compares the claims of a session, the text of a JSON object, with these names.
    #[must_use]
    pub fn new<T: Into<Cow<'a, str>>>(
        claims: &'a str,
        wanted: impl IntoIterator<Item = T>,
    ) -> MatchRequest<'a> {
        MatchRequest {
            claims,
            wanted: wanted.into_iter().map(|text| Text(text.into())).collect(),
            tenant: None,
        }
    }

    /// Counts what the session grants in this tenant, instead of what it grants itself.
    #[must_use]
    pub fn tenant(mut self, tenant: impl Into<Cow<'a, str>>) -> Self {
        self.tenant = Some(Text(tenant.into()));
        self
    }

    fn fields(self, record: &'static Record, key: &str) -> Result<Fields<'a>, Error> {
        let claims = Object::parse(self.claims)
            .map_err(|_| Error::argument("`claims` must be the text of a JSON object"))?;
        let mut fields = Fields::new(record);
        fields.put("claims", Value::Object(claims));
        fields.put(key, Value::Texts(TextList(self.wanted)));
        if let Some(tenant) = self.tenant {
            fields.put("tenant", Value::Text(tenant));
        }
        Ok(fields)
    }
}

impl std::fmt::Debug for MatchRequest<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MatchRequest").finish_non_exhaustive()
    }
}

/// What a session grants of what is wanted.
#[derive(Clone, Debug, Deserialize)]
pub struct Granted {
    /// Whether all of it.
    pub all: bool,
    /// What of it, in the order in which it was wanted.
    pub matched: Vec<String>,
}

/// A session whose token holds. `Debug` shows neither the token nor the claims.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    jwt: String,
    claims: Box<RawValue>,
    user_id: String,
    project_id: String,
    permissions: Vec<String>,
    roles: Vec<String>,
    tenants: Box<RawValue>,
}

impl Session {
    /// The session JWT.
    #[must_use]
    pub fn jwt(&self) -> &str {
        &self.jwt
    }

    /// Its claims, a JSON object.
    #[must_use]
    pub fn claims(&self) -> &str {
        self.claims.get()
    }

    /// Whose session it is: `dsub`, else `sub`.
    #[must_use]
    pub fn user_id(&self) -> &str {
        &self.user_id
    }

    /// The project that issued it.
    #[must_use]
    pub fn project_id(&self) -> &str {
        &self.project_id
    }

    /// What it grants outside of tenants.
    #[must_use]
    pub fn permissions(&self) -> &[String] {
        &self.permissions
    }

    /// The roles that it grants outside of tenants.
    #[must_use]
    pub fn roles(&self) -> &[String] {
        &self.roles
    }

    /// The tenants that the user is in, each with its permissions and roles: a JSON object.
    #[must_use]
    pub fn tenants(&self) -> &str {
        self.tenants.get()
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("project_id", &self.project_id)
            .finish_non_exhaustive()
    }
}

/// A session as the service has just given it, tokens checked. `Debug` shows nothing of it.
#[derive(Clone)]
pub struct SignedIn(String);

impl SignedIn {
    pub(crate) fn new(json: String) -> SignedIn {
        SignedIn(json)
    }

    /// The service's answer, with `session` and `refreshClaims` added: a JSON object.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.0
    }

    /// The session.
    ///
    /// # Errors
    ///
    /// [`Error::Protocol`] for claims that are of another type than every token's.
    pub fn session(&self) -> Result<Session, Error> {
        let json = document::get(&self.0, "/session")
            .map_err(|_| Error::internal("while reading an answer"))?;
        read_session(&json)
    }

    /// The refresh JWT, where there is one.
    #[must_use]
    pub fn refresh_jwt(&self) -> Option<String> {
        let [jwt] = document::texts(&self.0, ["refreshJwt"]);
        jwt.filter(|jwt| !jwt.is_empty())
    }
}

impl std::fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedIn").finish_non_exhaustive()
    }
}

fn read_session(json: &str) -> Result<Session, Error> {
    serde_json::from_str(json).map_err(|_| {
        Error::Protocol(crate::error::Failure::new(
            "the session's permissions and roles are not all texts",
            crate::status::Outcome::Unknown,
        ))
    })
}

impl Client {
    /// Checks a session token on this machine; keys that are not known yet are fetched.
    ///
    /// # Errors
    ///
    /// [`Error::Token`], or why the keys could not be had.
    pub fn validate(&self, request: &ValidateRequest<'_>) -> Result<Session, Error> {
        read_session(&self.perform(&VALIDATE, &request.0)?)
    }

    /// Asks for a new session token. The refresh token is checked on this machine first.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn refresh(&self, request: &RefreshRequest<'_>) -> Result<SignedIn, Error> {
        self.perform(&REFRESH, &request.0).map(SignedIn::new)
    }

    /// Asks for a session in one of the user's tenants.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn select_tenant(&self, request: &SelectTenantRequest<'_>) -> Result<SignedIn, Error> {
        self.perform(&SELECT_TENANT, &request.0).map(SignedIn::new)
    }

    /// Which of these permissions the claims of a session grant.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when the claims are not the text of a JSON object.
    pub fn match_permissions(&self, request: MatchRequest<'_>) -> Result<Granted, Error> {
        let fields = request.fields(&PERMISSIONS, "permissions")?;
        self.perform(&MATCH_PERMISSIONS, &fields).and_then(granted)
    }

    /// Which of these roles the claims of a session grant.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when the claims are not the text of a JSON object.
    pub fn match_roles(&self, request: MatchRequest<'_>) -> Result<Granted, Error> {
        let fields = request.fields(&ROLES, "roles")?;
        self.perform(&MATCH_ROLES, &fields).and_then(granted)
    }
}

fn granted(json: String) -> Result<Granted, Error> {
    serde_json::from_str(&json).map_err(|_| Error::internal("while comparing claims"))
}

/// Declares calls that answer with the service's own JSON object.
macro_rules! plain {
    ($($(#[$doc:meta])* $name:ident($request:ident) $operation:ident;)*) => {
        impl Client {
            $($(#[$doc])*
            ///
            /// # Errors
            ///
            /// Any [`Error`].
            pub fn $name(&self, request: &$request<'_>) -> Result<String, Error> {
                self.perform(&$operation, &request.0)
            })*
        }
    };
}

plain! {
    /// Who the user of a session is: a JSON object with `userId`, `loginIds`, `email` and so on.
    me(MeRequest) ME;
    /// When the user of a session has signed in: a JSON object with `authHistory`.
    history(HistoryRequest) HISTORY;
    /// Whether the service takes a session token: a JSON object with `parsedJWT`.
    validate_remote(ValidateRemoteRequest) VALIDATE_REMOTE;
    /// Ends a session: its refresh token works no more.
    logout(LogoutRequest) LOGOUT;
    /// Ends all sessions of the user.
    logout_all(LogoutRequest) LOGOUT_ALL;
}
