//! Signature algorithms, and the public keys that verify with them.

use p521::ecdsa::signature::hazmat::PrehashVerifier;
use ring::digest::{self, SHA512};
use ring::signature::{self, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey};

/// A supported algorithm (RFC 7518, 3.1; RFC 8037, 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Rs256,
    Rs384,
    Rs512,
    Es256,
    Es384,
    Es512,
    EdDsa,
}

/// A public key that is ready to verify signatures.
pub(super) enum VerifyingKey {
    Rsa(&'static RsaParameters, RsaPublicKeyComponents<Vec<u8>>),
    /// ECDSA over P-256 and P-384, and Ed25519.
    Curve(UnparsedPublicKey<Vec<u8>>),
    /// ECDSA over P-521, which ring does not support.
    P521(Box<p521::ecdsa::VerifyingKey>),
}

impl Algorithm {
    /// The algorithm with this name. `none` and algorithms with a shared secret are not supported.
    pub(super) fn from_name(name: &str) -> Option<Algorithm> {
        Some(match name {
            "RS256" => Algorithm::Rs256,
            "RS384" => Algorithm::Rs384,
            "RS512" => Algorithm::Rs512,
            "ES256" => Algorithm::Es256,
            "ES384" => Algorithm::Es384,
            "ES512" => Algorithm::Es512,
            "EdDSA" => Algorithm::EdDsa,
            _ => return None,
        })
    }
}

impl VerifyingKey {
    /// An RSA key with this modulus and exponent. `None` if it is too weak or the algorithm is not RSA.
    pub(super) fn rsa(algorithm: Algorithm, n: Vec<u8>, e: Vec<u8>) -> Option<VerifyingKey> {
        let parameters = match algorithm {
            Algorithm::Rs256 => &signature::RSA_PKCS1_2048_8192_SHA256,
            Algorithm::Rs384 => &signature::RSA_PKCS1_2048_8192_SHA384,
            Algorithm::Rs512 => &signature::RSA_PKCS1_2048_8192_SHA512,
            _ => return None,
        };
        // Some libraries write a leading zero, which RFC 7518 (6.3.1.1) mentions and ring rejects.
        let (n, e) = (without_leading_zeros(n), without_leading_zeros(e));
        let is_strong = (256..=1024).contains(&n.len());
        is_strong.then_some(VerifyingKey::Rsa(
            parameters,
            RsaPublicKeyComponents { n, e },
        ))
    }

    /// An elliptic-curve key with these coordinates.
    pub(super) fn ec(algorithm: Algorithm, x: &[u8], y: &[u8]) -> Option<VerifyingKey> {
        let size = match algorithm {
            Algorithm::Es256 => 32,
            Algorithm::Es384 => 48,
            Algorithm::Es512 => 66,
            _ => return None,
        };
        if x.len() != size || y.len() != size {
            return None;
        }
        let point = [&[4], x, y].concat();
        Some(match algorithm {
            Algorithm::Es256 => curve(&signature::ECDSA_P256_SHA256_FIXED, point),
            Algorithm::Es384 => curve(&signature::ECDSA_P384_SHA384_FIXED, point),
            _ => {
                let key = p521::ecdsa::VerifyingKey::from_sec1_bytes(&point).ok()?;
                VerifyingKey::P521(Box::new(key))
            }
        })
    }

    /// An Ed25519 key.
    pub(super) fn ed25519(x: Vec<u8>) -> Option<VerifyingKey> {
        (x.len() == 32).then(|| curve(&signature::ED25519, x))
    }

    /// Whether the signature of these bytes is valid.
    pub(super) fn verify(&self, bytes: &[u8], signature: &[u8]) -> bool {
        match self {
            VerifyingKey::Rsa(parameters, key) => key.verify(parameters, bytes, signature).is_ok(),
            VerifyingKey::Curve(key) => key.verify(bytes, signature).is_ok(),
            // ring has SHA-512 anyway.
            VerifyingKey::P521(key) => {
                p521::ecdsa::Signature::from_slice(signature).is_ok_and(|signature| {
                    let hash = digest::digest(&SHA512, bytes);
                    key.verify_prehash(hash.as_ref(), &signature).is_ok()
                })
            }
        }
    }
}

/// Removes leading zeros.
fn without_leading_zeros(mut bytes: Vec<u8>) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.drain(..zeros);
    bytes
}

fn curve(algorithm: &'static dyn signature::VerificationAlgorithm, key: Vec<u8>) -> VerifyingKey {
    VerifyingKey::Curve(UnparsedPublicKey::new(algorithm, key))
}
