//! The calls of magic links, for callers in Rust.

use super::{
    MASKED_EMAIL, MASKED_PHONE, SIGN_IN_EMAIL, SIGN_IN_SMS, SIGN_IN_WHATSAPP, SIGN_UP_EMAIL,
    SIGN_UP_OR_IN_EMAIL, SIGN_UP_OR_IN_SMS, SIGN_UP_OR_IN_WHATSAPP, SIGN_UP_SMS, SIGN_UP_WHATSAPP,
    SignInRequest, SignUpRequest, UPDATE_EMAIL, UPDATE_PHONE_SMS, UPDATE_PHONE_WHATSAPP,
    UpdateEmailRequest, UpdatePhoneRequest, VERIFY, VerifyRequest,
};
use crate::client::Client;
use crate::document;
use crate::error::Error;
use crate::session::SignedIn;

/// The service has sent the link. `Debug` shows nothing of its answer.
#[derive(Clone)]
pub struct LinkSent {
    masked_address: String,
    json: String,
}

impl LinkSent {
    fn read(json: String) -> LinkSent {
        let [phone, email] = document::texts(&json, [MASKED_PHONE, MASKED_EMAIL]);
        LinkSent {
            masked_address: phone.or(email).unwrap_or_default(),
            json,
        }
    }

    /// Where the link went, all but a few characters masked.
    #[must_use]
    pub fn masked_address(&self) -> &str {
        &self.masked_address
    }

    /// The service's whole answer, a JSON object.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.json
    }
}

impl std::fmt::Debug for LinkSent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LinkSent").finish_non_exhaustive()
    }
}

/// Declares the calls that send a link.
macro_rules! senders {
    ($($(#[$doc:meta])* $name:ident($request:ident) $operation:ident;)*) => {
        impl Client {
            $($(#[$doc])*
            ///
            /// # Errors
            ///
            /// Any [`Error`]; its [`outcome`](Error::outcome) tells whether a message may have been sent.
            pub fn $name(&self, request: &$request<'_>) -> Result<LinkSent, Error> {
                self.perform(&$operation, &request.0).map(LinkSent::read)
            })*
        }
    };
}

senders! {
    /// Sends a magic link by SMS to a user who exists.
    sign_in_sms(SignInRequest) SIGN_IN_SMS;
    /// Sends a magic link by email to a user who exists.
    sign_in_email(SignInRequest) SIGN_IN_EMAIL;
    /// Sends a magic link by WhatsApp to a user who exists.
    sign_in_whatsapp(SignInRequest) SIGN_IN_WHATSAPP;
    /// Sends a magic link by SMS to somebody who signs up.
    sign_up_sms(SignUpRequest) SIGN_UP_SMS;
    /// Sends a magic link by email to somebody who signs up.
    sign_up_email(SignUpRequest) SIGN_UP_EMAIL;
    /// Sends a magic link by WhatsApp to somebody who signs up.
    sign_up_whatsapp(SignUpRequest) SIGN_UP_WHATSAPP;
    /// Sends a magic link by SMS, and signs the user up if there is none yet.
    sign_up_or_in_sms(SignInRequest) SIGN_UP_OR_IN_SMS;
    /// Sends a magic link by email, and signs the user up if there is none yet.
    sign_up_or_in_email(SignInRequest) SIGN_UP_OR_IN_EMAIL;
    /// Sends a magic link by WhatsApp, and signs the user up if there is none yet.
    sign_up_or_in_whatsapp(SignInRequest) SIGN_UP_OR_IN_WHATSAPP;
    /// Sends a magic link to another email address of a user.
    update_email(UpdateEmailRequest) UPDATE_EMAIL;
    /// Sends a magic link by SMS to another phone number of a user.
    update_phone_sms(UpdatePhoneRequest) UPDATE_PHONE_SMS;
    /// Sends a magic link by WhatsApp to another phone number of a user.
    update_phone_whatsapp(UpdatePhoneRequest) UPDATE_PHONE_WHATSAPP;
}

impl Client {
    /// Turns the token of a link into a session, whose tokens are checked. Never sent twice: the token
    /// works once.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; after one whose [`outcome`](Error::outcome) is unknown the link may be used up.
    pub fn verify(&self, request: &VerifyRequest<'_>) -> Result<SignedIn, Error> {
        self.perform(&VERIFY, &request.0).map(SignedIn::new)
    }
}
