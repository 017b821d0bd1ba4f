//! The allocator of the library: `malloc`, and a reserve from which a call is served when `malloc` fails. The
//! call then ends with DESCOPE_E_MEMORY, where Rust would end the process.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::assert_unchecked;

use descope_ml_core::memory::{Shortage, note_shortage};

use crate::reserve::Reserve;

#[global_allocator]
static ALLOCATOR: Allocator = Allocator(Reserve::new());

struct Allocator(Reserve);

/// What `malloc` guarantees where it serves types of a few words.
const ALIGN_OF_MALLOC: usize = 2 * size_of::<usize>();

// What calls the system is not inlined: the library has thousands of places that allocate or free.
//
// SAFETY: each piece comes from `System` or the reserve, and goes back to where it came from. `System` does not
// distinguish alignments up to that of `malloc`, so it resizes and frees what it was asked for with the alignment 1.
unsafe impl GlobalAlloc for Allocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // The compiler mostly knows which.
        match layout.align() <= ALIGN_OF_MALLOC.min(layout.size()) {
            true => self.alloc_unaligned(layout.size()),
            // SAFETY: the caller guarantees it.
            false => unsafe { self.alloc_aligned(layout) },
        }
    }

    #[inline(never)]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller guarantees what `System` requires.
        let piece = unsafe { System.alloc_zeroed(layout) };
        if piece.is_null() {
            return self.serve_zeroed(layout);
        }
        piece
    }

    #[inline(never)]
    unsafe fn dealloc(&self, piece: *mut u8, layout: Layout) {
        if self.0.contains(piece) {
            // SAFETY: the caller guarantees that the piece is in use and has this layout.
            unsafe { self.0.free(piece, layout) };
        } else {
            // SAFETY: all other pieces come from `System`.
            unsafe { System.dealloc(piece, layout) };
        }
    }

    #[inline(never)]
    unsafe fn realloc(&self, piece: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        if !self.0.contains(piece) {
            // SAFETY: the piece comes from `System`. The caller guarantees the rest.
            let moved = unsafe { System.realloc(piece, layout, new_size) };
            if !moved.is_null() {
                return moved;
            }
        }
        // SAFETY: the caller guarantees it.
        unsafe { self.replace(piece, layout, new_size) }
    }
}

impl Allocator {
    /// A piece with the alignment of `malloc`, which `System` calls for this layout on Unix.
    #[inline(never)]
    fn alloc_unaligned(&self, size: usize) -> *mut u8 {
        // SAFETY: the size comes from a layout with at least this alignment, and is not below that.
        let piece = unsafe {
            assert_unchecked(size != 0);
            System.alloc(Layout::from_size_align_unchecked(size, 1))
        };
        if piece.is_null() {
            return self.serve_size(size);
        }
        piece
    }

    /// # Safety
    ///
    /// As for `alloc`.
    #[cold]
    unsafe fn alloc_aligned(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller guarantees what `System` requires.
        let piece = unsafe { System.alloc(layout) };
        if piece.is_null() {
            return self.serve(layout);
        }
        piece
    }

    /// A piece of the reserve. NULL if it has none of this size.
    #[cold]
    fn serve(&self, layout: Layout) -> *mut u8 {
        let piece = self.0.allocate(layout);
        note_shortage(if self.0.is_nearly_exhausted() {
            Shortage::Severe
        } else {
            Shortage::Short
        });
        piece
    }

    /// Like [`Allocator::serve`], with the alignment of `malloc`. Freeing it needs only the size.
    #[cold]
    fn serve_size(&self, size: usize) -> *mut u8 {
        Layout::from_size_align(size, ALIGN_OF_MALLOC)
            .map_or(std::ptr::null_mut(), |layout| self.serve(layout))
    }

    #[cold]
    fn serve_zeroed(&self, layout: Layout) -> *mut u8 {
        let piece = self.serve(layout);
        if !piece.is_null() {
            // SAFETY: the piece has this size, and nobody else has it yet.
            unsafe { piece.write_bytes(0, layout.size()) };
        }
        piece
    }

    /// Moves a piece that comes from the reserve, or that the system cannot resize. NULL leaves it as it is.
    ///
    /// # Safety
    ///
    /// As for `realloc`.
    #[cold]
    unsafe fn replace(&self, piece: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        let is_reserved = self.0.contains(piece);
        if new_size <= layout.size() && !is_reserved {
            // It is large enough, and the system does not ask for its size.
            return piece;
        }
        // SAFETY: the caller guarantees that the new size is valid with this alignment.
        let new_layout = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        let new = if is_reserved {
            // SAFETY: the caller guarantees a size above zero.
            unsafe { self.alloc(new_layout) }
        } else {
            self.serve(new_layout)
        };
        if !new.is_null() {
            // SAFETY: both have at least this size, and they are different pieces. The old one is in use and has
            // this layout.
            unsafe {
                new.copy_from_nonoverlapping(piece, layout.size().min(new_size));
                self.dealloc(piece, layout);
            }
        }
        new
    }
}
