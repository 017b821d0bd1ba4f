//! Authenticated encryption of what processes share in a store: AES-256-GCM with a random nonce.

use descope_ml_core::Error;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::error::Unspecified;
use ring::rand::{SecureRandom, SystemRandom};

use crate::errors::{Outcome, outcome};

/// Encrypts. The value is the nonce, the ciphertext and the tag. It can be opened only with the same key
/// of 32 bytes and the same context, which is not in it.
#[pyfunction]
pub(crate) fn seal<'py>(
    py: Python<'py>,
    key: &[u8],
    context: &[u8],
    plaintext: &[u8],
) -> PyResult<Outcome<'py>> {
    outcome(py, || {
        let sealed = sealed(key, context, plaintext).map_err(|_| Error::internal("encrypting"))?;
        Ok(PyBytes::new(py, &sealed))
    })
}

/// Decrypts what [`seal`] has returned; None if it was changed, or sealed with another key or context.
#[pyfunction]
pub(crate) fn open_sealed(key: &[u8], context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, ciphertext) = sealed.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut plaintext = ciphertext.to_vec();
    let length = cipher(key)
        .ok()?
        .open_in_place(nonce, Aad::from(context), &mut plaintext)
        .ok()?
        .len();
    plaintext.truncate(length);
    Some(plaintext)
}

fn sealed(key: &[u8], context: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, Unspecified> {
    let mut nonce = [0; NONCE_LEN];
    SystemRandom::new().fill(&mut nonce)?;
    let mut ciphertext = plaintext.to_vec();
    cipher(key)?.seal_in_place_append_tag(
        Nonce::assume_unique_for_key(nonce),
        Aad::from(context),
        &mut ciphertext,
    )?;
    Ok([&nonce[..], &ciphertext].concat())
}

fn cipher(key: &[u8]) -> Result<LessSafeKey, Unspecified> {
    UnboundKey::new(&AES_256_GCM, key).map(LessSafeKey::new)
}
