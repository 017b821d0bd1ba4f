//! Another shared library in Rust, as a host may load beside ours: it keeps something per thread,
//! starts a thread, and catches a panic that it hears of itself.

use std::cell::RefCell;
use std::panic::catch_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};

static HEARD: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static KEPT: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Adds a text to what this thread keeps; how many it keeps now.
#[unsafe(no_mangle)]
pub extern "C" fn neighbour_keep(number: i32) -> usize {
    KEPT.with_borrow_mut(|kept| {
        kept.push(number.to_string());
        kept.len()
    })
}

/// What a thread of this library makes of a number: its double.
#[unsafe(no_mangle)]
pub extern "C" fn neighbour_double(number: i32) -> i32 {
    std::thread::spawn(move || 2 * number).join().unwrap_or(-1)
}

/// Sets this library's own hook for panics.
#[unsafe(no_mangle)]
pub extern "C" fn neighbour_listen() {
    std::panic::set_hook(Box::new(|_| {
        HEARD.fetch_add(1, Ordering::SeqCst);
    }));
}

/// Panics and catches it; how many panics this library's hook has heard of so far.
#[unsafe(no_mangle)]
pub extern "C" fn neighbour_panic() -> usize {
    let caught = catch_unwind(|| panic!("the neighbour's"));
    assert!(caught.is_err());
    HEARD.load(Ordering::SeqCst)
}
