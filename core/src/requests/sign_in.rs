//! Requests for a magic link for an existing user, or for sign-up or sign-in.

use std::borrow::Cow;
use std::time::Duration;

use super::parse;
use crate::error::Error;
use crate::json::{Object, Value};
use crate::operations::{LOGIN_OPTIONS, SIGN_IN_SCHEMA};

/// A request for a magic link for an existing user, or for sign-up or sign-in. `Debug` shows no value.
#[derive(Clone, Debug)]
pub struct SignInRequest<'a>(pub(crate) Object<'a>);

impl<'a> SignInRequest<'a> {
    /// A request for the user with this login ID, such as a phone number in the form `+14155550123`.
    #[must_use]
    pub fn new(login_id: impl Into<Cow<'a, str>>) -> Self {
        SignInRequest(Object::new(&SIGN_IN_SCHEMA).with(
            const { SIGN_IN_SCHEMA.field("loginId") },
            Value::string(login_id),
        ))
    }

    /// Parses a JSON document.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for anything but a JSON object with known keys and values of the right types.
    pub fn from_json(json: &'a str) -> Result<SignInRequest<'a>, Error> {
        parse(&SIGN_IN_SCHEMA, json).map(SignInRequest)
    }

    /// The URL that the link points to. The service appends `?t=<token>`. Default: the project's URL.
    #[must_use]
    pub fn redirect_url(self, url: impl Into<Cow<'a, str>>) -> Self {
        SignInRequest(self.0.with(
            const { SIGN_IN_SCHEMA.field("redirectUrl") },
            Value::string(url),
        ))
    }

    /// Options of the sign-in.
    #[must_use]
    pub fn login_options(self, options: LoginOptions<'a>) -> Self {
        SignInRequest(self.0.with(
            const { SIGN_IN_SCHEMA.field("loginOptions") },
            Value::Object(options.0),
        ))
    }

    /// The messaging connector that sends the message. Default: the project's connector.
    #[must_use]
    pub fn provider_id(self, id: impl Into<Cow<'a, str>>) -> Self {
        SignInRequest(self.0.with(
            const { SIGN_IN_SCHEMA.field("providerId") },
            Value::string(id),
        ))
    }

    /// The application that the user signs in to.
    #[must_use]
    pub fn sso_app_id(self, id: impl Into<Cow<'a, str>>) -> Self {
        SignInRequest(self.0.with(
            const { SIGN_IN_SCHEMA.field("ssoAppId") },
            Value::string(id),
        ))
    }

    /// Sends the link to the user's recovery phone number or email address.
    #[must_use]
    pub fn use_recovery(self, flag: bool) -> Self {
        SignInRequest(self.0.with(
            const { SIGN_IN_SCHEMA.field("useRecovery") },
            Value::Bool(flag),
        ))
    }

    /// The message template. Default: the project's template.
    #[must_use]
    pub fn template_id(self, id: impl Into<Cow<'a, str>>) -> Self {
        SignInRequest(self.0.with(
            const { SIGN_IN_SCHEMA.field("templateId") },
            Value::string(id),
        ))
    }

    /// The project, if it is not that of the client.
    #[must_use]
    pub fn project_id(self, id: impl Into<Cow<'a, str>>) -> Self {
        SignInRequest(self.0.with(
            const { SIGN_IN_SCHEMA.field("projectId") },
            Value::string(id),
        ))
    }

    /// The user's refresh JWT. Required for step-up and MFA.
    #[must_use]
    pub fn refresh_token(self, token: impl Into<Cow<'a, str>>) -> Self {
        SignInRequest(self.0.with(
            const { SIGN_IN_SCHEMA.field("refreshToken") },
            Value::string(token),
        ))
    }

    /// The timeout of this call, if it is not that of the client.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        SignInRequest(self.0.with(
            const { SIGN_IN_SCHEMA.field("timeoutMs") },
            Value::duration(timeout),
        ))
    }

    /// More fields of the request body, as a JSON object. They are merged in unchecked.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for anything but a JSON object.
    pub fn extra(self, json: &'a str) -> Result<Self, Error> {
        let value = Value::any_object("extra", json)?;
        Ok(SignInRequest(
            self.0.with(const { SIGN_IN_SCHEMA.field("extra") }, value),
        ))
    }
}

/// Options of a sign-in. `Debug` shows no value.
#[derive(Clone, Debug)]
pub struct LoginOptions<'a>(pub(crate) Object<'a>);

impl<'a> LoginOptions<'a> {
    /// Without any option.
    #[must_use]
    pub fn new() -> Self {
        LoginOptions(Object::new(&LOGIN_OPTIONS))
    }

    /// Parses a JSON document.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for anything but a JSON object with known keys and values of the right types.
    pub fn from_json(json: &'a str) -> Result<LoginOptions<'a>, Error> {
        parse(&LOGIN_OPTIONS, json).map(LoginOptions)
    }

    /// Requests a step-up of the session that the refresh token belongs to.
    #[must_use]
    pub fn stepup(self, flag: bool) -> Self {
        LoginOptions(
            self.0
                .with(const { LOGIN_OPTIONS.field("stepup") }, Value::Bool(flag)),
        )
    }

    /// Adds a second factor to the session that the refresh token belongs to.
    #[must_use]
    pub fn mfa(self, flag: bool) -> Self {
        LoginOptions(
            self.0
                .with(const { LOGIN_OPTIONS.field("mfa") }, Value::Bool(flag)),
        )
    }

    /// The application that the user signs in to.
    #[must_use]
    pub fn sso_app_id(self, id: impl Into<Cow<'a, str>>) -> Self {
        LoginOptions(
            self.0
                .with(const { LOGIN_OPTIONS.field("ssoAppId") }, Value::string(id)),
        )
    }

    /// Ends the user's other sessions when the link is verified.
    #[must_use]
    pub fn revoke_other_sessions(self, flag: bool) -> Self {
        LoginOptions(self.0.with(
            const { LOGIN_OPTIONS.field("revokeOtherSessions") },
            Value::Bool(flag),
        ))
    }

    /// The types of other sessions to end, together with `revoke_other_sessions`.
    #[must_use]
    pub fn revoke_other_sessions_types<T: Into<Cow<'a, str>>>(
        self,
        items: impl IntoIterator<Item = T>,
    ) -> Self {
        LoginOptions(self.0.with(
            const { LOGIN_OPTIONS.field("revokeOtherSessionsTypes") },
            Value::string_array(items),
        ))
    }

    /// Values for the placeholders of the message template.
    #[must_use]
    pub fn template_options<K, V>(self, entries: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<Cow<'a, str>>,
        V: Into<Cow<'a, str>>,
    {
        LoginOptions(self.0.with(
            const { LOGIN_OPTIONS.field("templateOptions") },
            Value::string_map(entries),
        ))
    }

    /// The message template. Default: the project's template.
    #[must_use]
    pub fn template_id(self, id: impl Into<Cow<'a, str>>) -> Self {
        LoginOptions(self.0.with(
            const { LOGIN_OPTIONS.field("templateId") },
            Value::string(id),
        ))
    }

    /// The language of the message, such as `pl-PL`.
    #[must_use]
    pub fn locale(self, locale: impl Into<Cow<'a, str>>) -> Self {
        LoginOptions(self.0.with(
            const { LOGIN_OPTIONS.field("locale") },
            Value::string(locale),
        ))
    }

    /// Base64. The service ignores it except for enchanted links.
    #[must_use]
    pub fn pkce_challenge(self, challenge: impl Into<Cow<'a, str>>) -> Self {
        LoginOptions(self.0.with(
            const { LOGIN_OPTIONS.field("pkceChallenge") },
            Value::string(challenge),
        ))
    }

    /// The tenant of the session.
    #[must_use]
    pub fn tenant_id(self, id: impl Into<Cow<'a, str>>) -> Self {
        LoginOptions(
            self.0
                .with(const { LOGIN_OPTIONS.field("tenantId") }, Value::string(id)),
        )
    }

    /// Custom claims of the session token, as a JSON object.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for anything but a JSON object.
    pub fn custom_claims(self, json: &'a str) -> Result<Self, Error> {
        let value = Value::any_object("customClaims", json)?;
        Ok(LoginOptions(self.0.with(
            const { LOGIN_OPTIONS.field("customClaims") },
            value,
        )))
    }
}

impl Default for LoginOptions<'_> {
    fn default() -> Self {
        LoginOptions::new()
    }
}
