//! Delivery methods: SMS, email and WhatsApp, and which addresses each of them can reach.

use serde::{Deserialize, Serialize};

use super::login_id::is_phone_character;

/// How a link reaches its user. A verified link proves the address that it was sent to.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DeliveryMethod {
    Sms,
    Email,
    Whatsapp,
}

impl DeliveryMethod {
    /// The method with this name. SDKs name more methods (`voice`, `Embedded`) than the service
    /// documents; here all of them count as SMS.
    pub(crate) fn from_name(name: Option<&str>) -> DeliveryMethod {
        match name {
            Some("email") => DeliveryMethod::Email,
            Some("whatsapp") => DeliveryMethod::Whatsapp,
            _ => DeliveryMethod::Sms,
        }
    }

    /// The method's name, as the channel of a message and as a factor in a token's `amr`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            DeliveryMethod::Sms => "sms",
            DeliveryMethod::Email => "email",
            DeliveryMethod::Whatsapp => "whatsapp",
        }
    }

    /// Whether this method can deliver to an address.
    pub(crate) fn can_reach(self, address: &str) -> bool {
        match self {
            DeliveryMethod::Email => address
                .split_once('@')
                .is_some_and(|(name, domain)| !name.is_empty() && !domain.is_empty()),
            DeliveryMethod::Sms | DeliveryMethod::Whatsapp => {
                let digits = address.chars().filter(char::is_ascii_digit).count();
                digits >= 4 && address.chars().all(is_phone_character)
            }
        }
    }
}
