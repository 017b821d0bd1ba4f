//! Tokens and key sets: what the project has signed holds, what has been changed does not, and nothing else
//! in a key set gets in the way.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use descope_ml_core::{Client, Error, Reason, Status};
use proptest::collection::vec;
use proptest::prelude::*;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING as P256, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
};

use crate::arbitrary_json::{self as arbitrary, Json, quoted};

const CLAIMS: &str = r#""iss": "P1", "sub": "U1", "exp": 9999999999"#;

type Sign = dyn Fn(&[u8]) -> Vec<u8> + Send + Sync;

/// A key pair, and what a key set says of it.
struct Signer {
    algorithm: &'static str,
    public: String,
    sign: Box<Sign>,
}

static SIGNERS: LazyLock<[Signer; 2]> = LazyLock::new(|| [ed25519(), p256()]);

fn ed25519() -> Signer {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[9; 32]).unwrap();
    let x = URL_SAFE_NO_PAD.encode(pair.public_key());
    Signer {
        algorithm: "EdDSA",
        public: format!(r#"{{"kty": "OKP", "crv": "Ed25519", "kid": "EdDSA", "x": "{x}"}}"#),
        sign: Box::new(move |bytes| pair.sign(bytes).as_ref().to_vec()),
    }
}

fn p256() -> Signer {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(&P256, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&P256, document.as_ref(), &random).unwrap();
    let point = pair.public_key().as_ref();
    let [x, y] = [&point[1..33], &point[33..]].map(|part| URL_SAFE_NO_PAD.encode(part));
    Signer {
        algorithm: "ES256",
        public: format!(
            r#"{{"kty": "EC", "crv": "P-256", "kid": "ES256", "x": "{x}", "y": "{y}"}}"#
        ),
        sign: Box::new(move |bytes| pair.sign(&random, bytes).unwrap().as_ref().to_vec()),
    }
}

impl Signer {
    fn token(&self, claims: &str) -> String {
        let header = format!(r#"{{"alg": "{0}", "kid": "{0}"}}"#, self.algorithm);
        let [header, claims] = [&header, claims].map(|part| URL_SAFE_NO_PAD.encode(part));
        let signed = format!("{header}.{claims}");
        let signature = URL_SAFE_NO_PAD.encode((self.sign)(signed.as_bytes()));
        format!("{signed}.{signature}")
    }
}

/// A client that has these keys and never asks anybody.
fn client(keys: &[&str]) -> Client {
    let set = format!(r#"{{"keys": [{}]}}"#, keys.join(", "));
    let set = quoted(&set);
    let config = format!(
        r#"{{"projectId": "P1", "baseUrl": "http://127.0.0.1:1", "proxy": "none", "publicKey": {set}}}"#
    );
    Client::from_json(Some(&config)).unwrap()
}

fn validate(client: &Client, token: &str) -> Result<String, Error> {
    let request = format!(r#"{{"sessionToken": {}}}"#, quoted(token));
    client
        .try_call_local("session/validate", &request)
        .map(Option::unwrap)
}

/// Entries of a key set that are no key, whatever they look like.
fn junk() -> impl Strategy<Value = String> {
    let looks_like_one = (
        prop::sample::select(vec!["RSA", "EC", "OKP", "oct", "?"]),
        prop::sample::select(vec!["P-256", "Ed25519", "secp256k1", ""]),
        prop::sample::select(vec!["EdDSA", "ES256", "RS256", "HS256", "none", ""]),
        prop::sample::select(vec!["EdDSA", "ES256", "other"]),
        "[A-Za-z0-9_-]{0,30}",
    );
    let looks_like_one = looks_like_one.prop_map(|(kty, crv, alg, kid, x)| {
        format!(
            r#"{{"kty": "{kty}", "crv": "{crv}", "alg": "{alg}", "kid": "{kid}", "x": "{x}", "y": "{x}", "n": "{x}", "e": "AQAB"}}"#
        )
    });
    prop_oneof![arbitrary::value(), looks_like_one]
}

proptest! {
    #![proptest_config(crate::cases(256))]

    #[test]
    fn claims_come_back_as_they_were_signed(
        which in 0..2usize,
        extra in arbitrary::value(),
    ) {
        let signer = &SIGNERS[which];
        let claims = format!(r#"{{{CLAIMS}, "extra": {extra}}}"#);
        let token = signer.token(&claims);
        let answer = validate(&client(&[&signer.public]), &token);
        let answer = Json::read(&answer.unwrap()).members();
        prop_assert_eq!(&answer["claims"], &Json::read(&claims));
        prop_assert_eq!(&answer["jwt"], &Json::Text(token));
        prop_assert_eq!(&answer["userId"], &Json::Text("U1".to_owned()));
    }

    #[test]
    fn one_changed_byte_makes_a_token_worthless(
        which in 0..2usize,
        place in any::<prop::sample::Index>(),
        byte in prop_oneof![Just(b'.'), Just(b'='), b' '..=b'~', 0..128u8],
    ) {
        let signer = &SIGNERS[which];
        let token = signer.token(&format!("{{{CLAIMS}}}"));
        let place = place.index(token.len());
        prop_assume!(token.as_bytes()[place] != byte);
        let mut changed = token.into_bytes();
        changed[place] = byte;
        let changed = String::from_utf8(changed).unwrap();
        let keys = SIGNERS.each_ref().map(|signer| signer.public.as_str());
        let error = validate(&client(&keys), &changed).unwrap_err();
        prop_assert_eq!(error.status(), Status::Token);
        let header_end = changed.find('.').unwrap();
        if place > header_end && changed.bytes().filter(|byte| *byte == b'.').count() == 2 {
            let reason = error.reason().unwrap();
            prop_assert!([Reason::BadSignature, Reason::Malformed].contains(&reason));
        }
        prop_assert!(!error.to_json().contains(&changed));
    }

    /// The client remembers the head of the latest token that held.
    #[test]
    fn what_is_said_of_a_token_does_not_depend_on_those_before(
        order in prop::collection::vec(
            (0..2usize, any::<prop::sample::Index>()),
            1..8,
        ),
    ) {
        let keys = SIGNERS.each_ref().map(|signer| signer.public.as_str());
        let kept = client(&keys);
        for (which, place) in order {
            let good = SIGNERS[which].token(&format!("{{{CLAIMS}}}"));
            let mut changed = good.clone();
            let place = place.index(good.len());
            changed.replace_range(place..=place, "A");
            // The head of one token in front of the rest of another.
            let other = SIGNERS[1 - which].token(&format!("{{{CLAIMS}}}"));
            let [head, rest] = [good.split_once('.').unwrap().0, other.split_once('.').unwrap().1];
            let mixed = format!("{head}.{rest}");
            for token in [good, changed, mixed] {
                let found = validate(&kept, &token).map_err(|error| error.to_json());
                let fresh = validate(&client(&keys), &token).map_err(|error| error.to_json());
                prop_assert_eq!(found, fresh);
            }
        }
    }

    #[test]
    fn a_key_is_found_whatever_else_its_set_holds(
        which in 0..2usize,
        junk in vec(junk(), 0..6),
        place in any::<prop::sample::Index>(),
    ) {
        let signer = &SIGNERS[which];
        let mut keys: Vec<&str> = junk.iter().map(String::as_str).collect();
        keys.insert(place.index(keys.len() + 1), &signer.public);
        let token = signer.token(&format!("{{{CLAIMS}}}"));
        prop_assert!(validate(&client(&keys), &token).is_ok());
    }

    #[test]
    fn a_token_of_one_key_never_holds_by_another(
        extra in arbitrary::value(),
        which in 0..2usize,
    ) {
        let [signer, other] = [&SIGNERS[which], &SIGNERS[1 - which]];
        let token = signer.token(&format!(r#"{{{CLAIMS}, "extra": {extra}}}"#));
        let error = validate(&client(&[&other.public]), &token).unwrap_err();
        prop_assert_eq!(error.reason(), Some(Reason::UnknownKey));
        let renamed = other.public.replace(other.algorithm, signer.algorithm);
        let error = validate(&client(&[&renamed]), &token).unwrap_err();
        prop_assert_eq!(error.reason(), Some(Reason::WrongAlgorithm));
    }

    #[test]
    fn no_text_at_all_is_taken_for_a_token(
        token in prop_oneof![any::<String>(), "[A-Za-z0-9_-]{0,20}\\.[A-Za-z0-9_-]{0,20}\\.[A-Za-z0-9_-]{0,20}"],
        header in arbitrary::value(),
    ) {
        let keys = SIGNERS.each_ref().map(|signer| signer.public.as_str());
        let client = client(&keys);
        let with_header = format!("{}.e30.AA", URL_SAFE_NO_PAD.encode(header));
        for token in [token, with_header] {
            let error = validate(&client, &token).unwrap_err();
            let expected = if token.is_empty() { Status::Argument } else { Status::Token };
            prop_assert_eq!(error.status(), expected);
        }
    }
}
