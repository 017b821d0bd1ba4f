//! The magic-link calls of the Rust API.

use super::Client;
use crate::error::Error;
use crate::json::Object;
use crate::operations::{
    Operation, SIGN_IN_EMAIL, SIGN_IN_SMS, SIGN_IN_WHATSAPP, SIGN_UP_EMAIL, SIGN_UP_OR_IN_EMAIL,
    SIGN_UP_OR_IN_SMS, SIGN_UP_OR_IN_WHATSAPP, SIGN_UP_SMS, SIGN_UP_WHATSAPP, UPDATE_EMAIL,
    UPDATE_PHONE_SMS, UPDATE_PHONE_WHATSAPP, VERIFY,
};
use crate::requests::{
    SignInRequest, SignUpRequest, UpdateEmailRequest, UpdatePhoneRequest, VerifyRequest,
};
use crate::responses::{LinkSent, SignedIn};

/// The methods that send a message may return any [`Error`]. Its [`outcome`](Error::outcome) says whether
/// a message may have been sent.
impl Client {
    /// Sends a magic link by SMS to an existing user.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn sign_in_sms(&self, request: &SignInRequest<'_>) -> Result<LinkSent, Error> {
        self.send_link(&SIGN_IN_SMS, &request.0)
    }

    /// Sends a magic link by email to an existing user.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn sign_in_email(&self, request: &SignInRequest<'_>) -> Result<LinkSent, Error> {
        self.send_link(&SIGN_IN_EMAIL, &request.0)
    }

    /// Sends a magic link by WhatsApp to an existing user.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn sign_in_whatsapp(&self, request: &SignInRequest<'_>) -> Result<LinkSent, Error> {
        self.send_link(&SIGN_IN_WHATSAPP, &request.0)
    }

    /// Creates a user and sends a magic link by SMS.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn sign_up_sms(&self, request: &SignUpRequest<'_>) -> Result<LinkSent, Error> {
        self.send_link(&SIGN_UP_SMS, &request.0)
    }

    /// Creates a user and sends a magic link by email.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn sign_up_email(&self, request: &SignUpRequest<'_>) -> Result<LinkSent, Error> {
        self.send_link(&SIGN_UP_EMAIL, &request.0)
    }

    /// Creates a user and sends a magic link by WhatsApp.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn sign_up_whatsapp(&self, request: &SignUpRequest<'_>) -> Result<LinkSent, Error> {
        self.send_link(&SIGN_UP_WHATSAPP, &request.0)
    }

    /// Sends a magic link by SMS. Creates the user if it does not exist.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn sign_up_or_in_sms(&self, request: &SignInRequest<'_>) -> Result<LinkSent, Error> {
        self.send_link(&SIGN_UP_OR_IN_SMS, &request.0)
    }

    /// Sends a magic link by email. Creates the user if it does not exist.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn sign_up_or_in_email(&self, request: &SignInRequest<'_>) -> Result<LinkSent, Error> {
        self.send_link(&SIGN_UP_OR_IN_EMAIL, &request.0)
    }

    /// Sends a magic link by WhatsApp. Creates the user if it does not exist.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn sign_up_or_in_whatsapp(&self, request: &SignInRequest<'_>) -> Result<LinkSent, Error> {
        self.send_link(&SIGN_UP_OR_IN_WHATSAPP, &request.0)
    }

    /// Sends a magic link to a new email address of a user.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn update_email(&self, request: &UpdateEmailRequest<'_>) -> Result<LinkSent, Error> {
        self.send_link(&UPDATE_EMAIL, &request.0)
    }

    /// Sends a magic link by SMS to a new phone number of a user.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn update_phone_sms(&self, request: &UpdatePhoneRequest<'_>) -> Result<LinkSent, Error> {
        self.send_link(&UPDATE_PHONE_SMS, &request.0)
    }

    /// Sends a magic link by WhatsApp to a new phone number of a user.
    ///
    /// # Errors
    ///
    /// Any [`Error`].
    pub fn update_phone_whatsapp(
        &self,
        request: &UpdatePhoneRequest<'_>,
    ) -> Result<LinkSent, Error> {
        self.send_link(&UPDATE_PHONE_WHATSAPP, &request.0)
    }

    /// Exchanges the token of a link for a session, and validates the tokens of the session. The request
    /// is never repeated: the token works once.
    ///
    /// # Errors
    ///
    /// Any [`Error`]. If its [`outcome`](Error::outcome) is unknown, the link may have been used up.
    pub fn verify(&self, request: &VerifyRequest<'_>) -> Result<SignedIn, Error> {
        self.execute(&VERIFY, &request.0).map(SignedIn::new)
    }

    fn send_link(&self, operation: &Operation, request: &Object<'_>) -> Result<LinkSent, Error> {
        self.execute(operation, request).map(LinkSent::new)
    }
}
