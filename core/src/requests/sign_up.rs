//! Requests for a magic link for a new user.

use std::borrow::Cow;
use std::time::Duration;

use super::parse;
use crate::error::Error;
use crate::json::{Object, Value};
use crate::operations::{SIGN_UP_OPTIONS, SIGN_UP_SCHEMA, USER};

/// A request for a magic link for a new user. `Debug` shows no value.
#[derive(Clone, Debug)]
pub struct SignUpRequest<'a>(pub(crate) Object<'a>);

impl<'a> SignUpRequest<'a> {
    /// A request for a new user with this login ID, such as the address that the link is sent to.
    #[must_use]
    pub fn new(login_id: impl Into<Cow<'a, str>>) -> Self {
        SignUpRequest(Object::new(&SIGN_UP_SCHEMA).with(
            const { SIGN_UP_SCHEMA.field("loginId") },
            Value::string(login_id),
        ))
    }

    /// Parses a JSON document.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for anything but a JSON object with known keys and values of the right types.
    pub fn from_json(json: &'a str) -> Result<SignUpRequest<'a>, Error> {
        parse(&SIGN_UP_SCHEMA, json).map(SignUpRequest)
    }

    /// The new user's details.
    #[must_use]
    pub fn user(self, user: User<'a>) -> Self {
        SignUpRequest(self.0.with(
            const { SIGN_UP_SCHEMA.field("user") },
            Value::Object(user.0),
        ))
    }

    /// The email address, if the login ID is not one.
    #[must_use]
    pub fn email(self, email: impl Into<Cow<'a, str>>) -> Self {
        SignUpRequest(self.0.with(
            const { SIGN_UP_SCHEMA.field("email") },
            Value::string(email),
        ))
    }

    /// The phone number, if the login ID is not one.
    #[must_use]
    pub fn phone(self, phone: impl Into<Cow<'a, str>>) -> Self {
        SignUpRequest(self.0.with(
            const { SIGN_UP_SCHEMA.field("phone") },
            Value::string(phone),
        ))
    }

    /// The URL that the link points to. The service appends `?t=<token>`. Default: the project's URL.
    #[must_use]
    pub fn redirect_url(self, url: impl Into<Cow<'a, str>>) -> Self {
        SignUpRequest(self.0.with(
            const { SIGN_UP_SCHEMA.field("redirectUrl") },
            Value::string(url),
        ))
    }

    /// Options of the sign-up.
    #[must_use]
    pub fn login_options(self, options: SignUpOptions<'a>) -> Self {
        SignUpRequest(self.0.with(
            const { SIGN_UP_SCHEMA.field("loginOptions") },
            Value::Object(options.0),
        ))
    }

    /// The messaging connector that sends the message. Default: the project's connector.
    #[must_use]
    pub fn provider_id(self, id: impl Into<Cow<'a, str>>) -> Self {
        SignUpRequest(self.0.with(
            const { SIGN_UP_SCHEMA.field("providerId") },
            Value::string(id),
        ))
    }

    /// The message template. Default: the project's template.
    #[must_use]
    pub fn template_id(self, id: impl Into<Cow<'a, str>>) -> Self {
        SignUpRequest(self.0.with(
            const { SIGN_UP_SCHEMA.field("templateId") },
            Value::string(id),
        ))
    }

    /// The project, if it is not that of the client.
    #[must_use]
    pub fn project_id(self, id: impl Into<Cow<'a, str>>) -> Self {
        SignUpRequest(self.0.with(
            const { SIGN_UP_SCHEMA.field("projectId") },
            Value::string(id),
        ))
    }

    /// The timeout of this call, if it is not that of the client.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        SignUpRequest(self.0.with(
            const { SIGN_UP_SCHEMA.field("timeoutMs") },
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
        Ok(SignUpRequest(
            self.0.with(const { SIGN_UP_SCHEMA.field("extra") }, value),
        ))
    }
}

/// The details of a new user. `Debug` shows no value.
#[derive(Clone, Debug)]
pub struct User<'a>(pub(crate) Object<'a>);

impl<'a> User<'a> {
    /// Without any details.
    #[must_use]
    pub fn new() -> Self {
        User(Object::new(&USER))
    }

    /// Parses a JSON document.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for anything but a JSON object with known keys and values of the right types.
    pub fn from_json(json: &'a str) -> Result<User<'a>, Error> {
        parse(&USER, json).map(User)
    }

    /// The login ID, if it is not that of the request.
    #[must_use]
    pub fn login_id(self, value: impl Into<Cow<'a, str>>) -> Self {
        User(
            self.0
                .with(const { USER.field("loginId") }, Value::string(value)),
        )
    }

    /// The full name.
    #[must_use]
    pub fn name(self, value: impl Into<Cow<'a, str>>) -> Self {
        User(
            self.0
                .with(const { USER.field("name") }, Value::string(value)),
        )
    }

    /// The phone number, for example `+14155550123`.
    #[must_use]
    pub fn phone(self, phone: impl Into<Cow<'a, str>>) -> Self {
        User(
            self.0
                .with(const { USER.field("phone") }, Value::string(phone)),
        )
    }

    /// The email address.
    #[must_use]
    pub fn email(self, email: impl Into<Cow<'a, str>>) -> Self {
        User(
            self.0
                .with(const { USER.field("email") }, Value::string(email)),
        )
    }

    /// The given name.
    #[must_use]
    pub fn given_name(self, value: impl Into<Cow<'a, str>>) -> Self {
        User(
            self.0
                .with(const { USER.field("givenName") }, Value::string(value)),
        )
    }

    /// The middle name.
    #[must_use]
    pub fn middle_name(self, value: impl Into<Cow<'a, str>>) -> Self {
        User(
            self.0
                .with(const { USER.field("middleName") }, Value::string(value)),
        )
    }

    /// The family name.
    #[must_use]
    pub fn family_name(self, value: impl Into<Cow<'a, str>>) -> Self {
        User(
            self.0
                .with(const { USER.field("familyName") }, Value::string(value)),
        )
    }

    /// The email address for sign-ins with `use_recovery`.
    #[must_use]
    pub fn recovery_email(self, value: impl Into<Cow<'a, str>>) -> Self {
        User(
            self.0
                .with(const { USER.field("recoveryEmail") }, Value::string(value)),
        )
    }

    /// The phone number for sign-ins with `use_recovery`.
    #[must_use]
    pub fn recovery_phone(self, value: impl Into<Cow<'a, str>>) -> Self {
        User(
            self.0
                .with(const { USER.field("recoveryPhone") }, Value::string(value)),
        )
    }
}

impl Default for User<'_> {
    fn default() -> Self {
        User::new()
    }
}

/// Options of a sign-up. `Debug` shows no value.
#[derive(Clone, Debug)]
pub struct SignUpOptions<'a>(pub(crate) Object<'a>);

impl<'a> SignUpOptions<'a> {
    /// Without any option.
    #[must_use]
    pub fn new() -> Self {
        SignUpOptions(Object::new(&SIGN_UP_OPTIONS))
    }

    /// Parses a JSON document.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for anything but a JSON object with known keys and values of the right types.
    pub fn from_json(json: &'a str) -> Result<SignUpOptions<'a>, Error> {
        parse(&SIGN_UP_OPTIONS, json).map(SignUpOptions)
    }

    /// Values for the placeholders of the message template.
    #[must_use]
    pub fn template_options<K, V>(self, entries: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<Cow<'a, str>>,
        V: Into<Cow<'a, str>>,
    {
        SignUpOptions(self.0.with(
            const { SIGN_UP_OPTIONS.field("templateOptions") },
            Value::string_map(entries),
        ))
    }

    /// The message template. Default: the project's template.
    #[must_use]
    pub fn template_id(self, id: impl Into<Cow<'a, str>>) -> Self {
        SignUpOptions(self.0.with(
            const { SIGN_UP_OPTIONS.field("templateId") },
            Value::string(id),
        ))
    }

    /// The language of the message, such as `pl-PL`.
    #[must_use]
    pub fn locale(self, locale: impl Into<Cow<'a, str>>) -> Self {
        SignUpOptions(self.0.with(
            const { SIGN_UP_OPTIONS.field("locale") },
            Value::string(locale),
        ))
    }

    /// Base64. The service ignores it except for enchanted links.
    #[must_use]
    pub fn pkce_challenge(self, challenge: impl Into<Cow<'a, str>>) -> Self {
        SignUpOptions(self.0.with(
            const { SIGN_UP_OPTIONS.field("pkceChallenge") },
            Value::string(challenge),
        ))
    }

    /// The tenant of the session.
    #[must_use]
    pub fn tenant_id(self, id: impl Into<Cow<'a, str>>) -> Self {
        SignUpOptions(self.0.with(
            const { SIGN_UP_OPTIONS.field("tenantId") },
            Value::string(id),
        ))
    }

    /// Ends the user's other sessions when the link is verified.
    #[must_use]
    pub fn revoke_other_sessions(self, flag: bool) -> Self {
        SignUpOptions(self.0.with(
            const { SIGN_UP_OPTIONS.field("revokeOtherSessions") },
            Value::Bool(flag),
        ))
    }

    /// The types of other sessions to end, together with `revoke_other_sessions`.
    #[must_use]
    pub fn revoke_other_sessions_types<T: Into<Cow<'a, str>>>(
        self,
        items: impl IntoIterator<Item = T>,
    ) -> Self {
        SignUpOptions(self.0.with(
            const { SIGN_UP_OPTIONS.field("revokeOtherSessionsTypes") },
            Value::string_array(items),
        ))
    }

    /// Custom claims of the session token, as a JSON object.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for anything but a JSON object.
    pub fn custom_claims(self, json: &'a str) -> Result<Self, Error> {
        let value = Value::any_object("customClaims", json)?;
        Ok(SignUpOptions(self.0.with(
            const { SIGN_UP_OPTIONS.field("customClaims") },
            value,
        )))
    }
}

impl Default for SignUpOptions<'_> {
    fn default() -> Self {
        SignUpOptions::new()
    }
}
