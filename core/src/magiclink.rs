//! Magic links: the sign-in request, as `POST /v1/auth/magiclink/signin/sms` takes it.
//!
//! Fields and their meaning: Descope's published OpenAPI document, `MagicLinkSignInRequest` and
//! `LoginOptions`; `templateId` from the models that Descope generates its .NET SDK from.

use std::borrow::Cow;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::answer;
use crate::client::Client;
use crate::config::{self, Millis};
use crate::document::{self, Object, Text, TextList, TextMap};
use crate::error::Error;
use crate::operation::{Control, Operation, Request};
use crate::setters::setters;

/// API: `POST /v1/auth/magiclink/signin/sms`.
pub(crate) static SIGN_IN_SMS: Operation = Operation {
    name: "magiclink/signin/sms",
    path: "/v1/auth/magiclink/signin/sms",
    answer_key: answer::MASKED_PHONE,
    call: |client, json| client.perform(&SIGN_IN_SMS, &SignInRequest::from_json(json)?),
};

/// Asks for a magic link for a user who exists. `Debug` shows no value.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub struct SignInRequest<'a> {
    #[serde(borrow)]
    login_id: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect_url: Option<Text<'a>>,
    #[serde(
        borrow,
        default,
        deserialize_with = "document::structure",
        skip_serializing_if = "Option::is_none"
    )]
    login_options: Option<LoginOptions<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_id: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sso_app_id: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    use_recovery: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    template_id: Option<Text<'a>>,
    #[serde(skip_serializing)]
    extra: Option<Object<'a>>,
    #[serde(skip_serializing)]
    project_id: Option<Text<'a>>,
    #[serde(skip_serializing)]
    refresh_token: Option<Text<'a>>,
    #[serde(skip_serializing)]
    timeout_ms: Option<Millis>,
}

/// How the user is signed in, and what the session is to carry. `Debug` shows no value.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub struct LoginOptions<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    stepup: Option<bool>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    custom_claims: Option<Object<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mfa: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sso_app_id: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoke_other_sessions: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoke_other_sessions_types: Option<TextList<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    template_options: Option<TextMap<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    template_id: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pkce_challenge: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant_id: Option<Text<'a>>,
}

/// The service has sent the link.
#[derive(Clone, Debug)]
pub struct SignInAnswer {
    masked_phone: String,
    json: String,
}

impl<'a> SignInRequest<'a> {
    /// A request for the user with this login ID, such as a phone number in the form `+14155550123`.
    #[must_use]
    pub fn new(login_id: impl Into<Cow<'a, str>>) -> SignInRequest<'a> {
        SignInRequest {
            login_id: Text(login_id.into()),
            redirect_url: None,
            login_options: None,
            provider_id: None,
            sso_app_id: None,
            use_recovery: None,
            template_id: None,
            extra: None,
            project_id: None,
            refresh_token: None,
            timeout_ms: None,
        }
    }

    /// Reads a request document.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for anything but a JSON object of known keys of the right types.
    pub fn from_json(json: &'a str) -> Result<SignInRequest<'a>, Error> {
        document::read(json, "the request").map_err(Error::argument)
    }

    setters! {
        /// The URL that the link leads to, `?t=<token>` added; else the project's own.
        redirect_url: impl Into<Cow<'a, str>> => Text(redirect_url.into());
        /// How the user is signed in.
        login_options: LoginOptions<'a> => login_options;
        /// The messaging connector to send with; else the project's own.
        provider_id: impl Into<Cow<'a, str>> => Text(provider_id.into());
        /// The application that the user signs in to.
        sso_app_id: impl Into<Cow<'a, str>> => Text(sso_app_id.into());
        /// Sends to the user's recovery phone.
        use_recovery: bool => use_recovery;
        /// The message template; else the project's own.
        template_id: impl Into<Cow<'a, str>> => Text(template_id.into());
        /// The project, instead of the client's.
        project_id: impl Into<Cow<'a, str>> => Text(project_id.into());
        /// The user's refresh JWT, which step-up and MFA need.
        refresh_token: impl Into<Cow<'a, str>> => Text(refresh_token.into());
    }

    /// How long this call may take, instead of the client's timeout.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout_ms = Some(config::millis(timeout));
        self
    }

    /// More of the body, as the text of a JSON object: merged in unchecked.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for anything but the text of a JSON object.
    pub fn extra(mut self, json: &'a str) -> Result<Self, Error> {
        self.extra = Some(object(json, "extra")?);
        Ok(self)
    }
}

impl<'a> LoginOptions<'a> {
    /// No option set.
    #[must_use]
    pub fn new() -> LoginOptions<'a> {
        LoginOptions::default()
    }

    setters! {
        /// Asks for a step-up of the session that the refresh token belongs to.
        stepup: bool => stepup;
        /// Adds a second factor to the session that the refresh token belongs to.
        mfa: bool => mfa;
        /// The application that the user signs in to.
        sso_app_id: impl Into<Cow<'a, str>> => Text(sso_app_id.into());
        /// Ends the user's other sessions once the link is verified.
        revoke_other_sessions: bool => revoke_other_sessions;
        /// The message template; else the project's own.
        template_id: impl Into<Cow<'a, str>> => Text(template_id.into());
        /// The language of the message, such as `pl-PL`.
        locale: impl Into<Cow<'a, str>> => Text(locale.into());
        /// Base64; the service ignores it outside enchanted links.
        pkce_challenge: impl Into<Cow<'a, str>> => Text(pkce_challenge.into());
        /// The tenant that the session is for.
        tenant_id: impl Into<Cow<'a, str>> => Text(tenant_id.into());
    }

    /// Claims of any JSON type for the session token, as the text of a JSON object.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] for anything but the text of a JSON object.
    pub fn custom_claims(mut self, json: &'a str) -> Result<Self, Error> {
        self.custom_claims = Some(object(json, "customClaims")?);
        Ok(self)
    }

    /// Which kinds of other sessions end, together with [`revoke_other_sessions`](Self::revoke_other_sessions).
    #[must_use]
    pub fn revoke_other_sessions_types<T: Into<Cow<'a, str>>>(
        mut self,
        types: impl IntoIterator<Item = T>,
    ) -> Self {
        let types = types.into_iter().map(|text| Text(text.into()));
        self.revoke_other_sessions_types = Some(TextList(types.collect()));
        self
    }

    /// Values for the placeholders of the message template.
    #[must_use]
    pub fn template_options<K: Into<Cow<'a, str>>, V: Into<Cow<'a, str>>>(
        mut self,
        options: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let options = options.into_iter();
        let texts = options.map(|(key, value)| (Text(key.into()), Text(value.into())));
        self.template_options = Some(TextMap(texts.collect()));
        self
    }
}

impl Request for SignInRequest<'_> {
    fn control(&self) -> Control<'_> {
        Control {
            project_id: self.project_id.as_ref(),
            refresh_token: self.refresh_token.as_ref(),
            timeout: self.timeout_ms,
            extra: self.extra.as_ref(),
        }
    }

    fn check(&self) -> Result<(), Error> {
        if self.login_id.as_str().is_empty() {
            return Err(Error::argument(
                "`loginId` is empty: give the user's phone number, such as +14155550123, or other login ID",
            ));
        }
        let options = self.login_options.as_ref();
        let second_step = options
            .is_some_and(|options| options.stepup == Some(true) || options.mfa == Some(true));
        let token = self.refresh_token.as_ref().map_or("", Text::as_str);
        if second_step && token.is_empty() {
            return Err(Error::argument(
                "`refreshToken` is missing: step-up and MFA need the refresh JWT of the session that they add to",
            ));
        }
        Ok(())
    }
}

impl SignInAnswer {
    /// Where the link went, all but a few characters masked.
    #[must_use]
    pub fn masked_phone(&self) -> &str {
        &self.masked_phone
    }

    /// The service's whole answer, a JSON object.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.json
    }
}

impl Client {
    /// Sends a magic link by SMS to a user who exists.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; its [`outcome`](Error::outcome) tells whether a message may have been sent.
    pub fn sign_in_sms(&self, request: &SignInRequest<'_>) -> Result<SignInAnswer, Error> {
        let json = self.perform(&SIGN_IN_SMS, request)?;
        Ok(SignInAnswer {
            masked_phone: document::get(&json, "/maskedPhone")
                .map_err(|_| Error::internal("while reading an answer"))?,
            json,
        })
    }
}

fn object<'a>(json: &'a str, key: &str) -> Result<Object<'a>, Error> {
    Object::parse(json)
        .map_err(|_| Error::argument(format!("`{key}` must be the text of a JSON object")))
}
