//! The requests and answers of magic links, for callers in Rust.

use std::borrow::Cow;

use super::{LOGIN_OPTIONS, NEW_EMAIL, NEW_PHONE, SIGN_IN, SIGN_UP, SIGN_UP_OPTIONS, TOKEN, USER};
use crate::document::{self, Fields, Value};
use crate::typed::typed;

typed! {
    /// Asks for a magic link for a user who exists, or for sign-up-or-in for one who may not. `Debug`
    /// shows no value.
    pub struct SignInRequest over SIGN_IN {
        /// The URL that the link leads to, `?t=<token>` added; else the project's own.
        text redirect_url "redirectUrl";
        /// How the user is signed in.
        options login_options "loginOptions";
        /// The messaging connector to send with; else the project's own.
        text provider_id "providerId";
        /// The application that the user signs in to.
        text sso_app_id "ssoAppId";
        /// Sends to the user's recovery phone or email address.
        flag use_recovery "useRecovery";
        /// The message template; else the project's own.
        text template_id "templateId";
        /// The project, instead of the client's.
        text project_id "projectId";
        /// The user's refresh JWT, which step-up and MFA need.
        text refresh_token "refreshToken";
        /// How long this call may take, instead of the client's timeout.
        timeout timeout "timeoutMs";
        /// More of the body, as the text of a JSON object: merged in unchecked.
        object extra "extra";
    }
}

typed! {
    /// How a user is signed in, and what the session is to carry. `Debug` shows no value.
    pub struct LoginOptions over LOGIN_OPTIONS {
        /// Asks for a step-up of the session that the refresh token belongs to.
        flag stepup "stepup";
        /// Adds a second factor to the session that the refresh token belongs to.
        flag mfa "mfa";
        /// The application that the user signs in to.
        text sso_app_id "ssoAppId";
        /// Ends the user's other sessions once the link is verified.
        flag revoke_other_sessions "revokeOtherSessions";
        /// Which kinds of other sessions end, together with `revoke_other_sessions`.
        texts revoke_other_sessions_types "revokeOtherSessionsTypes";
        /// Values for the placeholders of the message template.
        map template_options "templateOptions";
        /// The message template; else the project's own.
        text template_id "templateId";
        /// The language of the message, such as `pl-PL`.
        text locale "locale";
        /// Base64; the service ignores it outside enchanted links.
        text pkce_challenge "pkceChallenge";
        /// The tenant that the session is for.
        text tenant_id "tenantId";
        /// Claims of any JSON type for the session token, as the text of a JSON object.
        object custom_claims "customClaims";
    }
}

typed! {
    /// Asks for a magic link for somebody who signs up. `Debug` shows no value.
    pub struct SignUpRequest over SIGN_UP {
        /// Who signs up.
        user user "user";
        /// The email address, where the login ID is none.
        text email "email";
        /// The phone number, where the login ID is none.
        text phone "phone";
        /// The URL that the link leads to, `?t=<token>` added; else the project's own.
        text redirect_url "redirectUrl";
        /// What the sign-up is to carry.
        sign_up_options login_options "loginOptions";
        /// The messaging connector to send with; else the project's own.
        text provider_id "providerId";
        /// The message template; else the project's own.
        text template_id "templateId";
        /// The project, instead of the client's.
        text project_id "projectId";
        /// How long this call may take, instead of the client's timeout.
        timeout timeout "timeoutMs";
        /// More of the body, as the text of a JSON object: merged in unchecked.
        object extra "extra";
    }
}

typed! {
    /// Who signs up. `Debug` shows no value.
    pub struct User over USER {
        /// Another login ID than that of the request.
        text login_id "loginId";
        /// The full name.
        text name "name";
        /// Such as `+14155550123`.
        text phone "phone";
        /// The email address.
        text email "email";
        /// The given name.
        text given_name "givenName";
        /// The middle name.
        text middle_name "middleName";
        /// The family name.
        text family_name "familyName";
        /// The address for a sign-in by `use_recovery`.
        text recovery_email "recoveryEmail";
        /// The number for a sign-in by `use_recovery`.
        text recovery_phone "recoveryPhone";
    }
}

typed! {
    /// What a sign-up is to carry. `Debug` shows no value.
    pub struct SignUpOptions over SIGN_UP_OPTIONS {
        /// Values for the placeholders of the message template.
        map template_options "templateOptions";
        /// The message template; else the project's own.
        text template_id "templateId";
        /// The language of the message, such as `pl-PL`.
        text locale "locale";
        /// Base64; the service ignores it outside enchanted links.
        text pkce_challenge "pkceChallenge";
        /// The tenant that the session is for.
        text tenant_id "tenantId";
        /// Ends the user's other sessions once the link is verified.
        flag revoke_other_sessions "revokeOtherSessions";
        /// Which kinds of other sessions end, together with `revoke_other_sessions`.
        texts revoke_other_sessions_types "revokeOtherSessionsTypes";
        /// Claims of any JSON type for the session token, as the text of a JSON object.
        object custom_claims "customClaims";
    }
}

typed! {
    /// Turns the token of a link into a session. `Debug` shows no value.
    pub struct VerifyRequest over TOKEN {
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

/// Declares the two requests for another address, which differ in one key.
macro_rules! updates {
    ($($(#[$about:meta])* $name:ident over $record:ident;)*) => {
        $(typed! {
            $(#[$about])*
            pub struct $name over $record {
                /// The URL that the link leads to, `?t=<token>` added; else the project's own.
                text redirect_url "redirectUrl";
                /// Makes the address a login ID as well.
                flag add_to_login_ids "addToLoginIDs";
                /// When the address is another user's: merges the two, and that user's record stays.
                flag on_merge_use_existing "onMergeUseExisting";
                /// When the address is another user's: refuses, instead of merging the two.
                flag fail_on_conflict "failOnConflict";
                /// The messaging connector to send with; else the project's own.
                text provider_id "providerId";
                /// Values for the placeholders of the message template.
                map template_options "templateOptions";
                /// The message template; else the project's own.
                text template_id "templateId";
                /// The language of the message, such as `pl-PL`.
                text locale "locale";
                /// The project, instead of the client's.
                text project_id "projectId";
                /// How long this call may take, instead of the client's timeout.
                timeout timeout "timeoutMs";
                /// More of the body, as the text of a JSON object: merged in unchecked.
                object extra "extra";
            }
        })*
    };
}

updates! {
    /// Sends a link to another email address, which becomes the user's once it is verified. `Debug`
    /// shows no value.
    UpdateEmailRequest over NEW_EMAIL;
    /// Sends a link to another phone number, which becomes the user's once it is verified. `Debug`
    /// shows no value.
    UpdatePhoneRequest over NEW_PHONE;
}

/// Begins a request with its first texts.
fn begin<'a, const N: usize>(
    record: &'static document::Record,
    texts: [(&str, Cow<'a, str>); N],
) -> Fields<'a> {
    let mut fields = Fields::new(record);
    for (name, text) in texts {
        fields.put(name, Value::Text(text.into()));
    }
    fields
}

impl<'a> SignInRequest<'a> {
    /// A request for the user with this login ID, such as a phone number in the form `+14155550123`.
    #[must_use]
    pub fn new(login_id: impl Into<Cow<'a, str>>) -> Self {
        SignInRequest(begin(&SIGN_IN, [("loginId", login_id.into())]))
    }
}

impl<'a> SignUpRequest<'a> {
    /// A request for somebody with this login ID, such as the address that the link goes to.
    #[must_use]
    pub fn new(login_id: impl Into<Cow<'a, str>>) -> Self {
        SignUpRequest(begin(&SIGN_UP, [("loginId", login_id.into())]))
    }
}

impl<'a> VerifyRequest<'a> {
    /// A request with the token of a link, the `t` of its query.
    #[must_use]
    pub fn new(token: impl Into<Cow<'a, str>>) -> Self {
        VerifyRequest(begin(&TOKEN, [("token", token.into())]))
    }
}

impl<'a> UpdateEmailRequest<'a> {
    /// A new email address for the user with this login ID, in whose session this happens.
    #[must_use]
    pub fn new(
        login_id: impl Into<Cow<'a, str>>,
        email: impl Into<Cow<'a, str>>,
        refresh_token: impl Into<Cow<'a, str>>,
    ) -> Self {
        UpdateEmailRequest(begin(
            &NEW_EMAIL,
            [
                ("loginId", login_id.into()),
                ("email", email.into()),
                ("refreshToken", refresh_token.into()),
            ],
        ))
    }
}

impl<'a> UpdatePhoneRequest<'a> {
    /// A new phone number for the user with this login ID, in whose session this happens.
    #[must_use]
    pub fn new(
        login_id: impl Into<Cow<'a, str>>,
        phone: impl Into<Cow<'a, str>>,
        refresh_token: impl Into<Cow<'a, str>>,
    ) -> Self {
        UpdatePhoneRequest(begin(
            &NEW_PHONE,
            [
                ("loginId", login_id.into()),
                ("phone", phone.into()),
                ("refreshToken", refresh_token.into()),
            ],
        ))
    }
}

impl Default for LoginOptions<'_> {
    fn default() -> Self {
        LoginOptions(Fields::new(&LOGIN_OPTIONS))
    }
}

impl LoginOptions<'_> {
    /// No option set.
    #[must_use]
    pub fn new() -> Self {
        LoginOptions::default()
    }
}

impl Default for SignUpOptions<'_> {
    fn default() -> Self {
        SignUpOptions(Fields::new(&SIGN_UP_OPTIONS))
    }
}

impl SignUpOptions<'_> {
    /// No option set.
    #[must_use]
    pub fn new() -> Self {
        SignUpOptions::default()
    }
}

impl Default for User<'_> {
    fn default() -> Self {
        User(Fields::new(&USER))
    }
}

impl User<'_> {
    /// Nothing said yet.
    #[must_use]
    pub fn new() -> Self {
        User::default()
    }
}
