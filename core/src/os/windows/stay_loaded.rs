//! Keeps the library loaded, as on other systems.
//!
//! Its code can still be needed after `FreeLibrary`: a DNS lookup may be in progress, and threads that called it
//! end later and run its thread-local destructors.

use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};

use windows_sys::Win32::System::LibraryLoader::{
    GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GET_MODULE_HANDLE_EX_FLAG_PIN, GetModuleHandleExW,
};

/// Keeps the DLL that contains this code loaded until the process ends. It does something at its first call, and
/// nothing in a program that contains the library itself.
#[inline]
pub fn stay_loaded() {
    static IS_DONE: AtomicBool = AtomicBool::new(false);
    if !IS_DONE.load(Ordering::Relaxed) && !IS_DONE.swap(true, Ordering::Relaxed) {
        pin();
    }
}

#[cold]
fn pin() {
    let flags = GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS;
    let own_address = pin as *const u16;
    let mut module = ptr::null_mut();
    // SAFETY: with this flag, the second argument is an address in the module, not a name. `module` is writable.
    unsafe { GetModuleHandleExW(flags, own_address, &raw mut module) };
}
