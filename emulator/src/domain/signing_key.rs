//! A signing key: generates it for an algorithm, signs, verifies, and returns the public key as a JWK.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use clap::ValueEnum;
use jsonwebtoken::{Algorithm as JwtAlgorithm, DecodingKey, EncodingKey, crypto};
use p521::ecdsa::signature::{RandomizedSigner as _, Verifier as _};
use rcgen::{KeyPair, PublicKeyData, SignatureAlgorithm};
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::rand_core::OsRng;
use rsa::traits::PublicKeyParts;
use serde_json::{Value, json};

use super::ids;
use crate::error::Error;

/// The size of an RSA key in bits.
const RSA_BITS: usize = 2048;

/// The algorithm that tokens are signed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[non_exhaustive]
pub enum Algorithm {
    /// RSA PKCS#1 v1.5 with SHA-256.
    #[value(name = "RS256")]
    Rs256,
    /// RSA PKCS#1 v1.5 with SHA-384.
    #[value(name = "RS384")]
    Rs384,
    /// RSA PKCS#1 v1.5 with SHA-512.
    #[value(name = "RS512")]
    Rs512,
    /// ECDSA on P-256 with SHA-256.
    #[value(name = "ES256")]
    Es256,
    /// ECDSA on P-384 with SHA-384.
    #[value(name = "ES384")]
    Es384,
    /// ECDSA on P-521 with SHA-512.
    #[value(name = "ES512")]
    Es512,
    /// Ed25519.
    #[value(name = "EdDSA")]
    EdDsa,
}

impl Algorithm {
    /// The algorithm with this name. An error lists the names that exist.
    pub(crate) fn from_name(name: &str) -> Result<Algorithm, String> {
        let all = Algorithm::value_variants().iter();
        all.copied()
            .find(|one| one.name() == name)
            .ok_or_else(|| "must be RS256, RS384, RS512, ES256, ES384, ES512 or EdDSA".to_owned())
    }

    /// The name, as in the `alg` header of a token.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Algorithm::Rs256 => "RS256",
            Algorithm::Rs384 => "RS384",
            Algorithm::Rs512 => "RS512",
            Algorithm::Es256 => "ES256",
            Algorithm::Es384 => "ES384",
            Algorithm::Es512 => "ES512",
            Algorithm::EdDsa => "EdDSA",
        }
    }
}

/// A private key with its public key.
#[derive(Clone)]
pub(crate) struct SigningKey {
    /// The `kid` of tokens that this key signs.
    pub(super) id: String,
    pub(super) algorithm: Algorithm,
    pair: KeyPairKind,
    /// The public key as a JSON Web Key.
    pub(super) jwk: Value,
}

/// The private and the public key, by the library that uses them.
#[derive(Clone)]
enum KeyPairKind {
    JsonWebToken(JwtAlgorithm, EncodingKey, DecodingKey),
    /// `jsonwebtoken` does not support this curve.
    P521(p521::ecdsa::SigningKey),
}

impl SigningKey {
    /// Generates a key. This can take a second for RSA.
    pub(crate) fn generate(algorithm: Algorithm) -> Result<SigningKey, Error> {
        let generated = match algorithm {
            Algorithm::Rs256 => rsa_key(JwtAlgorithm::RS256),
            Algorithm::Rs384 => rsa_key(JwtAlgorithm::RS384),
            Algorithm::Rs512 => rsa_key(JwtAlgorithm::RS512),
            Algorithm::Es256 => {
                ec_key(JwtAlgorithm::ES256, &rcgen::PKCS_ECDSA_P256_SHA256, "P-256")
            }
            Algorithm::Es384 => {
                ec_key(JwtAlgorithm::ES384, &rcgen::PKCS_ECDSA_P384_SHA384, "P-384")
            }
            Algorithm::Es512 => p521_key(),
            Algorithm::EdDsa => ed25519_key(),
        };
        let (pair, mut jwk) = generated.map_err(|e| Error::Keys(e.to_string()))?;
        let id = ids::key_id();
        jwk["alg"] = json!(algorithm.name());
        jwk["kid"] = json!(id);
        jwk["use"] = json!("sig");
        Ok(SigningKey {
            id,
            algorithm,
            pair,
            jwk,
        })
    }

    /// The same key under a new ID.
    pub(super) fn with_new_id(&self) -> SigningKey {
        let mut key = self.clone();
        key.id = ids::key_id();
        key.jwk["kid"] = json!(key.id);
        key
    }

    /// Signs a message. Returns the signature in base64url, as it stands in a token.
    pub(super) fn sign(&self, message: &str) -> Result<String, Error> {
        let failed = |e: &dyn std::fmt::Display| Error::Keys(e.to_string());
        match &self.pair {
            KeyPairKind::JsonWebToken(algorithm, private, _) => {
                crypto::sign(message.as_bytes(), private, *algorithm).map_err(|e| failed(&e))
            }
            KeyPairKind::P521(key) => {
                let signature: p521::ecdsa::Signature = key
                    .try_sign_with_rng(&mut OsRng, message.as_bytes())
                    .map_err(|e| failed(&e))?;
                Ok(BASE64_URL_SAFE_NO_PAD.encode(signature.to_bytes()))
            }
        }
    }

    /// Whether a signature, in base64url, is a valid signature of the message by this key.
    pub(super) fn verify(&self, message: &str, signature: &str) -> bool {
        match &self.pair {
            KeyPairKind::JsonWebToken(algorithm, _, public) => {
                crypto::verify(signature, message.as_bytes(), public, *algorithm).unwrap_or(false)
            }
            KeyPairKind::P521(key) => BASE64_URL_SAFE_NO_PAD
                .decode(signature)
                .ok()
                .and_then(|bytes| p521::ecdsa::Signature::from_slice(&bytes).ok())
                .is_some_and(|signature| {
                    let public = p521::ecdsa::VerifyingKey::from(key);
                    public.verify(message.as_bytes(), &signature).is_ok()
                }),
        }
    }
}

type Generated = Result<(KeyPairKind, Value), Box<dyn std::error::Error>>;

fn rsa_key(algorithm: JwtAlgorithm) -> Generated {
    let key = rsa::RsaPrivateKey::new(&mut OsRng, RSA_BITS)?;
    let n = BASE64_URL_SAFE_NO_PAD.encode(key.n().to_bytes_be());
    let e = BASE64_URL_SAFE_NO_PAD.encode(key.e().to_bytes_be());
    let private = EncodingKey::from_rsa_der(key.to_pkcs1_der()?.as_bytes());
    let public = DecodingKey::from_rsa_components(&n, &e)?;
    let jwk = json!({"kty": "RSA", "n": n, "e": e});
    Ok((KeyPairKind::JsonWebToken(algorithm, private, public), jwk))
}

fn ec_key(algorithm: JwtAlgorithm, kind: &'static SignatureAlgorithm, curve: &str) -> Generated {
    let key = KeyPair::generate_for(kind)?;
    // The first byte marks an uncompressed point. The two coordinates follow, of equal length.
    let point = key.der_bytes().get(1..).unwrap_or_default();
    let (x, y) = point.split_at(point.len() / 2);
    let [x, y] = [x, y].map(|half| BASE64_URL_SAFE_NO_PAD.encode(half));
    let private = EncodingKey::from_ec_der(&key.serialize_der());
    let public = DecodingKey::from_ec_components(&x, &y)?;
    let jwk = json!({"kty": "EC", "crv": curve, "x": x, "y": y});
    Ok((KeyPairKind::JsonWebToken(algorithm, private, public), jwk))
}

fn p521_key() -> Generated {
    let key = p521::ecdsa::SigningKey::random(&mut OsRng);
    let point = p521::ecdsa::VerifyingKey::from(&key).to_encoded_point(false);
    let coordinate = |bytes: Option<&p521::FieldBytes>| match bytes {
        Some(bytes) => Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes)),
        None => Err("the public key lacks a coordinate"),
    };
    let jwk = json!({"kty": "EC", "crv": "P-521", "x": coordinate(point.x())?, "y": coordinate(point.y())?});
    Ok((KeyPairKind::P521(key), jwk))
}

fn ed25519_key() -> Generated {
    let key = KeyPair::generate_for(&rcgen::PKCS_ED25519)?;
    let x = BASE64_URL_SAFE_NO_PAD.encode(key.der_bytes());
    let private = EncodingKey::from_ed_der(&key.serialize_der());
    let public = DecodingKey::from_ed_components(&x)?;
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": x});
    Ok((
        KeyPairKind::JsonWebToken(JwtAlgorithm::EdDSA, private, public),
        jwk,
    ))
}
