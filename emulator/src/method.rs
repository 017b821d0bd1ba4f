//! How a link reaches a person, and so what following it proves.

/// A delivery method.
#[derive(Clone, Copy)]
pub(crate) enum Method {
    Sms,
    Email,
    Whatsapp,
}

impl Method {
    /// The method with this name. What has no channel of its own here counts as a text message: SDKs
    /// name more methods (`voice`, `Embedded`) than the service documents.
    pub(crate) fn named(name: Option<&str>) -> Method {
        match name {
            Some("email") => Method::Email,
            Some("whatsapp") => Method::Whatsapp,
            _ => Method::Sms,
        }
    }

    /// The method's name, as a channel and as a factor in a token's `amr`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Method::Sms => "sms",
            Method::Email => "email",
            Method::Whatsapp => "whatsapp",
        }
    }
}
