//! Magic links: `/v1/auth/magiclink/…`.
//!
//! Source of the fields: Descope's published OpenAPI document; for `templateId` and the WhatsApp paths
//! the models that Descope generates its .NET SDK from.

use super::control_fields::{AUDIENCE, EXTRA, PROJECT_ID, REFRESH_TOKEN, TIMEOUT};
use super::link_token::check_link_token;
use super::operation::{
    Credential, Endpoint, ExpectedResponse, Operation, OperationKind, Repeat, no_validation,
};
use crate::error::Error;
use crate::http::Method;
use crate::json::{Field, FieldType, Object, Schema};

/// The key of the response to operations by SMS and WhatsApp.
pub(crate) const MASKED_PHONE: &str = "maskedPhone";

/// The key of the response to operations by email.
pub(crate) const MASKED_EMAIL: &str = "maskedEmail";

/// API: `MagicLinkSignInRequest`.
pub(crate) static SIGN_IN_SCHEMA: Schema = Schema::new(&[
    Field::required("loginId", FieldType::String).printable(),
    Field::optional("redirectUrl", FieldType::String).printable(),
    Field::optional("loginOptions", FieldType::Object(&LOGIN_OPTIONS)),
    Field::optional("providerId", FieldType::String),
    Field::optional("ssoAppId", FieldType::String),
    Field::optional("useRecovery", FieldType::Bool),
    Field::optional("templateId", FieldType::String),
    EXTRA,
    PROJECT_ID,
    REFRESH_TOKEN,
    TIMEOUT,
]);

/// API: `LoginOptions`.
pub(crate) static LOGIN_OPTIONS: Schema = Schema::new(&[
    Field::optional("stepup", FieldType::Bool),
    Field::optional("customClaims", FieldType::AnyObject),
    Field::optional("mfa", FieldType::Bool),
    Field::optional("ssoAppId", FieldType::String),
    Field::optional("revokeOtherSessions", FieldType::Bool),
    Field::optional("revokeOtherSessionsTypes", FieldType::StringArray),
    Field::optional("templateOptions", FieldType::StringMap),
    Field::optional("templateId", FieldType::String),
    Field::optional("locale", FieldType::String),
    Field::optional("pkceChallenge", FieldType::String),
    Field::optional("tenantId", FieldType::String),
]);

/// API: `MagicLinkSignUpEmailRequest` and `MagicLinkSignUpPhoneRequest`, which differ in the key of the
/// address.
pub(crate) static SIGN_UP_SCHEMA: Schema = Schema::new(&[
    Field::optional("email", FieldType::String).printable(),
    Field::optional("phone", FieldType::String).printable(),
    Field::optional("loginId", FieldType::String).printable(),
    Field::optional("user", FieldType::Object(&USER)),
    Field::optional("redirectUrl", FieldType::String).printable(),
    Field::optional("providerId", FieldType::String),
    Field::optional("loginOptions", FieldType::Object(&SIGN_UP_OPTIONS)),
    Field::optional("templateId", FieldType::String),
    EXTRA,
    PROJECT_ID,
    TIMEOUT,
]);

/// API: `SignUpUser`.
pub(crate) static USER: Schema = Schema::new(&[
    Field::optional("loginId", FieldType::String).printable(),
    Field::optional("name", FieldType::String),
    Field::optional("phone", FieldType::String).printable(),
    Field::optional("email", FieldType::String).printable(),
    Field::optional("givenName", FieldType::String),
    Field::optional("middleName", FieldType::String),
    Field::optional("familyName", FieldType::String),
    Field::optional("recoveryEmail", FieldType::String).printable(),
    Field::optional("recoveryPhone", FieldType::String).printable(),
]);

/// API: `SignupLoginOptions`, and `revokeOtherSessions`, which official SDKs send as well.
pub(crate) static SIGN_UP_OPTIONS: Schema = Schema::new(&[
    Field::optional("customClaims", FieldType::AnyObject),
    Field::optional("templateOptions", FieldType::StringMap),
    Field::optional("templateId", FieldType::String),
    Field::optional("locale", FieldType::String),
    Field::optional("pkceChallenge", FieldType::String),
    Field::optional("tenantId", FieldType::String),
    Field::optional("revokeOtherSessions", FieldType::Bool),
    Field::optional("revokeOtherSessionsTypes", FieldType::StringArray),
]);

/// API: `VerifyMagicLinkRequest`.
pub(crate) static VERIFY_SCHEMA: Schema = Schema::new(&[
    Field::required("token", FieldType::String),
    EXTRA,
    AUDIENCE,
    PROJECT_ID,
    TIMEOUT,
]);

/// API: `UpdateUserEmailMagicLinkRequest`.
pub(crate) static UPDATE_EMAIL_SCHEMA: Schema = Schema::new(&[
    Field::required("loginId", FieldType::String).printable(),
    Field::required("email", FieldType::String).printable(),
    Field::optional("redirectUrl", FieldType::String).printable(),
    Field::optional("addToLoginIDs", FieldType::Bool),
    Field::optional("onMergeUseExisting", FieldType::Bool),
    Field::optional("providerId", FieldType::String),
    Field::optional("templateOptions", FieldType::StringMap),
    Field::optional("locale", FieldType::String),
    Field::optional("failOnConflict", FieldType::Bool),
    Field::optional("templateId", FieldType::String),
    EXTRA,
    PROJECT_ID,
    REFRESH_TOKEN.and_required(),
    TIMEOUT,
]);

/// API: `UpdateUserPhoneMagicLinkRequest`.
pub(crate) static UPDATE_PHONE_SCHEMA: Schema = Schema::new(&[
    Field::required("loginId", FieldType::String).printable(),
    Field::required("phone", FieldType::String).printable(),
    Field::optional("redirectUrl", FieldType::String).printable(),
    Field::optional("addToLoginIDs", FieldType::Bool),
    Field::optional("onMergeUseExisting", FieldType::Bool),
    Field::optional("providerId", FieldType::String),
    Field::optional("templateOptions", FieldType::StringMap),
    Field::optional("locale", FieldType::String),
    Field::optional("failOnConflict", FieldType::Bool),
    Field::optional("templateId", FieldType::String),
    EXTRA,
    PROJECT_ID,
    REFRESH_TOKEN.and_required(),
    TIMEOUT,
]);

/// API: `POST /v1/auth/magiclink/signin/sms`.
pub(crate) static SIGN_IN_SMS: Operation = sign_in("/v1/auth/magiclink/signin/sms", MASKED_PHONE);

/// API: `POST /v1/auth/magiclink/signin/email`.
pub(crate) static SIGN_IN_EMAIL: Operation =
    sign_in("/v1/auth/magiclink/signin/email", MASKED_EMAIL);

/// API: `POST /v1/auth/magiclink/signin/whatsapp`.
pub(crate) static SIGN_IN_WHATSAPP: Operation =
    sign_in("/v1/auth/magiclink/signin/whatsapp", MASKED_PHONE);

/// API: `POST /v1/auth/magiclink/signup/sms`.
pub(crate) static SIGN_UP_SMS: Operation = sign_up("/v1/auth/magiclink/signup/sms", MASKED_PHONE);

/// API: `POST /v1/auth/magiclink/signup/email`.
pub(crate) static SIGN_UP_EMAIL: Operation =
    sign_up("/v1/auth/magiclink/signup/email", MASKED_EMAIL);

/// API: `POST /v1/auth/magiclink/signup/whatsapp`.
pub(crate) static SIGN_UP_WHATSAPP: Operation =
    sign_up("/v1/auth/magiclink/signup/whatsapp", MASKED_PHONE);

/// API: `POST /v1/auth/magiclink/signup-in/sms`.
pub(crate) static SIGN_UP_OR_IN_SMS: Operation =
    sign_in("/v1/auth/magiclink/signup-in/sms", MASKED_PHONE);

/// API: `POST /v1/auth/magiclink/signup-in/email`.
pub(crate) static SIGN_UP_OR_IN_EMAIL: Operation =
    sign_in("/v1/auth/magiclink/signup-in/email", MASKED_EMAIL);

/// API: `POST /v1/auth/magiclink/signup-in/whatsapp`.
pub(crate) static SIGN_UP_OR_IN_WHATSAPP: Operation =
    sign_in("/v1/auth/magiclink/signup-in/whatsapp", MASKED_PHONE);

/// API: `POST /v1/auth/magiclink/update/email`.
pub(crate) static UPDATE_EMAIL: Operation = update(
    "/v1/auth/magiclink/update/email",
    &UPDATE_EMAIL_SCHEMA,
    MASKED_EMAIL,
);

/// API: `POST /v1/auth/magiclink/update/phone/sms`.
pub(crate) static UPDATE_PHONE_SMS: Operation = update(
    "/v1/auth/magiclink/update/phone/sms",
    &UPDATE_PHONE_SCHEMA,
    MASKED_PHONE,
);

/// API: `POST /v1/auth/magiclink/update/phone/whatsapp`.
pub(crate) static UPDATE_PHONE_WHATSAPP: Operation = update(
    "/v1/auth/magiclink/update/phone/whatsapp",
    &UPDATE_PHONE_SCHEMA,
    MASKED_PHONE,
);

/// API: `POST /v1/auth/magiclink/verify`. The token works once, so the request is never repeated.
pub(crate) static VERIFY: Operation = Operation {
    name: "magiclink/verify",
    schema: &VERIFY_SCHEMA,
    validate: check_link_token,
    kind: OperationKind::Remote(Endpoint {
        method: Method::Post,
        path: "/v1/auth/magiclink/verify",
        credential: Credential::OptionalRefreshToken,
        expected: ExpectedResponse::Session,
        repeat: Repeat::Forbidden,
        is_shared: false,
    }),
};

/// The name of an operation is its path without the prefix.
const fn name_of(path: &'static str) -> &'static str {
    let (_, name) = path.as_bytes().split_at("/v1/auth/".len());
    match std::str::from_utf8(name) {
        Ok(name) => name,
        Err(_) => path,
    }
}

const fn sign_in(path: &'static str, masked_key: &'static str) -> Operation {
    Operation {
        name: name_of(path),
        schema: &SIGN_IN_SCHEMA,
        validate: require_refresh_token,
        kind: send_link(path, Credential::OptionalRefreshToken, masked_key),
    }
}

const fn sign_up(path: &'static str, masked_key: &'static str) -> Operation {
    Operation {
        name: name_of(path),
        schema: &SIGN_UP_SCHEMA,
        validate: require_login_id,
        kind: send_link(path, Credential::OptionalRefreshToken, masked_key),
    }
}

const fn update(
    path: &'static str,
    schema: &'static Schema,
    masked_key: &'static str,
) -> Operation {
    Operation {
        name: name_of(path),
        schema,
        validate: no_validation,
        kind: send_link(path, Credential::RefreshToken, masked_key),
    }
}

const fn send_link(
    path: &'static str,
    credential: Credential,
    masked_key: &'static str,
) -> OperationKind {
    OperationKind::Remote(Endpoint {
        method: Method::Post,
        path,
        credential,
        expected: ExpectedResponse::StringKey(masked_key),
        repeat: Repeat::Allowed,
        is_shared: false,
    })
}

/// Step-up and MFA extend a session, so they need its refresh token.
fn require_refresh_token(request: &Object<'_>) -> Result<(), Error> {
    let options = request.object("loginOptions");
    let extends_session =
        options.is_some_and(|options| options.is_true("stepup") || options.is_true("mfa"));
    if extends_session && request.non_empty_string("refreshToken").is_none() {
        return Err(Error::argument(
            "`refreshToken` is required if `loginOptions.stepup` or `loginOptions.mfa` is true",
        ));
    }
    Ok(())
}

/// A sign-up needs a login ID, or an address that becomes the login ID.
fn require_login_id(request: &Object<'_>) -> Result<(), Error> {
    let has_login_id = |object: &Object<'_>| {
        let mut keys = ["loginId", "email", "phone"].into_iter();
        keys.any(|key| object.non_empty_string(key).is_some())
    };
    if has_login_id(request) || request.object("user").is_some_and(has_login_id) {
        return Ok(());
    }
    Err(Error::argument(
        "`loginId` is required: pass the new user's phone number (for example +14155550123), email address or other login ID",
    ))
}
