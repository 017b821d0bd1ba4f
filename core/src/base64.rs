//! Decodes base64 (RFC 4648) with the vector instructions of the processor, where it has them. With
//! them, a CA bundle takes a fifth of the instructions.

use base64::{Engine, decoded_len_estimate};
use once_cell::race::OnceBox;

use engines::Decoder;

/// Decodes padded base64 in the standard alphabet. `None` if it is invalid, or there is no memory.
pub(crate) fn decode_standard(text: &[u8]) -> Option<Vec<u8>> {
    static DECODER: OnceBox<Decoder> = OnceBox::new();
    let decoder = DECODER.get_or_init(|| Box::new(engines::standard()));
    decode(decoder, text)
}

/// Decodes unpadded base64url (RFC 4648, 5). `None` if it is invalid or not canonical, or there is
/// no memory.
pub(crate) fn decode_url(text: &str) -> Option<Vec<u8>> {
    static DECODER: OnceBox<Decoder> = OnceBox::new();
    let decoder = DECODER.get_or_init(|| Box::new(engines::url_safe()));
    decode(decoder, text.as_bytes())
}

fn decode(decoder: &Decoder, text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    // Input decides how much that is.
    bytes
        .try_reserve_exact(decoded_len_estimate(text.len()))
        .ok()?;
    decoder.decode_vec(text, &mut bytes).ok()?;
    Some(bytes)
}

#[cfg(any(
    target_arch = "x86_64",
    all(target_arch = "aarch64", target_feature = "neon")
))]
mod engines {
    use base64::engine::Simd;
    use base64::engine::general_purpose::{NO_PAD, PAD};

    pub(super) type Decoder = Simd;

    pub(super) fn standard() -> Decoder {
        Simd::standard(PAD)
    }

    pub(super) fn url_safe() -> Decoder {
        Simd::url_safe(NO_PAD)
    }
}

/// Without vector instructions.
#[cfg(not(any(
    target_arch = "x86_64",
    all(target_arch = "aarch64", target_feature = "neon")
)))]
mod engines {
    use base64::engine::GeneralPurpose;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    pub(super) type Decoder = GeneralPurpose;

    pub(super) fn standard() -> Decoder {
        STANDARD
    }

    pub(super) fn url_safe() -> Decoder {
        URL_SAFE_NO_PAD
    }
}
