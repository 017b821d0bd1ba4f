//! One signing key of the project, of any algorithm that the keys of a project can have.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use clap::ValueEnum;
use jsonwebtoken::{Algorithm as Common, DecodingKey, EncodingKey, crypto};
use p521::ecdsa::signature::{RandomizedSigner as _, Verifier as _};
use rcgen::{KeyPair, PublicKeyData, SignatureAlgorithm};
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::rand_core::OsRng;
use rsa::traits::PublicKeyParts;
use serde_json::{Value, json};

use crate::error::Error;
use crate::id;

/// The size of an RSA key in bits.
const KEY_BITS: usize = 2048;

/// What tokens are signed with.
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
    /// The algorithm with this name; a problem says which there are.
    pub(crate) fn named(name: &str) -> Result<Algorithm, String> {
        let all = Algorithm::value_variants().iter();
        all.copied()
            .find(|one| one.name() == name)
            .ok_or_else(|| "must be RS256, RS384, RS512, ES256, ES384, ES512 or EdDSA".to_owned())
    }

    /// The name, as in the header of a token.
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

/// A key pair.
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) algorithm: Algorithm,
    pair: Pair,
    /// The public key as a JSON Web Key.
    pub(crate) jwk: Value,
}

/// Its two halves.
enum Pair {
    Common(Common, EncodingKey, DecodingKey),
    /// The curve that the library of the others does not have.
    P521(p521::ecdsa::SigningKey),
}

impl Key {
    /// Makes a key.
    pub(crate) fn new(algorithm: Algorithm) -> Result<Key, Error> {
        let made = match algorithm {
            Algorithm::Rs256 => rsa(Common::RS256),
            Algorithm::Rs384 => rsa(Common::RS384),
            Algorithm::Rs512 => rsa(Common::RS512),
            Algorithm::Es256 => curve(Common::ES256, &rcgen::PKCS_ECDSA_P256_SHA256, "P-256"),
            Algorithm::Es384 => curve(Common::ES384, &rcgen::PKCS_ECDSA_P384_SHA384, "P-384"),
            Algorithm::Es512 => large_curve(),
            Algorithm::EdDsa => edwards(),
        };
        let (pair, mut jwk) = made.map_err(|e| Error::Keys(e.to_string()))?;
        let id = id::key();
        jwk["alg"] = json!(algorithm.name());
        jwk["kid"] = json!(id);
        jwk["use"] = json!("sig");
        Ok(Key {
            id,
            algorithm,
            pair,
            jwk,
        })
    }

    /// The signature of a message, as the last part of a token has it.
    pub(crate) fn sign(&self, message: &str) -> Result<String, Error> {
        let failed = |e: &dyn std::fmt::Display| Error::Keys(e.to_string());
        match &self.pair {
            Pair::Common(algorithm, private, _) => {
                crypto::sign(message.as_bytes(), private, *algorithm).map_err(|e| failed(&e))
            }
            Pair::P521(key) => {
                let signature: p521::ecdsa::Signature = key
                    .try_sign_with_rng(&mut OsRng, message.as_bytes())
                    .map_err(|e| failed(&e))?;
                Ok(BASE64_URL_SAFE_NO_PAD.encode(signature.to_bytes()))
            }
        }
    }

    /// Whether a signature, as the last part of a token has it, is this key's for a message.
    pub(crate) fn has_signed(&self, message: &str, signature: &str) -> bool {
        match &self.pair {
            Pair::Common(algorithm, _, public) => {
                crypto::verify(signature, message.as_bytes(), public, *algorithm).unwrap_or(false)
            }
            Pair::P521(key) => BASE64_URL_SAFE_NO_PAD
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

type Made = Result<(Pair, Value), Box<dyn std::error::Error>>;

fn rsa(algorithm: Common) -> Made {
    let key = rsa::RsaPrivateKey::new(&mut OsRng, KEY_BITS)?;
    let n = BASE64_URL_SAFE_NO_PAD.encode(key.n().to_bytes_be());
    let e = BASE64_URL_SAFE_NO_PAD.encode(key.e().to_bytes_be());
    let private = EncodingKey::from_rsa_der(key.to_pkcs1_der()?.as_bytes());
    let public = DecodingKey::from_rsa_components(&n, &e)?;
    let jwk = json!({"kty": "RSA", "n": n, "e": e});
    Ok((Pair::Common(algorithm, private, public), jwk))
}

fn curve(algorithm: Common, kind: &'static SignatureAlgorithm, name: &str) -> Made {
    let key = KeyPair::generate_for(kind)?;
    // One byte says that both coordinates follow, each half of the rest.
    let point = key.der_bytes().get(1..).unwrap_or_default();
    let (x, y) = point.split_at(point.len() / 2);
    let [x, y] = [x, y].map(|half| BASE64_URL_SAFE_NO_PAD.encode(half));
    let private = EncodingKey::from_ec_der(&key.serialize_der());
    let public = DecodingKey::from_ec_components(&x, &y)?;
    let jwk = json!({"kty": "EC", "crv": name, "x": x, "y": y});
    Ok((Pair::Common(algorithm, private, public), jwk))
}

fn large_curve() -> Made {
    let key = p521::ecdsa::SigningKey::random(&mut OsRng);
    let point = p521::ecdsa::VerifyingKey::from(&key).to_encoded_point(false);
    let half = |half: Option<&p521::FieldBytes>| match half {
        Some(bytes) => Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes)),
        None => Err("a public key has two coordinates"),
    };
    let jwk = json!({"kty": "EC", "crv": "P-521", "x": half(point.x())?, "y": half(point.y())?});
    Ok((Pair::P521(key), jwk))
}

fn edwards() -> Made {
    let key = KeyPair::generate_for(&rcgen::PKCS_ED25519)?;
    let x = BASE64_URL_SAFE_NO_PAD.encode(key.der_bytes());
    let private = EncodingKey::from_ed_der(&key.serialize_der());
    let public = DecodingKey::from_ed_components(&x)?;
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": x});
    Ok((Pair::Common(Common::EdDSA, private, public), jwk))
}
