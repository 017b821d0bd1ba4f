//! Notices that a process is the child of the one that made a value, however the child was made: `fork`,
//! `_Fork`, `clone` or the bare system call.
//!
//! The number of the process is on a page that the kernel clears in each child that gets a copy of the
//! memory. A child that shares the memory, as after `vfork`, is no other process in this sense. Where the
//! kernel cannot do that, the C library clears the number, which knows of `fork` only.

use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};

use once_cell::race::OnceRef;

use super::kernel::clear_in_children;

/// The largest page that a kernel may have.
const MAX_PAGE_SIZE: usize = if cfg!(any(target_arch = "x86", target_arch = "x86_64")) {
    4 << 10
} else {
    64 << 10
};

/// Has a whole page somewhere. It has no initial value in the file of the library, so its pages are
/// anonymous memory, and nothing is left of them when the library is unloaded.
static AREA: [AtomicU64; 2 * MAX_PAGE_SIZE / size_of::<AtomicU64>()] =
    [const { AtomicU64::new(0) }; 2 * MAX_PAGE_SIZE / size_of::<AtomicU64>()];

/// The number of this process: the first word of that page. Zero in a child that has no number yet.
static NUMBER: OnceRef<'static, AtomicU64> = OnceRef::new();

/// The last number that this process or one of its ancestors took. A child goes on from there.
static LAST_NUMBER: AtomicU64 = AtomicU64::new(0);

/// Marks the process in which a value was made.
#[derive(Clone, Copy)]
pub(crate) struct ProcessMark(u64);

impl ProcessMark {
    pub(crate) fn current() -> ProcessMark {
        let number = match NUMBER.get() {
            Some(number) => number,
            None => NUMBER.get_or_init(watch_for_children),
        };
        match number.load(Ordering::Relaxed) {
            0 => ProcessMark(take_number(number)),
            known => ProcessMark(known),
        }
    }

    /// Whether this is still the same process, and not a child. Costs no system call.
    pub(crate) fn is_current(self) -> bool {
        // A mark is never zero, as the number of a new child is.
        let number = NUMBER.get();
        number.is_some_and(|number| number.load(Ordering::Relaxed) == self.0)
    }
}

/// Gives the process a number that none of its ancestors has.
#[cold]
fn take_number(number: &AtomicU64) -> u64 {
    let new = LAST_NUMBER.fetch_add(1, Ordering::Relaxed) + 1;
    // Another thread of this process may have been first.
    match number.compare_exchange(0, new, Ordering::Relaxed, Ordering::Relaxed) {
        Ok(_) => new,
        Err(taken) => taken,
    }
}

/// Makes sure that the number is cleared in children from now on.
#[cold]
fn watch_for_children() -> &'static AtomicU64 {
    // SAFETY: it has no arguments in memory.
    let page_size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let page = usize::try_from(page_size).ok().and_then(page_of_area);
    match page {
        Some((number, size)) if is_cleared_in_children(number, size) => number,
        page => {
            // SAFETY: `clear_number` does one atomic store, which is safe in a child of a process with
            // many threads. The function lives as long as the library is loaded: the shared library is
            // never unloaded, and the C library removes the handlers of any other that is.
            unsafe { libc::pthread_atfork(None, None, Some(clear_number)) };
            page.map_or(&AREA[0], |(number, _)| number)
        }
    }
}

/// The first word of the page in [`AREA`], and the size of the page.
fn page_of_area(page_size: usize) -> Option<(&'static AtomicU64, usize)> {
    let misplaced = ptr::from_ref(&AREA).addr().checked_rem(page_size)?;
    let offset = (page_size - misplaced) % page_size;
    let number = AREA.get(offset / size_of::<AtomicU64>())?;
    (offset + page_size <= size_of_val(&AREA)).then_some((number, page_size))
}

/// Asks the kernel to clear the page in children.
fn is_cleared_in_children(page: &'static AtomicU64, size: usize) -> bool {
    // SAFETY: the page is part of `AREA`, which has nothing but the number.
    unsafe { clear_in_children(ptr::from_ref(page).cast_mut().cast(), size) }
}

/// Runs in a forked child before any other code of this library.
extern "C" fn clear_number() {
    if let Some(number) = NUMBER.get() {
        number.store(0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A child that the bare system call makes, where there is one.
    fn child() -> libc::c_long {
        // SAFETY: without further flags it is a `fork`. The child calls nothing that takes a lock.
        #[cfg(any(target_os = "linux", target_os = "android"))]
        return unsafe { libc::syscall(libc::SYS_clone, libc::SIGCHLD, 0, 0, 0, 0) };
        // SAFETY: the child calls nothing that takes a lock.
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        return unsafe { libc::fork() }.into();
    }

    /// Whether `check` holds in such a child.
    fn holds_in_child(check: impl FnOnce() -> bool) -> bool {
        let child = child();
        if child == 0 {
            let holds = check();
            // SAFETY: it only ends the process.
            unsafe { libc::_exit(i32::from(!holds)) };
        }
        let mut status = -1;
        // SAFETY: `status` is writable.
        unsafe { libc::waitpid(child.try_into().unwrap(), &raw mut status, 0) };
        status == 0
    }

    #[test]
    fn a_child_and_its_child_are_other_processes_without_a_fork_handler() {
        let parent = ProcessMark::current();
        assert!(holds_in_child(|| {
            let is_noticed_at_once = !parent.is_current();
            let child = ProcessMark::current();
            is_noticed_at_once
                && child.is_current()
                && !parent.is_current()
                && holds_in_child(|| {
                    !child.is_current()
                        && ProcessMark::current().is_current()
                        && !child.is_current()
                        && !parent.is_current()
                })
                && child.is_current()
        }));
        assert!(parent.is_current());
    }

    #[test]
    fn a_fork_handler_does_the_same() {
        assert!(holds_in_child(|| {
            let mark = ProcessMark::current();
            clear_number();
            let is_noticed = !mark.is_current();
            is_noticed && ProcessMark::current().is_current() && !mark.is_current()
        }));
    }

    #[test]
    fn the_page_fits_into_its_area_if_pages_are_not_too_large() {
        let (number, size) = page_of_area(4096).unwrap();
        assert_eq!((ptr::from_ref(number).addr() % size, size), (0, 4096));
        assert!(page_of_area(4 * MAX_PAGE_SIZE).is_none());
        assert!(page_of_area(0).is_none());
    }
}
