//! The signature check only, by ring: the lower limit of `validate`.

use std::process::ExitCode;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use descope_ml_bench_peers::{KeySet, PeerError, Settings, main as peer};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::Value;

fn main() -> ExitCode {
    peer("raw", "validate", prepare)
}

fn prepare(
    settings: Settings,
) -> Result<impl FnMut() -> Result<(), PeerError> + Clone + Send + 'static, PeerError> {
    let (signed, signature) = settings
        .token
        .rsplit_once('.')
        .ok_or("BENCH_TOKEN is not a token")?;
    let header = signed.split('.').next().unwrap_or_default();
    let header: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(header)?)?;
    let kid = header["kid"].as_str().unwrap_or_default();
    let (n, e) = KeySet::read(&settings.keys)?.find(kid)?.numbers()?;
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature)?;
    let signed = Arc::<[u8]>::from(signed.as_bytes());
    Ok(move || {
        RsaPublicKeyComponents { n: &n, e: &e }
            .verify(&RSA_PKCS1_2048_8192_SHA256, &signed, &signature)
            .map_err(|_| "the signature is invalid".into())
    })
}
