//! Another shared library written in Rust, which a program may load together with libdescope_ml. It
//! uses thread-local storage, starts threads, and sets its own panic hook.

use std::cell::RefCell;
use std::panic::catch_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};

static PANIC_COUNT: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static ENTRIES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Adds an entry to this thread's list. Returns the number of entries in the list.
#[unsafe(no_mangle)]
pub extern "C" fn other_library_append(number: i32) -> usize {
    ENTRIES.with_borrow_mut(|entries| {
        entries.push(number.to_string());
        entries.len()
    })
}

/// Doubles a number in a new thread of this library.
#[unsafe(no_mangle)]
pub extern "C" fn other_library_double(number: i32) -> i32 {
    std::thread::spawn(move || 2 * number).join().unwrap_or(-1)
}

/// Sets this library's own panic hook, which counts panics.
#[unsafe(no_mangle)]
pub extern "C" fn other_library_set_panic_hook() {
    std::panic::set_hook(Box::new(|_| {
        PANIC_COUNT.fetch_add(1, Ordering::SeqCst);
    }));
}

/// Panics and catches the panic. Returns how many panics this library's hook has counted so far.
#[unsafe(no_mangle)]
pub extern "C" fn other_library_panic() -> usize {
    let caught = catch_unwind(|| panic!("a panic of the other library"));
    assert!(caught.is_err());
    PANIC_COUNT.load(Ordering::SeqCst)
}
