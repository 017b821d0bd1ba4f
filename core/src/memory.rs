//! Whether memory has run out during a call. An allocator that keeps a reserve for that case notes it here, and
//! the call ends before it needs more.
//!
//! Without such an allocator nothing is ever noted, and the process ends where memory runs out, as any Rust
//! program does.

use std::cell::Cell;
use std::collections::TryReserveError;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

/// How scarce memory has been on this thread since its call began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shortage {
    /// There was enough.
    None,
    /// The system had none left: the reserve has served the call, or the call has done without.
    Short,
    /// Most of the reserve is in use.
    Severe,
}

/// Whether memory has ever run out in this process. Until then no thread has noted anything, and calls look only
/// here: a thread-local variable of a shared library is slower.
static HAS_RUN_OUT: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// Constant and without a destructor, so that an allocator can use it.
    static SHORTAGE: Cell<Shortage> = const { Cell::new(Shortage::None) };
}

/// Notes that memory has run out on this thread. It allocates nothing.
#[cold]
pub fn note_shortage(shortage: Shortage) {
    HAS_RUN_OUT.store(true, Ordering::Relaxed);
    SHORTAGE.set(SHORTAGE.get().max(shortage));
}

/// Whether the system had no memory left. A call that has sent nothing ends.
#[inline]
pub(crate) fn is_short() -> bool {
    has_run_out() && current() >= Shortage::Short
}

/// Whether most of the reserve is in use. Any call ends.
#[inline]
pub(crate) fn is_nearly_exhausted() -> bool {
    has_run_out() && current() >= Shortage::Severe
}

/// A thread sees what it has stored itself, and what it has got from others that have stored it.
#[inline]
fn has_run_out() -> bool {
    HAS_RUN_OUT.load(Ordering::Relaxed)
}

#[cold]
fn current() -> Shortage {
    SHORTAGE.get()
}

#[cold]
fn replace(shortage: Shortage) -> Shortage {
    SHORTAGE.replace(shortage)
}

/// Separates what is noted during a call from what was noted before.
pub struct Watch {
    outer: Shortage,
}

impl Watch {
    /// A call begins, or goes on that was left with this shortage.
    #[must_use]
    #[inline]
    pub fn start(shortage: Shortage) -> Watch {
        let outer = match has_run_out() {
            true => replace(shortage),
            false => Shortage::None,
        };
        Watch { outer }
    }

    /// What was noted since the start.
    #[must_use]
    #[inline]
    pub fn shortage(&self) -> Shortage {
        match has_run_out() {
            true => current(),
            false => Shortage::None,
        }
    }
}

impl Drop for Watch {
    #[inline]
    fn drop(&mut self) {
        if has_run_out() {
            replace(self.outer);
        }
    }
}

/// Lists up to this size come from the reserve if need be, like everything else that is small.
const SMALL_SIZE: usize = 1024;

/// An empty list with room for so many bytes, where the caller or the service decides how many.
#[inline]
pub(crate) fn with_capacity(size: usize) -> Result<Vec<u8>, TryReserveError> {
    if size <= SMALL_SIZE {
        return Ok(Vec::with_capacity(size));
    }
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(size)?;
    Ok(bytes)
}

/// Joins texts whose length the caller or the service decides.
pub(crate) fn concat(parts: &[&str]) -> Result<String, TryReserveError> {
    let mut joined = String::new();
    joined.try_reserve_exact(parts.iter().map(|part| part.len()).sum())?;
    parts.iter().for_each(|part| joined.push_str(part));
    Ok(joined)
}

/// Copies a text whose length the caller or the service decides.
pub(crate) fn copy(text: &str) -> Result<String, TryReserveError> {
    match text.len() {
        0..=SMALL_SIZE => Ok(text.to_owned()),
        _ => concat(&[text]),
    }
}

/// Receives a document whose length the caller or the service decides.
pub(crate) struct Buffer {
    bytes: Vec<u8>,
    /// Whether there was no memory for a part of the document.
    is_incomplete: bool,
}

impl Buffer {
    /// `capacity` is enough for most of its documents.
    pub(crate) fn with_capacity(capacity: usize) -> Buffer {
        Buffer {
            bytes: Vec::with_capacity(capacity),
            is_incomplete: false,
        }
    }

    /// The document. `None` if there was no memory for it.
    pub(crate) fn into_bytes(self) -> Option<Vec<u8>> {
        (!self.is_incomplete).then_some(self.bytes)
    }

    #[inline]
    fn append(&mut self, bytes: &[u8]) {
        if bytes.len() <= self.bytes.capacity() - self.bytes.len() {
            self.bytes.extend_from_slice(bytes);
        } else {
            self.grow_and_append(bytes);
        }
    }

    #[cold]
    fn grow_and_append(&mut self, bytes: &[u8]) {
        match self.bytes.try_reserve(bytes.len()) {
            Ok(()) => self.bytes.extend_from_slice(bytes),
            Err(_) => self.is_incomplete = true,
        }
    }
}

/// Never fails, so that whoever writes needs no code for that.
impl io::Write for Buffer {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.append(bytes);
        Ok(bytes.len())
    }

    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.append(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nested_call_leaves_what_was_noted_for_the_outer_one() {
        let outer = Watch::start(Shortage::None);
        note_shortage(Shortage::Severe);
        note_shortage(Shortage::Short);
        {
            let inner = Watch::start(Shortage::None);
            assert_eq!(inner.shortage(), Shortage::None);
            note_shortage(Shortage::Short);
            assert!(is_short() && !is_nearly_exhausted());
        }
        assert_eq!(outer.shortage(), Shortage::Severe);
        drop(outer);
        assert!(!is_short());
    }

    #[test]
    fn a_buffer_grows_and_says_if_it_could_not() {
        let mut buffer = Buffer::with_capacity(2);
        buffer.append(b"ab");
        buffer.append(b"cd");
        assert_eq!(buffer.into_bytes().as_deref(), Some(&b"abcd"[..]));
        let mut buffer = Buffer::with_capacity(2);
        buffer.is_incomplete = true;
        buffer.append(b"a");
        assert_eq!(buffer.into_bytes(), None);
    }

    #[test]
    fn a_copy_that_no_memory_can_hold_is_an_error() {
        for length in [0, 3, SMALL_SIZE, SMALL_SIZE + 1] {
            let text = "x".repeat(length);
            assert_eq!(copy(&text).as_ref(), Ok(&text));
            assert!(with_capacity(length).unwrap().capacity() >= length);
        }
        assert!(with_capacity(usize::MAX).is_err());
    }
}
