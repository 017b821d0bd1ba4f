//! Magic links: the operations under `/v1/auth/magiclink`.
//!
//! Fields and their meaning: Descope's published OpenAPI document; `templateId` and the WhatsApp paths
//! from the models that Descope generates its .NET SDK from.

mod calls;
mod requests;

pub use calls::LinkSent;
pub use requests::{
    LoginOptions, SignInRequest, SignUpOptions, SignUpRequest, UpdateEmailRequest,
    UpdatePhoneRequest, User, VerifyRequest,
};

use crate::document::{Fields, Kind, records};
use crate::error::Error;
use crate::operation::{Bearer, Endpoint, Method, Operation, Promise, Work, no_check};

/// The key under which operations by phone answer.
const MASKED_PHONE: &str = "maskedPhone";

/// The key under which operations by email answer.
const MASKED_EMAIL: &str = "maskedEmail";

records! {
    /// API: `MagicLinkSignInRequest`.
    SIGN_IN {
        "loginId": Kind::Text,
        "redirectUrl": Kind::Text,
        "loginOptions": Kind::Record(&LOGIN_OPTIONS),
        "providerId": Kind::Text,
        "ssoAppId": Kind::Text,
        "useRecovery": Kind::Bool,
        "templateId": Kind::Text,
        "extra": Kind::Object,
        "projectId": Kind::Text,
        "refreshToken": Kind::Text,
        "timeoutMs": Kind::Millis,
    } needs ["loginId"];

    /// API: `LoginOptions`.
    LOGIN_OPTIONS {
        "stepup": Kind::Bool,
        "customClaims": Kind::Object,
        "mfa": Kind::Bool,
        "ssoAppId": Kind::Text,
        "revokeOtherSessions": Kind::Bool,
        "revokeOtherSessionsTypes": Kind::Texts,
        "templateOptions": Kind::TextMap,
        "templateId": Kind::Text,
        "locale": Kind::Text,
        "pkceChallenge": Kind::Text,
        "tenantId": Kind::Text,
    } needs [];

    /// API: `MagicLinkSignUpEmailRequest` and `MagicLinkSignUpPhoneRequest`, which differ in the key of
    /// the address.
    SIGN_UP {
        "email": Kind::Text,
        "phone": Kind::Text,
        "loginId": Kind::Text,
        "user": Kind::Record(&USER),
        "redirectUrl": Kind::Text,
        "providerId": Kind::Text,
        "loginOptions": Kind::Record(&SIGN_UP_OPTIONS),
        "templateId": Kind::Text,
        "extra": Kind::Object,
        "projectId": Kind::Text,
        "timeoutMs": Kind::Millis,
    } needs [];

    /// API: `SignUpUser`.
    USER {
        "loginId": Kind::Text,
        "name": Kind::Text,
        "phone": Kind::Text,
        "email": Kind::Text,
        "givenName": Kind::Text,
        "middleName": Kind::Text,
        "familyName": Kind::Text,
        "recoveryEmail": Kind::Text,
        "recoveryPhone": Kind::Text,
    } needs [];

    /// API: `SignupLoginOptions`, and `revokeOtherSessions`, which official SDKs send here too.
    SIGN_UP_OPTIONS {
        "customClaims": Kind::Object,
        "templateOptions": Kind::TextMap,
        "templateId": Kind::Text,
        "locale": Kind::Text,
        "pkceChallenge": Kind::Text,
        "tenantId": Kind::Text,
        "revokeOtherSessions": Kind::Bool,
        "revokeOtherSessionsTypes": Kind::Texts,
    } needs [];

    /// API: `VerifyMagicLinkRequest`.
    TOKEN {
        "token": Kind::Text,
        "extra": Kind::Object,
        "audience": Kind::TextOrTexts,
        "projectId": Kind::Text,
        "timeoutMs": Kind::Millis,
    } needs ["token"];

    /// API: `UpdateUserEmailMagicLinkRequest`.
    NEW_EMAIL {
        "loginId": Kind::Text,
        "email": Kind::Text,
        "redirectUrl": Kind::Text,
        "addToLoginIDs": Kind::Bool,
        "onMergeUseExisting": Kind::Bool,
        "providerId": Kind::Text,
        "templateOptions": Kind::TextMap,
        "locale": Kind::Text,
        "failOnConflict": Kind::Bool,
        "templateId": Kind::Text,
        "extra": Kind::Object,
        "projectId": Kind::Text,
        "refreshToken": Kind::Text,
        "timeoutMs": Kind::Millis,
    } needs ["loginId", "email", "refreshToken"];

    /// API: `UpdateUserPhoneMagicLinkRequest`.
    NEW_PHONE {
        "loginId": Kind::Text,
        "phone": Kind::Text,
        "redirectUrl": Kind::Text,
        "addToLoginIDs": Kind::Bool,
        "onMergeUseExisting": Kind::Bool,
        "providerId": Kind::Text,
        "templateOptions": Kind::TextMap,
        "locale": Kind::Text,
        "failOnConflict": Kind::Bool,
        "templateId": Kind::Text,
        "extra": Kind::Object,
        "projectId": Kind::Text,
        "refreshToken": Kind::Text,
        "timeoutMs": Kind::Millis,
    } needs ["loginId", "phone", "refreshToken"];
}

/// API: `POST /v1/auth/magiclink/verify`. The token works once, so this is never sent twice.
pub(crate) static VERIFY: Operation = Operation {
    name: "magiclink/verify",
    record: &TOKEN,
    check: no_check,
    work: Work::Remote(Endpoint {
        method: Method::Post,
        path: "/v1/auth/magiclink/verify",
        bearer: Bearer::Project,
        promise: Promise::Session,
        is_repeatable: false,
    }),
};

/// Declares operations that send a link.
macro_rules! senders {
    ($($const:ident $name:literal $record:ident $check:ident $bearer:ident $promise:ident;)*) => {
        $(
            #[doc = concat!("API: `POST /v1/auth/", $name, "`.")]
            pub(crate) static $const: Operation = Operation {
                name: $name,
                record: &$record,
                check: $check,
                work: Work::Remote(Endpoint {
                    method: Method::Post,
                    path: concat!("/v1/auth/", $name),
                    bearer: Bearer::$bearer,
                    promise: Promise::Text($promise),
                    is_repeatable: true,
                }),
            };
        )*
    };
}

senders! {
    SIGN_IN_SMS "magiclink/signin/sms" SIGN_IN second_step Project MASKED_PHONE;
    SIGN_IN_EMAIL "magiclink/signin/email" SIGN_IN second_step Project MASKED_EMAIL;
    SIGN_IN_WHATSAPP "magiclink/signin/whatsapp" SIGN_IN second_step Project MASKED_PHONE;
    SIGN_UP_SMS "magiclink/signup/sms" SIGN_UP somebody Project MASKED_PHONE;
    SIGN_UP_EMAIL "magiclink/signup/email" SIGN_UP somebody Project MASKED_EMAIL;
    SIGN_UP_WHATSAPP "magiclink/signup/whatsapp" SIGN_UP somebody Project MASKED_PHONE;
    SIGN_UP_OR_IN_SMS "magiclink/signup-in/sms" SIGN_IN second_step Project MASKED_PHONE;
    SIGN_UP_OR_IN_EMAIL "magiclink/signup-in/email" SIGN_IN second_step Project MASKED_EMAIL;
    SIGN_UP_OR_IN_WHATSAPP "magiclink/signup-in/whatsapp" SIGN_IN second_step Project MASKED_PHONE;
    UPDATE_EMAIL "magiclink/update/email" NEW_EMAIL no_check Refresh MASKED_EMAIL;
    UPDATE_PHONE_SMS "magiclink/update/phone/sms" NEW_PHONE no_check Refresh MASKED_PHONE;
    UPDATE_PHONE_WHATSAPP "magiclink/update/phone/whatsapp" NEW_PHONE no_check Refresh MASKED_PHONE;
}

/// Step-up and MFA add to a session, so they need its refresh token.
fn second_step(request: &Fields<'_>) -> Result<(), Error> {
    let options = request.record("loginOptions");
    let adds = options.is_some_and(|options| options.is_true("stepup") || options.is_true("mfa"));
    if adds && request.text("refreshToken").is_none() {
        return Err(Error::argument(
            "`refreshToken` is missing: step-up and MFA need the refresh JWT of the session that they add to",
        ));
    }
    Ok(())
}

/// A sign-up must say who signs up: by a login ID or by an address, which then becomes one.
fn somebody(request: &Fields<'_>) -> Result<(), Error> {
    let is_named = |fields: &Fields<'_>| {
        let mut keys = ["loginId", "email", "phone"].into_iter();
        keys.any(|key| fields.text(key).is_some())
    };
    let is_named = is_named(request) || request.record("user").is_some_and(is_named);
    match is_named {
        true => Ok(()),
        false => Err(Error::argument(
            "`loginId` is missing: give the phone number, such as +14155550123, email address or other login ID to sign up",
        )),
    }
}
