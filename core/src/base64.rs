//! Decodes base64 (RFC 4648) with the vector instructions of the processor, where it has them. With
//! them, a CA bundle takes a fifth of the instructions.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use base64::Engine;

use engines::Decoder;

/// A decoder, made when it is first needed: it looks for the instructions once. Without a lock, which a fork
/// could leave locked.
struct CachedDecoder {
    decoder: ArcSwapOption<Decoder>,
    new: fn() -> Decoder,
}

static STANDARD: CachedDecoder = CachedDecoder::new(engines::standard);
static URL_SAFE: CachedDecoder = CachedDecoder::new(engines::url_safe);

/// Decodes padded base64 in the standard alphabet. `None` if it is invalid.
pub(crate) fn decode_standard(text: &[u8]) -> Option<Vec<u8>> {
    STANDARD.decode(text)
}

/// Decodes unpadded base64url (RFC 4648, 5). `None` if it is invalid or not canonical.
pub(crate) fn decode_url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE.decode(text.as_bytes())
}

/// Frees the decoders. They are made again when they are needed.
pub(crate) fn forget_decoders() {
    STANDARD.decoder.store(None);
    URL_SAFE.decoder.store(None);
}

impl CachedDecoder {
    const fn new(new: fn() -> Decoder) -> CachedDecoder {
        CachedDecoder {
            decoder: ArcSwapOption::const_empty(),
            new,
        }
    }

    fn decode(&self, text: &[u8]) -> Option<Vec<u8>> {
        if let Some(decoder) = &*self.decoder.load() {
            return decoder.decode(text).ok();
        }
        let decoder = Arc::new((self.new)());
        self.decoder.store(Some(Arc::clone(&decoder)));
        decoder.decode(text).ok()
    }
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
