//! A signing key: generates it for an algorithm, saves and loads it, signs, verifies, and returns the public
//! key as a JWK.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use clap::ValueEnum;
use jsonwebtoken::{Algorithm as JwtAlgorithm, DecodingKey, EncodingKey, crypto};
use p521::ecdsa::signature::{RandomizedSigner as _, Verifier as _};
use rcgen::{KeyPair, PublicKeyData, SignatureAlgorithm};
use rsa::pkcs1::{DecodeRsaPrivateKey, EncodeRsaPrivateKey};
use rsa::rand_core::OsRng;
use rsa::traits::PublicKeyParts;
use serde::{Deserialize, Serialize};
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

/// A key as the state file keeps it.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedKey {
    kid: String,
    alg: String,
    /// The private key in base64url: PKCS#1 for RSA, the scalar for P-521, PKCS#8 for all others.
    private: String,
}

/// A private key with its public key.
#[derive(Clone)]
pub(crate) struct SigningKey {
    /// The `kid` of tokens that this key signs.
    pub(super) id: String,
    pub(super) algorithm: Algorithm,
    /// The private key, encoded as in [`SavedKey`].
    private: Vec<u8>,
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
        let private = generate_private(algorithm).map_err(|e| Error::Keys(e.to_string()))?;
        SigningKey::new(ids::key_id(), algorithm, private).map_err(Error::Keys)
    }

    pub(super) fn save(&self) -> SavedKey {
        SavedKey {
            kid: self.id.clone(),
            alg: self.algorithm.name().to_owned(),
            private: BASE64_URL_SAFE_NO_PAD.encode(&self.private),
        }
    }

    /// Loads a saved key. An error says what is wrong with it.
    pub(super) fn load(saved: SavedKey) -> Result<SigningKey, String> {
        let SavedKey { kid, alg, private } = saved;
        let algorithm = Algorithm::from_name(&alg)
            .map_err(|problem| format!("the `alg` of the key `{kid}` {problem}"))?;
        let private = BASE64_URL_SAFE_NO_PAD.decode(private);
        private
            .map_err(|e| e.to_string())
            .and_then(|private| SigningKey::new(kid.clone(), algorithm, private))
            .map_err(|problem| format!("the key `{kid}` is invalid: {problem}"))
    }

    fn new(id: String, algorithm: Algorithm, private: Vec<u8>) -> Result<SigningKey, String> {
        let loaded = match algorithm {
            Algorithm::Rs256 => rsa_pair(JwtAlgorithm::RS256, &private),
            Algorithm::Rs384 => rsa_pair(JwtAlgorithm::RS384, &private),
            Algorithm::Rs512 => rsa_pair(JwtAlgorithm::RS512, &private),
            Algorithm::Es256 => ec_pair(JwtAlgorithm::ES256, &private),
            Algorithm::Es384 => ec_pair(JwtAlgorithm::ES384, &private),
            Algorithm::Es512 => p521_pair(&private),
            Algorithm::EdDsa => ed25519_pair(&private),
        };
        let (pair, mut jwk) = loaded.map_err(|e| e.to_string())?;
        jwk["alg"] = json!(algorithm.name());
        jwk["kid"] = json!(id);
        jwk["use"] = json!("sig");
        Ok(SigningKey {
            id,
            algorithm,
            private,
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

type AnyError = Box<dyn std::error::Error>;

/// Generates a private key, encoded as in [`SavedKey`].
fn generate_private(algorithm: Algorithm) -> Result<Vec<u8>, AnyError> {
    Ok(match algorithm {
        Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512 => {
            let key = rsa::RsaPrivateKey::new(&mut OsRng, RSA_BITS)?;
            key.to_pkcs1_der()?.as_bytes().to_vec()
        }
        Algorithm::Es256 => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?.serialize_der(),
        Algorithm::Es384 => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384)?.serialize_der(),
        Algorithm::Es512 => p521::ecdsa::SigningKey::random(&mut OsRng)
            .to_bytes()
            .to_vec(),
        Algorithm::EdDsa => KeyPair::generate_for(&rcgen::PKCS_ED25519)?.serialize_der(),
    })
}

/// A pair of keys, and the public one as a JSON Web Key.
type Loaded = Result<(KeyPairKind, Value), AnyError>;

fn rsa_pair(algorithm: JwtAlgorithm, private: &[u8]) -> Loaded {
    let key = rsa::RsaPrivateKey::from_pkcs1_der(private)?;
    let n = BASE64_URL_SAFE_NO_PAD.encode(key.n().to_bytes_be());
    let e = BASE64_URL_SAFE_NO_PAD.encode(key.e().to_bytes_be());
    let private = EncodingKey::from_rsa_der(private);
    let public = DecodingKey::from_rsa_components(&n, &e)?;
    let jwk = json!({"kty": "RSA", "n": n, "e": e});
    Ok((KeyPairKind::JsonWebToken(algorithm, private, public), jwk))
}

fn ec_pair(algorithm: JwtAlgorithm, private: &[u8]) -> Loaded {
    let (kind, curve) = match algorithm {
        JwtAlgorithm::ES384 => (&rcgen::PKCS_ECDSA_P384_SHA384, "P-384"),
        _ => (&rcgen::PKCS_ECDSA_P256_SHA256, "P-256"),
    };
    let key = key_pair_of(private, kind)?;
    // The first byte marks an uncompressed point. The two coordinates follow, of equal length.
    let point = key.der_bytes().get(1..).unwrap_or_default();
    let (x, y) = point.split_at(point.len() / 2);
    let [x, y] = [x, y].map(|half| BASE64_URL_SAFE_NO_PAD.encode(half));
    let private = EncodingKey::from_ec_der(private);
    let public = DecodingKey::from_ec_components(&x, &y)?;
    let jwk = json!({"kty": "EC", "crv": curve, "x": x, "y": y});
    Ok((KeyPairKind::JsonWebToken(algorithm, private, public), jwk))
}

fn p521_pair(private: &[u8]) -> Loaded {
    let key = p521::ecdsa::SigningKey::from_slice(private)?;
    let point = p521::ecdsa::VerifyingKey::from(&key).to_encoded_point(false);
    let coordinate = |bytes: Option<&p521::FieldBytes>| match bytes {
        Some(bytes) => Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes)),
        None => Err("the public key lacks a coordinate"),
    };
    let jwk = json!({"kty": "EC", "crv": "P-521", "x": coordinate(point.x())?, "y": coordinate(point.y())?});
    Ok((KeyPairKind::P521(key), jwk))
}

fn ed25519_pair(private: &[u8]) -> Loaded {
    let key = key_pair_of(private, &rcgen::PKCS_ED25519)?;
    let x = BASE64_URL_SAFE_NO_PAD.encode(key.der_bytes());
    let private = EncodingKey::from_ed_der(private);
    let public = DecodingKey::from_ed_components(&x)?;
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": x});
    Ok((
        KeyPairKind::JsonWebToken(JwtAlgorithm::EdDSA, private, public),
        jwk,
    ))
}

/// The pair of a private key in PKCS#8, which must be for this algorithm.
fn key_pair_of(private: &[u8], kind: &'static SignatureAlgorithm) -> Result<KeyPair, AnyError> {
    let key = KeyPair::try_from(private)?;
    match key.is_compatible(kind) {
        true => Ok(key),
        false => Err("it is for another algorithm".into()),
    }
}
