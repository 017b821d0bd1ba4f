//! Requests that send a link to a new email address or phone number.

use std::borrow::Cow;
use std::time::Duration;

use super::parse;
use crate::error::Error;
use crate::json::{Object, Value};
use crate::operations::{UPDATE_EMAIL_SCHEMA, UPDATE_PHONE_SCHEMA};

/// Sends a link to a new email address, which becomes the user's when the link is verified. `Debug` shows no value.
#[derive(Clone, Debug)]
pub struct UpdateEmailRequest<'a>(pub(crate) Object<'a>);

impl<'a> UpdateEmailRequest<'a> {
    /// A new email address for the user with this login ID. The refresh token is the user's.
    #[must_use]
    pub fn new(
        login_id: impl Into<Cow<'a, str>>,
        email: impl Into<Cow<'a, str>>,
        refresh_token: impl Into<Cow<'a, str>>,
    ) -> Self {
        UpdateEmailRequest(
            Object::new(&UPDATE_EMAIL_SCHEMA)
                .with(
                    const { UPDATE_EMAIL_SCHEMA.field("loginId") },
                    Value::string(login_id),
                )
                .with(
                    const { UPDATE_EMAIL_SCHEMA.field("email") },
                    Value::string(email),
                )
                .with(
                    const { UPDATE_EMAIL_SCHEMA.field("refreshToken") },
                    Value::string(refresh_token),
                ),
        )
    }

    /// Parses a JSON document.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for anything but a JSON object with known keys and values of the right types.
    pub fn from_json(json: &'a str) -> Result<UpdateEmailRequest<'a>, Error> {
        parse(&UPDATE_EMAIL_SCHEMA, json).map(UpdateEmailRequest)
    }

    /// The URL that the link points to. The service appends `?t=<token>`. Default: the project's URL.
    #[must_use]
    pub fn redirect_url(self, url: impl Into<Cow<'a, str>>) -> Self {
        UpdateEmailRequest(self.0.with(
            const { UPDATE_EMAIL_SCHEMA.field("redirectUrl") },
            Value::string(url),
        ))
    }

    /// Makes the address a login ID as well.
    #[must_use]
    pub fn add_to_login_ids(self, flag: bool) -> Self {
        UpdateEmailRequest(self.0.with(
            const { UPDATE_EMAIL_SCHEMA.field("addToLoginIDs") },
            Value::Bool(flag),
        ))
    }

    /// If another user has the address: merges both users, and the other user's details stay.
    #[must_use]
    pub fn on_merge_use_existing(self, flag: bool) -> Self {
        UpdateEmailRequest(self.0.with(
            const { UPDATE_EMAIL_SCHEMA.field("onMergeUseExisting") },
            Value::Bool(flag),
        ))
    }

    /// If another user has the address: fails instead of merging both users.
    #[must_use]
    pub fn fail_on_conflict(self, flag: bool) -> Self {
        UpdateEmailRequest(self.0.with(
            const { UPDATE_EMAIL_SCHEMA.field("failOnConflict") },
            Value::Bool(flag),
        ))
    }

    /// The messaging connector that sends the message. Default: the project's connector.
    #[must_use]
    pub fn provider_id(self, id: impl Into<Cow<'a, str>>) -> Self {
        UpdateEmailRequest(self.0.with(
            const { UPDATE_EMAIL_SCHEMA.field("providerId") },
            Value::string(id),
        ))
    }

    /// Values for the placeholders of the message template.
    #[must_use]
    pub fn template_options<K, V>(self, entries: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<Cow<'a, str>>,
        V: Into<Cow<'a, str>>,
    {
        UpdateEmailRequest(self.0.with(
            const { UPDATE_EMAIL_SCHEMA.field("templateOptions") },
            Value::string_map(entries),
        ))
    }

    /// The message template. Default: the project's template.
    #[must_use]
    pub fn template_id(self, id: impl Into<Cow<'a, str>>) -> Self {
        UpdateEmailRequest(self.0.with(
            const { UPDATE_EMAIL_SCHEMA.field("templateId") },
            Value::string(id),
        ))
    }

    /// The language of the message, such as `pl-PL`.
    #[must_use]
    pub fn locale(self, locale: impl Into<Cow<'a, str>>) -> Self {
        UpdateEmailRequest(self.0.with(
            const { UPDATE_EMAIL_SCHEMA.field("locale") },
            Value::string(locale),
        ))
    }

    /// The project, if it is not that of the client.
    #[must_use]
    pub fn project_id(self, id: impl Into<Cow<'a, str>>) -> Self {
        UpdateEmailRequest(self.0.with(
            const { UPDATE_EMAIL_SCHEMA.field("projectId") },
            Value::string(id),
        ))
    }

    /// The timeout of this call, if it is not that of the client.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        UpdateEmailRequest(self.0.with(
            const { UPDATE_EMAIL_SCHEMA.field("timeoutMs") },
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
        Ok(UpdateEmailRequest(
            self.0
                .with(const { UPDATE_EMAIL_SCHEMA.field("extra") }, value),
        ))
    }
}

/// Sends a link to a new phone number, which becomes the user's when the link is verified. `Debug` shows no value.
#[derive(Clone, Debug)]
pub struct UpdatePhoneRequest<'a>(pub(crate) Object<'a>);

impl<'a> UpdatePhoneRequest<'a> {
    /// A new phone number for the user with this login ID. The refresh token is the user's.
    #[must_use]
    pub fn new(
        login_id: impl Into<Cow<'a, str>>,
        phone: impl Into<Cow<'a, str>>,
        refresh_token: impl Into<Cow<'a, str>>,
    ) -> Self {
        UpdatePhoneRequest(
            Object::new(&UPDATE_PHONE_SCHEMA)
                .with(
                    const { UPDATE_PHONE_SCHEMA.field("loginId") },
                    Value::string(login_id),
                )
                .with(
                    const { UPDATE_PHONE_SCHEMA.field("phone") },
                    Value::string(phone),
                )
                .with(
                    const { UPDATE_PHONE_SCHEMA.field("refreshToken") },
                    Value::string(refresh_token),
                ),
        )
    }

    /// Parses a JSON document.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for anything but a JSON object with known keys and values of the right types.
    pub fn from_json(json: &'a str) -> Result<UpdatePhoneRequest<'a>, Error> {
        parse(&UPDATE_PHONE_SCHEMA, json).map(UpdatePhoneRequest)
    }

    /// The URL that the link points to. The service appends `?t=<token>`. Default: the project's URL.
    #[must_use]
    pub fn redirect_url(self, url: impl Into<Cow<'a, str>>) -> Self {
        UpdatePhoneRequest(self.0.with(
            const { UPDATE_PHONE_SCHEMA.field("redirectUrl") },
            Value::string(url),
        ))
    }

    /// Makes the address a login ID as well.
    #[must_use]
    pub fn add_to_login_ids(self, flag: bool) -> Self {
        UpdatePhoneRequest(self.0.with(
            const { UPDATE_PHONE_SCHEMA.field("addToLoginIDs") },
            Value::Bool(flag),
        ))
    }

    /// If another user has the address: merges both users, and the other user's details stay.
    #[must_use]
    pub fn on_merge_use_existing(self, flag: bool) -> Self {
        UpdatePhoneRequest(self.0.with(
            const { UPDATE_PHONE_SCHEMA.field("onMergeUseExisting") },
            Value::Bool(flag),
        ))
    }

    /// If another user has the address: fails instead of merging both users.
    #[must_use]
    pub fn fail_on_conflict(self, flag: bool) -> Self {
        UpdatePhoneRequest(self.0.with(
            const { UPDATE_PHONE_SCHEMA.field("failOnConflict") },
            Value::Bool(flag),
        ))
    }

    /// The messaging connector that sends the message. Default: the project's connector.
    #[must_use]
    pub fn provider_id(self, id: impl Into<Cow<'a, str>>) -> Self {
        UpdatePhoneRequest(self.0.with(
            const { UPDATE_PHONE_SCHEMA.field("providerId") },
            Value::string(id),
        ))
    }

    /// Values for the placeholders of the message template.
    #[must_use]
    pub fn template_options<K, V>(self, entries: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<Cow<'a, str>>,
        V: Into<Cow<'a, str>>,
    {
        UpdatePhoneRequest(self.0.with(
            const { UPDATE_PHONE_SCHEMA.field("templateOptions") },
            Value::string_map(entries),
        ))
    }

    /// The message template. Default: the project's template.
    #[must_use]
    pub fn template_id(self, id: impl Into<Cow<'a, str>>) -> Self {
        UpdatePhoneRequest(self.0.with(
            const { UPDATE_PHONE_SCHEMA.field("templateId") },
            Value::string(id),
        ))
    }

    /// The language of the message, such as `pl-PL`.
    #[must_use]
    pub fn locale(self, locale: impl Into<Cow<'a, str>>) -> Self {
        UpdatePhoneRequest(self.0.with(
            const { UPDATE_PHONE_SCHEMA.field("locale") },
            Value::string(locale),
        ))
    }

    /// The project, if it is not that of the client.
    #[must_use]
    pub fn project_id(self, id: impl Into<Cow<'a, str>>) -> Self {
        UpdatePhoneRequest(self.0.with(
            const { UPDATE_PHONE_SCHEMA.field("projectId") },
            Value::string(id),
        ))
    }

    /// The timeout of this call, if it is not that of the client.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        UpdatePhoneRequest(self.0.with(
            const { UPDATE_PHONE_SCHEMA.field("timeoutMs") },
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
        Ok(UpdatePhoneRequest(
            self.0
                .with(const { UPDATE_PHONE_SCHEMA.field("extra") }, value),
        ))
    }
}
