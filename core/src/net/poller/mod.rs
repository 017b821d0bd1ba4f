//! Readiness of many sockets at once: one object that is ready while there is something to do, and that an event
//! loop can wait for. Each system has its own way; this module picks it. All have the same interface.

#[cfg(any(target_os = "linux", target_os = "android"))]
mod epoll;
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
mod kqueue;
mod wait;
#[cfg(windows)]
mod windows;

#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) use self::epoll::Poller;
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
pub(crate) use self::kqueue::Poller;
pub(crate) use self::wait::Wait;
#[cfg(windows)]
pub(crate) use self::windows::Poller;
