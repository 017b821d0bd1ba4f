//! Masked addresses, as responses name where a message was sent: `+1********23`, `a**@e******.com`.

use serde_json::{Value, json};

use crate::domain::delivery_method::DeliveryMethod;

/// The response to a request that sent a link to an address.
pub(super) fn masked_address_response(method: DeliveryMethod, address: &str) -> Value {
    let key = match method {
        DeliveryMethod::Email => "maskedEmail",
        DeliveryMethod::Sms | DeliveryMethod::Whatsapp => "maskedPhone",
    };
    json!({key: mask_address(address)})
}

/// Hides the middle of an address. Of an email address, the middles of both parts are hidden.
fn mask_address(address: &str) -> String {
    match address.split_once('@') {
        Some((name, domain)) => format!("{}@{}", mask(name, 1, 0), mask(domain, 1, 4)),
        None => mask(address, usize::from(address.starts_with('+')) + 1, 2),
    }
}

/// Hides all characters but the first and the last ones.
fn mask(text: &str, first: usize, last: usize) -> String {
    let count = text.chars().count();
    let is_visible = |index: usize| index < first || index + last >= count;
    let indexed = text.chars().enumerate();
    indexed
        .map(|(index, c)| if is_visible(index) { c } else { '*' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::mask_address;

    #[test]
    fn the_middle_of_an_address_is_hidden() {
        assert_eq!(mask_address("+14155550123"), "+1********23");
        assert_eq!(mask_address("ada@example.com"), "a**@e******.com");
    }
}
