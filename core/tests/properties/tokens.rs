//! Tokens and key sets: a token is valid if the project signed it, and invalid if it was changed. Other
//! entries of a key set do not affect the result.

use std::sync::LazyLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use descope_ml_core::{Client, Error, Reason, Status};
use proptest::collection::vec;
use proptest::prelude::*;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING as P256, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
};

use crate::arbitrary_json;
use crate::test_json::{Json, json_string};

const CLAIMS: &str = r#""iss": "P1", "sub": "U1", "exp": 9999999999"#;

type SignFn = dyn Fn(&[u8]) -> Vec<u8> + Send + Sync;

/// A key pair. The `kid` of its JWK is the name of its algorithm.
struct SigningKey {
    algorithm: &'static str,
    public_jwk: String,
    sign: Box<SignFn>,
}

static SIGNING_KEYS: LazyLock<[SigningKey; 2]> = LazyLock::new(|| [ed25519(), p256()]);

fn ed25519() -> SigningKey {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[9; 32]).unwrap();
    let x = URL_SAFE_NO_PAD.encode(pair.public_key());
    SigningKey {
        algorithm: "EdDSA",
        public_jwk: format!(r#"{{"kty": "OKP", "crv": "Ed25519", "kid": "EdDSA", "x": "{x}"}}"#),
        sign: Box::new(move |bytes| pair.sign(bytes).as_ref().to_vec()),
    }
}

fn p256() -> SigningKey {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(&P256, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&P256, document.as_ref(), &random).unwrap();
    let point = pair.public_key().as_ref();
    let [x, y] = [&point[1..33], &point[33..]].map(|part| URL_SAFE_NO_PAD.encode(part));
    SigningKey {
        algorithm: "ES256",
        public_jwk: format!(
            r#"{{"kty": "EC", "crv": "P-256", "kid": "ES256", "x": "{x}", "y": "{y}"}}"#
        ),
        sign: Box::new(move |bytes| pair.sign(&random, bytes).unwrap().as_ref().to_vec()),
    }
}

impl SigningKey {
    /// A token of this key with these claims, which are JSON.
    fn token(&self, claims: &str) -> String {
        let header = format!(r#"{{"alg": "{0}", "kid": "{0}"}}"#, self.algorithm);
        let [header, claims] = [&header, claims].map(|part| URL_SAFE_NO_PAD.encode(part));
        let signed = format!("{header}.{claims}");
        let signature = URL_SAFE_NO_PAD.encode((self.sign)(signed.as_bytes()));
        format!("{signed}.{signature}")
    }
}

/// A client with these public keys. It never fetches keys.
fn client_with_keys(keys: &[&str]) -> Client {
    client_with_cache(keys, 4096)
}

/// A client that remembers about so many verified tokens.
fn client_with_cache(keys: &[&str], verified_tokens: usize) -> Client {
    let key_set = format!(r#"{{"keys": [{}]}}"#, keys.join(", "));
    let key_set = json_string(&key_set);
    let config = format!(
        r#"{{"projectId": "P1", "baseUrl": "http://127.0.0.1:1", "proxy": "none", "publicKey": {key_set}, "verifiedTokens": {verified_tokens}, "jwtLeewaySeconds": 0}}"#
    );
    Client::from_json(Some(&config)).unwrap()
}

fn validate(client: &Client, token: &str) -> Result<String, Error> {
    let request = format!(r#"{{"sessionToken": {}}}"#, json_string(token));
    client
        .try_call_local("session/validate", &request)
        .map(Option::unwrap)
}

/// An entry of a key set that is not a valid key. It can look like one.
fn invalid_jwk() -> impl Strategy<Value = String> {
    let looks_like_a_jwk = (
        prop::sample::select(vec!["RSA", "EC", "OKP", "oct", "?"]),
        prop::sample::select(vec!["P-256", "Ed25519", "secp256k1", ""]),
        prop::sample::select(vec!["EdDSA", "ES256", "RS256", "HS256", "none", ""]),
        prop::sample::select(vec!["EdDSA", "ES256", "other"]),
        "[A-Za-z0-9_-]{0,30}",
    );
    let looks_like_a_jwk = looks_like_a_jwk.prop_map(|(kty, crv, alg, kid, x)| {
        format!(
            r#"{{"kty": "{kty}", "crv": "{crv}", "alg": "{alg}", "kid": "{kid}", "x": "{x}", "y": "{x}", "n": "{x}", "e": "AQAB"}}"#
        )
    });
    prop_oneof![arbitrary_json::value(), looks_like_a_jwk]
}

#[test]
fn a_remembered_token_expires_in_time() {
    let since_1970 = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let expiry = since_1970().as_secs() + 2;
    let token = SIGNING_KEYS[0].token(&format!(r#"{{"iss": "P1", "sub": "U1", "exp": {expiry}}}"#));
    let client = client_with_keys(&[&SIGNING_KEYS[0].public_jwk]);
    let mut validations = 0;
    let error = loop {
        match validate(&client, &token) {
            Ok(_) => validations += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(error.reason(), Some(Reason::Expired));
    let expected = Duration::from_secs(expiry)..Duration::from_secs(expiry + 1);
    assert!(expected.contains(&since_1970()));
    assert!(validations > 100);
}

#[test]
fn threads_remember_each_others_tokens() {
    let keys = SIGNING_KEYS
        .each_ref()
        .map(|signing_key| signing_key.public_jwk.as_str());
    // So few places that the threads replace each other's tokens all the time.
    let client = client_with_cache(&keys, 8);
    let tokens: Vec<_> = (0..64)
        .map(|number| {
            SIGNING_KEYS[number % 2].token(&format!(r#"{{{CLAIMS}, "number": {number}}}"#))
        })
        .collect();
    std::thread::scope(|scope| {
        for number in 0..64 {
            let (tokens, client) = (&tokens, &client);
            scope.spawn(move || {
                for round in 0..50 {
                    let token = &tokens[(number + round) % 64];
                    assert!(validate(client, token).is_ok());
                    let (signed, signature) = token.rsplit_once('.').unwrap();
                    let other = tokens[(number + round + 1) % 64].rsplit_once('.').unwrap();
                    let forged = [
                        format!("{}.{signature}", other.0),
                        format!("{signed}.{}", other.1),
                    ];
                    for forged in forged {
                        assert_eq!(
                            validate(client, &forged).unwrap_err().status(),
                            Status::Token
                        );
                    }
                }
            });
        }
    });
}

proptest! {
    #![proptest_config(crate::cases(256))]

    #[test]
    fn claims_are_returned_as_they_were_signed(
        key_index in 0..2usize,
        extra in arbitrary_json::value(),
    ) {
        let signing_key = &SIGNING_KEYS[key_index];
        let claims = format!(r#"{{{CLAIMS}, "extra": {extra}}}"#);
        let token = signing_key.token(&claims);
        let response = validate(&client_with_keys(&[&signing_key.public_jwk]), &token);
        let response = Json::parse_object(&response.unwrap());
        prop_assert_eq!(&response["claims"], &Json::parse(&claims));
        prop_assert_eq!(&response["jwt"], &Json::String(token));
        prop_assert_eq!(&response["userId"], &Json::String("U1".to_owned()));
    }

    #[test]
    fn a_token_with_one_changed_byte_is_invalid(
        key_index in 0..2usize,
        position in any::<prop::sample::Index>(),
        byte in prop_oneof![Just(b'.'), Just(b'='), b' '..=b'~', 0..128u8],
    ) {
        let signing_key = &SIGNING_KEYS[key_index];
        let token = signing_key.token(&format!("{{{CLAIMS}}}"));
        let position = position.index(token.len());
        prop_assume!(token.as_bytes()[position] != byte);
        let mut changed = token.clone().into_bytes();
        changed[position] = byte;
        let changed = String::from_utf8(changed).unwrap();
        let keys = SIGNING_KEYS.each_ref().map(|signing_key| signing_key.public_jwk.as_str());
        let client = client_with_keys(&keys);
        // Remembering the token does not help the changed one.
        prop_assert!(validate(&client, &token).is_ok());
        let error = validate(&client, &changed).unwrap_err();
        prop_assert_eq!(error.status(), Status::Token);
        prop_assert!(validate(&client, &token).is_ok());
        let header_end = changed.find('.').unwrap();
        if position > header_end && changed.bytes().filter(|byte| *byte == b'.').count() == 2 {
            let reason = error.reason().unwrap();
            prop_assert!([Reason::BadSignature, Reason::Malformed].contains(&reason));
        }
        prop_assert!(!error.to_json().contains(&changed));
    }

    /// The client remembers valid tokens, and the header of the last one. Neither must affect the next one.
    #[test]
    fn the_result_for_a_token_does_not_depend_on_earlier_tokens(
        tokens in vec(
            (0..2usize, any::<prop::sample::Index>()),
            1..8,
        ),
        cache_size in prop_oneof![Just(1), Just(4096)],
    ) {
        let keys = SIGNING_KEYS.each_ref().map(|signing_key| signing_key.public_jwk.as_str());
        let used_client = client_with_cache(&keys, cache_size);
        for (key_index, position) in tokens {
            let valid = SIGNING_KEYS[key_index].token(&format!("{{{CLAIMS}}}"));
            let mut changed = valid.clone();
            let position = position.index(valid.len());
            changed.replace_range(position..=position, "A");
            // The header of one token with the payload and signature of another.
            let other = SIGNING_KEYS[1 - key_index].token(&format!("{{{CLAIMS}}}"));
            let [header, rest] = [valid.split_once('.').unwrap().0, other.split_once('.').unwrap().1];
            let mixed = format!("{header}.{rest}");
            for token in [&valid, &changed, &mixed, &valid] {
                let result = validate(&used_client, token).map_err(|error| error.to_json());
                let new_client = client_with_cache(&keys, 0);
                let expected = validate(&new_client, token).map_err(|error| error.to_json());
                prop_assert_eq!(result, expected);
            }
        }
    }

    #[test]
    fn a_key_is_found_among_invalid_entries_of_its_key_set(
        key_index in 0..2usize,
        invalid_jwks in vec(invalid_jwk(), 0..6),
        position in any::<prop::sample::Index>(),
    ) {
        let signing_key = &SIGNING_KEYS[key_index];
        let mut keys: Vec<&str> = invalid_jwks.iter().map(String::as_str).collect();
        keys.insert(position.index(keys.len() + 1), &signing_key.public_jwk);
        let token = signing_key.token(&format!("{{{CLAIMS}}}"));
        prop_assert!(validate(&client_with_keys(&keys), &token).is_ok());
    }

    #[test]
    fn a_token_of_one_key_is_invalid_with_another_key(
        extra in arbitrary_json::value(),
        key_index in 0..2usize,
    ) {
        let [signing_key, other] = [&SIGNING_KEYS[key_index], &SIGNING_KEYS[1 - key_index]];
        let token = signing_key.token(&format!(r#"{{{CLAIMS}, "extra": {extra}}}"#));
        let error = validate(&client_with_keys(&[&other.public_jwk]), &token).unwrap_err();
        prop_assert_eq!(error.reason(), Some(Reason::UnknownKey));
        let renamed = other.public_jwk.replace(other.algorithm, signing_key.algorithm);
        let error = validate(&client_with_keys(&[&renamed]), &token).unwrap_err();
        prop_assert_eq!(error.reason(), Some(Reason::WrongAlgorithm));
    }

    #[test]
    fn arbitrary_text_is_not_a_valid_token(
        token in prop_oneof![any::<String>(), "[A-Za-z0-9_-]{0,20}\\.[A-Za-z0-9_-]{0,20}\\.[A-Za-z0-9_-]{0,20}"],
        header in arbitrary_json::value(),
    ) {
        let keys = SIGNING_KEYS.each_ref().map(|signing_key| signing_key.public_jwk.as_str());
        let client = client_with_keys(&keys);
        let with_header = format!("{}.e30.AA", URL_SAFE_NO_PAD.encode(header));
        for token in [token, with_header] {
            let error = validate(&client, &token).unwrap_err();
            let expected = if token.is_empty() { Status::Argument } else { Status::Token };
            prop_assert_eq!(error.status(), expected);
        }
    }
}
