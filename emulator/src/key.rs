//! One signing key of the project, of any algorithm that the keys of a project can have.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use rcgen::{KeyPair, PublicKeyData, SignatureAlgorithm};
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::traits::PublicKeyParts;
use serde_json::{Value, json};

use crate::error::Error;
use crate::id;

/// The size of an RSA key in bits.
const KEY_BITS: usize = 2048;

/// A key pair.
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) algorithm: Algorithm,
    pub(crate) private: EncodingKey,
    pub(crate) public: DecodingKey,
    /// The public key as a JSON Web Key.
    pub(crate) jwk: Value,
}

/// The algorithm with this name, if keys can be made for it.
pub(crate) fn algorithm(name: &str) -> Option<Algorithm> {
    match name {
        "RS256" => Some(Algorithm::RS256),
        "RS384" => Some(Algorithm::RS384),
        "RS512" => Some(Algorithm::RS512),
        "ES256" => Some(Algorithm::ES256),
        "ES384" => Some(Algorithm::ES384),
        "EdDSA" => Some(Algorithm::EdDSA),
        _ => None,
    }
}

impl Key {
    /// Makes a key.
    pub(crate) fn new(algorithm: Algorithm) -> Result<Key, Error> {
        let made = match algorithm {
            Algorithm::ES256 => curve(algorithm, &rcgen::PKCS_ECDSA_P256_SHA256, "P-256"),
            Algorithm::ES384 => curve(algorithm, &rcgen::PKCS_ECDSA_P384_SHA384, "P-384"),
            Algorithm::EdDSA => edwards(),
            _ => rsa(algorithm),
        };
        made.map_err(|e| Error::Keys(e.to_string()))
    }

    fn with(
        algorithm: Algorithm,
        private: EncodingKey,
        public: DecodingKey,
        mut jwk: Value,
    ) -> Key {
        let id = id::key();
        jwk["alg"] = json!(algorithm);
        jwk["kid"] = json!(id);
        jwk["use"] = json!("sig");
        Key {
            id,
            algorithm,
            private,
            public,
            jwk,
        }
    }
}

type Made = Result<Key, Box<dyn std::error::Error>>;

fn rsa(algorithm: Algorithm) -> Made {
    let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, KEY_BITS)?;
    let n = BASE64_URL_SAFE_NO_PAD.encode(key.n().to_bytes_be());
    let e = BASE64_URL_SAFE_NO_PAD.encode(key.e().to_bytes_be());
    let private = EncodingKey::from_rsa_der(key.to_pkcs1_der()?.as_bytes());
    let public = DecodingKey::from_rsa_components(&n, &e)?;
    let jwk = json!({"kty": "RSA", "n": n, "e": e});
    Ok(Key::with(algorithm, private, public, jwk))
}

fn curve(algorithm: Algorithm, kind: &'static SignatureAlgorithm, name: &str) -> Made {
    let key = KeyPair::generate_for(kind)?;
    // One byte says that both coordinates follow, each half of the rest.
    let point = key.der_bytes().get(1..).unwrap_or_default();
    let (x, y) = point.split_at(point.len() / 2);
    let [x, y] = [x, y].map(|half| BASE64_URL_SAFE_NO_PAD.encode(half));
    let private = EncodingKey::from_ec_der(&key.serialize_der());
    let public = DecodingKey::from_ec_components(&x, &y)?;
    let jwk = json!({"kty": "EC", "crv": name, "x": x, "y": y});
    Ok(Key::with(algorithm, private, public, jwk))
}

fn edwards() -> Made {
    let key = KeyPair::generate_for(&rcgen::PKCS_ED25519)?;
    let x = BASE64_URL_SAFE_NO_PAD.encode(key.der_bytes());
    let private = EncodingKey::from_ed_der(&key.serialize_der());
    let public = DecodingKey::from_ed_components(&x)?;
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": x});
    Ok(Key::with(Algorithm::EdDSA, private, public, jwk))
}
