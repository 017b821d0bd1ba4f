//! Keeps a plug-in that contains this library in memory, as the shared library does by its `nodelete` flag.
//!
//! Its code can still be needed after `dlclose`: threads that called it end later and run its thread-local
//! destructors, and a DNS lookup may be in progress. A call in a destructor of the plug-in is the worst case: the
//! thread then has a destructor in code that is just being unloaded, and the process crashes when the thread ends.

/// Keeps the code of this library loaded until the process ends. It does something at its first call, and nothing
/// in a program that contains the library itself, or is linked statically.
#[inline]
pub fn stay_loaded() {
    #[cfg(all(target_os = "linux", target_env = "gnu", not(miri)))]
    glibc::stay_loaded();
}

/// Only glibc unloads: musl and macOS keep what has thread-local variables.
#[cfg(all(target_os = "linux", target_env = "gnu", not(miri)))]
mod glibc {
    use std::ffi::{CStr, c_char, c_int, c_void};
    use std::mem::{MaybeUninit, transmute};
    use std::ptr;
    use std::sync::atomic::{AtomicBool, Ordering};

    type DlAddr1 = unsafe extern "C" fn(
        address: *const c_void,
        info: *mut libc::Dl_info,
        map: *mut *const LinkMap,
        flags: c_int,
    ) -> c_int;
    type DlOpen = unsafe extern "C" fn(file: *const c_char, mode: c_int) -> *mut c_void;

    /// The value of `flags` of `dladdr1` for a `LinkMap`: `RTLD_DL_LINKMAP`.
    const LINK_MAP: c_int = 2;

    /// The start of `struct link_map`.
    #[repr(C)]
    struct LinkMap {
        base: usize,
        /// Empty for the program itself.
        name: *const c_char,
    }

    #[inline]
    pub(super) fn stay_loaded() {
        static IS_DONE: AtomicBool = AtomicBool::new(false);
        // A second thread does not wait for the first: after a fork at this point it would wait forever.
        if !IS_DONE.load(Ordering::Relaxed) && !IS_DONE.swap(true, Ordering::Relaxed) {
            mark_as_not_deletable();
        }
    }

    #[cold]
    fn mark_as_not_deletable() {
        // Looked up, since a statically linked program has no dynamic loader to link with.
        let (Some(dladdr1), Some(dlopen)) = (find(c"dladdr1"), find(c"dlopen")) else {
            return;
        };
        // SAFETY: these are the types of the two functions of glibc.
        let (dladdr1, dlopen) = unsafe {
            (
                transmute::<*mut c_void, DlAddr1>(dladdr1),
                transmute::<*mut c_void, DlOpen>(dlopen),
            )
        };
        let own_address = stay_loaded as *const c_void;
        let mut info = MaybeUninit::<libc::Dl_info>::uninit();
        let mut map: *const LinkMap = ptr::null();
        // SAFETY: both out-parameters are writable. If the function returns something else than 0, `map` is the
        // entry of the object that contains this code, which exists as long as the object is loaded: as long as
        // this code runs. Its name ends with a NUL. `dlopen` only finds what is loaded under that name.
        unsafe {
            let found = dladdr1(own_address, info.as_mut_ptr(), &raw mut map, LINK_MAP);
            if found != 0 && !map.is_null() && *(*map).name != 0 {
                let mode = libc::RTLD_LAZY | libc::RTLD_NOLOAD | libc::RTLD_NODELETE;
                dlopen((*map).name, mode);
            }
        }
    }

    fn find(name: &CStr) -> Option<*mut c_void> {
        // SAFETY: the name ends with a NUL.
        let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
        (!found.is_null()).then_some(found)
    }
}
