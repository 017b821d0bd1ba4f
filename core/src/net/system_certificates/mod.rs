//! The CA certificates of the system. Each system has its own place for them; this module picks it.

#[cfg(target_vendor = "apple")]
mod apple;
#[cfg(not(any(target_vendor = "apple", windows)))]
mod files;
#[cfg(windows)]
mod windows;

#[cfg(target_vendor = "apple")]
pub(crate) use self::apple::read;
#[cfg(not(any(target_vendor = "apple", windows)))]
pub(crate) use self::files::read;
#[cfg(windows)]
pub(crate) use self::windows::read;
