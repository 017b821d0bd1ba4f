//! Login IDs: which spellings are the same one.

/// Whether two login IDs are the same. Phone numbers are compared by their digits, everything else
/// exactly.
pub(crate) fn same_login_id(one: &str, other: &str) -> bool {
    normalize_login_id(one) == normalize_login_id(other)
}

/// Returns a login ID in the form that all its spellings share.
pub(crate) fn normalize_login_id(login_id: &str) -> String {
    match phone_digits(login_id) {
        Some(digits) => format!("+{digits}"),
        None => login_id.to_owned(),
    }
}

/// The digits of an international phone number; `None` for any other text.
fn phone_digits(text: &str) -> Option<String> {
    let text = text.trim();
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let is_phone = text.chars().all(is_phone_character);
    (text.starts_with('+') && is_phone && digits.len() >= 4).then_some(digits)
}

/// Whether a character can be part of a phone number.
pub(crate) fn is_phone_character(c: char) -> bool {
    c.is_ascii_digit() || "+-(). ".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phone_numbers_are_compared_by_their_digits() {
        assert!(same_login_id("+14155550123", "+1 (415) 555-0123"));
        assert!(!same_login_id("+14155550123", "+14155550124"));
        assert!(!same_login_id("ada", "Ada"));
        assert!(!same_login_id("14155550123", "+14155550123"));
    }
}
