//! Identifies threads.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

/// Identifies a thread of this process. Unlike the ID of the standard library, it allocates nothing, which for the
/// main thread would never be freed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ThreadId(u64);

impl ThreadId {
    /// The ID of this thread. No other thread has ever had it.
    pub(crate) fn current() -> ThreadId {
        static LAST: AtomicU64 = AtomicU64::new(0);
        thread_local! {
            /// 0: none yet.
            static CURRENT: Cell<u64> = const { Cell::new(0) };
        }
        ThreadId(match CURRENT.get() {
            0 => {
                let id = LAST.fetch_add(1, Ordering::Relaxed) + 1;
                CURRENT.set(id);
                id
            }
            id => id,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn each_thread_has_one_id_that_no_other_had() {
        let own = ThreadId::current();
        let ended = thread::spawn(ThreadId::current).join().unwrap();
        let other = thread::spawn(ThreadId::current).join().unwrap();
        assert!(own != ended && own != other && ended != other);
        assert_eq!(own, ThreadId::current());
    }
}
