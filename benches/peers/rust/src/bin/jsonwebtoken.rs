//! The crate jsonwebtoken: cached keys, chosen by the key ID in the token's header, and the claims as a JSON value.

use std::collections::HashMap;
use std::process::ExitCode;
use std::sync::Arc;

use descope_ml_bench_peers::{KeySet, PeerError, Settings, check, main as peer};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::Value;

fn main() -> ExitCode {
    peer("jsonwebtoken", "validate", prepare)
}

fn prepare(
    settings: Settings,
) -> Result<impl FnMut() -> Result<(), PeerError> + Clone + Send + 'static, PeerError> {
    let mut keys = HashMap::new();
    for key in KeySet::read(&settings.keys)?.into_keys() {
        keys.insert(key.kid, DecodingKey::from_rsa_components(&key.n, &key.e)?);
    }
    let keys = Arc::new(keys);
    let mut validation = Validation::new(Algorithm::RS256);
    validation.leeway = 5;
    validation.validate_nbf = true;
    validation.set_issuer(&[&settings.project]);
    validation.validate_aud = false;
    let user = jsonwebtoken::dangerous::insecure_decode::<Value>(&settings.token)?;
    let user = user.claims["sub"].as_str().unwrap_or_default().to_owned();
    Ok(move || {
        let kid = decode_header(&settings.token)?.kid.unwrap_or_default();
        let key = keys
            .get(&kid)
            .ok_or("the token's key is not in BENCH_KEYS")?;
        let token = decode::<Value>(&settings.token, key, &validation)?;
        check(token.claims["sub"].as_str().unwrap_or_default(), &user)
    })
}
