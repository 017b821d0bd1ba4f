//! The CA certificates of the system. Each system has its own place for them; this module picks it.

#[cfg(not(target_vendor = "apple"))]
mod files;
#[cfg(target_vendor = "apple")]
mod native;

#[cfg(not(target_vendor = "apple"))]
pub(super) use self::files::read;
#[cfg(target_vendor = "apple")]
pub(super) use self::native::read;
