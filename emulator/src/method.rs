//! How a link reaches a person, and so what following it proves.

use crate::store::is_part_of_a_number;

/// A delivery method.
#[derive(Clone, Copy, PartialEq, Eq)]
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

    /// Whether an address is of the kind that this method needs.
    pub(crate) fn reaches(self, address: &str) -> bool {
        match self {
            Method::Email => address
                .split_once('@')
                .is_some_and(|(name, domain)| !name.is_empty() && !domain.is_empty()),
            Method::Sms | Method::Whatsapp => {
                let digits = address.chars().filter(char::is_ascii_digit).count();
                digits >= 4 && address.chars().all(is_part_of_a_number)
            }
        }
    }

    /// The key under which an answer tells where a message went.
    pub(crate) fn masked_key(self) -> &'static str {
        match self {
            Method::Email => "maskedEmail",
            Method::Sms | Method::Whatsapp => "maskedPhone",
        }
    }
}
