//! Base64 (RFC 4648) to bytes, by the processor's vector instructions where it has them: they read the
//! authorities of a usual file in a fifth of the instructions.

use base64::Engine;
use once_cell::race::OnceBox;

use engines::Decoder;

/// The bytes of a text in the standard alphabet, padded.
pub(crate) fn standard(text: &[u8]) -> Option<Vec<u8>> {
    static DECODER: OnceBox<Decoder> = OnceBox::new();
    let decoder = DECODER.get_or_init(|| Box::new(engines::standard()));
    decoder.decode(text).ok()
}

/// The bytes of a text in the alphabet for URLs, without padding, in the one form that stands for them.
pub(crate) fn url_safe(text: &str) -> Option<Vec<u8>> {
    static DECODER: OnceBox<Decoder> = OnceBox::new();
    let decoder = DECODER.get_or_init(|| Box::new(engines::url_safe()));
    decoder.decode(text).ok()
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

/// For processors that the library has no such engine for.
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
