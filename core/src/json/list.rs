//! Lists of what a document contains. Input decides how long they are, so there may be no memory for them.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::memory;

/// Adds to a list.
///
/// # Errors
///
/// There is no memory for more. The error of the call says so, whatever this one says.
#[inline]
pub(super) fn push<T, E: Error>(list: &mut Vec<T>, item: T) -> Result<(), E> {
    if list.len() == list.capacity() && !grow(list) {
        return Err(E::custom("needs more memory than there is"));
    }
    list.push(item);
    Ok(())
}

/// Returns false if there is no memory for more.
#[cold]
fn grow<T>(list: &mut Vec<T>) -> bool {
    !memory::is_nearly_exhausted() && list.try_reserve(1).is_ok()
}

/// Collects the rest of an array.
///
/// # Errors
///
/// Those of the elements and of [`push`].
pub(super) fn collect<'de, A: SeqAccess<'de>, T: Deserialize<'de>>(
    mut seq: A,
) -> Result<Vec<T>, A::Error> {
    let mut list = Vec::new();
    while let Some(item) = seq.next_element()? {
        push(&mut list, item)?;
    }
    Ok(list)
}

/// An array whose elements are not parsed.
#[derive(Default)]
pub(crate) struct RawArray<'a>(pub(crate) Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for RawArray<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect<'a>(PhantomData<&'a RawValue>);

        impl<'de: 'a, 'a> Visitor<'de> for Collect<'a> {
            type Value = Vec<&'a RawValue>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
                collect(seq)
            }
        }

        deserializer
            .deserialize_seq(Collect(PhantomData))
            .map(RawArray)
    }
}
