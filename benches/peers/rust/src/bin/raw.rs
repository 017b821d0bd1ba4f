//! The limit of validate: the token's signature checked by ring, and nothing else.

use std::process::ExitCode;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use descope_ml_bench_peers::{Failure, KeySet, Settings, main as peer};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::Value;

fn main() -> ExitCode {
    peer("raw", "validate", prepare)
}

fn prepare(
    settings: Settings,
) -> Result<impl FnMut() -> Result<(), Failure> + Clone + Send + 'static, Failure> {
    let (signed, signature) = settings.token.rsplit_once('.').ok_or("no token")?;
    let head = signed.split('.').next().unwrap_or_default();
    let head: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(head)?)?;
    let kid = head["kid"].as_str().unwrap_or_default();
    let (n, e) = KeySet::read(&settings.keys)?.named(kid)?.numbers()?;
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature)?;
    let signed = Arc::<[u8]>::from(signed.as_bytes());
    Ok(move || {
        RsaPublicKeyComponents { n: &n, e: &e }
            .verify(&RSA_PKCS1_2048_8192_SHA256, &signed, &signature)
            .map_err(|_| "the signature does not hold".into())
    })
}
