//! The reserve: memory that the library has from the moment it is loaded, for when the system has none left.
//!
//! It is zero-initialised static memory, so it takes no space in the file, and no memory of the machine until it
//! is used. There is no lock that a fork could leave locked: each piece is a run of bits in one atomic word.
#![allow(unsafe_code)]

use std::alloc::Layout;
use std::cell::UnsafeCell;
use std::ptr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Pieces up to 4 KiB: 64 words, each of which stands for 64 blocks of 64 bytes.
const SMALL_BLOCK: usize = 64;
const SMALL_WORDS: usize = 64;
const SMALL_SIZE: usize = SMALL_WORDS * BLOCKS * SMALL_BLOCK;

/// Larger pieces, such as TLS records and documents: 64 blocks of 8 KiB. A piece that is larger than half of them
/// is refused.
const LARGE_BLOCK: usize = 8 * 1024;
const LARGE_SIZE: usize = BLOCKS * LARGE_BLOCK;
const MAX_PIECE: usize = LARGE_SIZE / 2;

/// The blocks of a word.
const BLOCKS: usize = u64::BITS as usize;

const SIZE: usize = SMALL_SIZE + LARGE_SIZE;

/// The memory, and which of its blocks are in use.
pub(crate) struct Reserve {
    memory: Memory,
    small: [AtomicU64; SMALL_WORDS],
    large: [AtomicU64; 1],
    /// How many bytes are in use, in whole blocks.
    used: AtomicUsize,
}

/// Aligned for all layouts that it serves.
#[repr(C, align(4096))]
struct Memory(UnsafeCell<[u8; SIZE]>);

/// The largest alignment in the large part.
const MAX_ALIGN: usize = align_of::<Memory>();

// SAFETY: a block belongs to whoever has set its bit.
unsafe impl Sync for Memory {}

/// Where a piece is: a run of blocks in one word.
struct Place<'a> {
    words: &'a [AtomicU64],
    /// Where the first block of the first word begins.
    offset: usize,
    block: usize,
    /// How many blocks the piece has.
    count: usize,
}

impl Reserve {
    pub(crate) const fn new() -> Reserve {
        Reserve {
            memory: Memory(UnsafeCell::new([0; SIZE])),
            small: [const { AtomicU64::new(0) }; SMALL_WORDS],
            large: [const { AtomicU64::new(0) }; 1],
            used: AtomicUsize::new(0),
        }
    }

    /// Whether a piece is one of the reserve.
    #[inline]
    pub(crate) fn contains(&self, piece: *const u8) -> bool {
        piece.addr().wrapping_sub(self.start().addr()) < SIZE
    }

    /// Whether more than a third is in use. The calls that notice it can still end.
    pub(crate) fn is_nearly_exhausted(&self) -> bool {
        self.used.load(Ordering::Relaxed) > SIZE / 3
    }

    /// A piece with this layout. NULL if there is none.
    pub(crate) fn allocate(&self, layout: Layout) -> *mut u8 {
        if layout.size() > MAX_PIECE || layout.align() > MAX_ALIGN {
            return ptr::null_mut();
        }
        let is_small = layout.size() <= BLOCKS * SMALL_BLOCK && layout.align() <= SMALL_BLOCK;
        let small = is_small.then(|| self.small_place(layout.size()));
        let found = small.and_then(|place| self.take(&place));
        let found = found.or_else(|| self.take(&self.large_place(layout.size())));
        match found {
            // SAFETY: a place is within the memory.
            Some(offset) => unsafe { self.start().add(offset) },
            None => ptr::null_mut(),
        }
    }

    /// Gives a piece back.
    ///
    /// # Safety
    ///
    /// The piece is one of this reserve, with a layout of this size, and nobody uses it any more.
    pub(crate) unsafe fn free(&self, piece: *mut u8, layout: Layout) {
        let offset = piece.addr() - self.start().addr();
        let place = if offset < SMALL_SIZE {
            self.small_place(layout.size())
        } else {
            self.large_place(layout.size())
        };
        let first = (offset - place.offset) / place.block;
        if let Some(word) = place.words.get(first / BLOCKS) {
            word.fetch_and(!(place.run() << (first % BLOCKS)), Ordering::Release);
            self.used
                .fetch_sub(place.count * place.block, Ordering::Relaxed);
        }
    }

    /// Takes a run of free blocks. Returns where it begins.
    fn take(&self, place: &Place<'_>) -> Option<usize> {
        for (index, word) in place.words.iter().enumerate() {
            let mut used = word.load(Ordering::Relaxed);
            while let Some(first) = find_run(!used, place.count) {
                let taken = used | (place.run() << first);
                match word.compare_exchange_weak(used, taken, Ordering::Acquire, Ordering::Relaxed)
                {
                    Ok(_) => {
                        self.used
                            .fetch_add(place.count * place.block, Ordering::Relaxed);
                        return Some(place.offset + (index * BLOCKS + first) * place.block);
                    }
                    Err(current) => used = current,
                }
            }
        }
        None
    }

    fn small_place(&self, size: usize) -> Place<'_> {
        Place {
            words: &self.small,
            offset: 0,
            block: SMALL_BLOCK,
            count: size.div_ceil(SMALL_BLOCK),
        }
    }

    fn large_place(&self, size: usize) -> Place<'_> {
        Place {
            words: &self.large,
            offset: SMALL_SIZE,
            block: LARGE_BLOCK,
            count: size.div_ceil(LARGE_BLOCK),
        }
    }

    fn start(&self) -> *mut u8 {
        self.memory.0.get().cast()
    }
}

impl Place<'_> {
    /// A bit for each block of the piece.
    fn run(&self) -> u64 {
        u64::MAX >> (BLOCKS - self.count)
    }
}

/// The first of so many one bits in a row.
fn find_run(bits: u64, count: usize) -> Option<usize> {
    // A bit of `starts` stands for a run of `length` ones that begins there.
    let (mut starts, mut length) = (bits, 1);
    while length < count {
        let step = length.min(count - length);
        starts &= starts >> step;
        length += step;
    }
    (starts != 0).then_some(starts.trailing_zeros() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    /// One for each test: too large for a stack.
    macro_rules! reserve {
        () => {{
            static RESERVE: Reserve = Reserve::new();
            &RESERVE
        }};
    }

    /// A piece that is filled with a byte.
    struct Piece {
        reserve: &'static Reserve,
        start: *mut u8,
        layout: Layout,
        content: u8,
    }

    impl Piece {
        /// `None` if the reserve has none.
        fn new(reserve: &'static Reserve, layout: Layout, content: u8) -> Option<Piece> {
            let start = reserve.allocate(layout);
            if start.is_null() {
                return None;
            }
            assert!(reserve.contains(start));
            assert_eq!(start.addr() % layout.align(), 0);
            // SAFETY: the piece has this size.
            unsafe { start.write_bytes(content, layout.size()) };
            Some(Piece {
                reserve,
                start,
                layout,
                content,
            })
        }
    }

    impl Drop for Piece {
        /// Nobody else has written to it.
        fn drop(&mut self) {
            // SAFETY: the piece has this size and is initialised.
            let bytes = unsafe { std::slice::from_raw_parts(self.start, self.layout.size()) };
            assert!(bytes.iter().all(|byte| *byte == self.content));
            // SAFETY: it comes from this reserve, with this layout.
            unsafe { self.reserve.free(self.start, self.layout) };
        }
    }

    fn layout(size: usize, align: usize) -> Layout {
        Layout::from_size_align(size, align).unwrap()
    }

    #[test]
    fn a_run_of_bits_is_found() {
        assert_eq!(find_run(u64::MAX, 64), Some(0));
        assert_eq!(find_run(!1, 64), None);
        assert_eq!(find_run(0b0111_0110, 3), Some(4));
        assert_eq!(find_run(0b0111_0110, 4), None);
        assert_eq!(find_run(1 << 63, 1), Some(63));
        assert_eq!(find_run(0, 1), None);
    }

    #[test]
    fn pieces_are_aligned_and_do_not_overlap() {
        let reserve = reserve!();
        let layouts = [
            layout(1, 1),
            layout(64, 8),
            layout(65, 64),
            layout(4096, 16),
            layout(10, 4096),
            layout(4097, 1),
            layout(40_000, 16),
        ];
        let layouts = layouts.into_iter().cycle().zip(0..40);
        let pieces = layouts.map(|(layout, number)| Piece::new(reserve, layout, number).unwrap());
        drop(pieces.collect::<Vec<_>>());
        assert_eq!(reserve.used.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn an_exhausted_reserve_has_no_piece_and_can_be_used_again() {
        let reserve = reserve!();
        let take_all = || {
            let pieces = std::iter::repeat_with(|| Piece::new(reserve, layout(1000, 8), 7));
            pieces.map_while(|piece| piece).collect::<Vec<_>>()
        };
        let all = take_all();
        let count = all.len();
        assert_eq!(count, SMALL_WORDS * 4 + BLOCKS);
        assert!(reserve.is_nearly_exhausted());
        drop(all);
        assert!(!reserve.is_nearly_exhausted());
        assert_eq!(take_all().len(), count);
    }

    #[test]
    fn what_is_too_large_is_refused() {
        let reserve = reserve!();
        let fits = |size, align| Piece::new(reserve, layout(size, align), 7).is_some();
        assert!(!fits(MAX_PIECE + 1, 1));
        assert!(!fits(1, 2 * MAX_ALIGN));
        assert!(fits(MAX_PIECE, 1));
        assert!(!reserve.contains(ptr::null()));
    }

    #[test]
    fn threads_get_different_pieces() {
        let reserve = reserve!();
        thread::scope(|scope| {
            for number in 0..8 {
                scope.spawn(move || {
                    for size in (1..400).cycle().take(5_000) {
                        drop(Piece::new(reserve, layout(size, 8), number).unwrap());
                    }
                });
            }
        });
        assert_eq!(reserve.used.load(Ordering::Relaxed), 0);
    }
}
