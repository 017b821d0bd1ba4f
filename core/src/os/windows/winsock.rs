//! Winsock, which a process has to start before it uses it.

use std::sync::Once;

/// Starts Winsock. Windows counts: it stops when everybody who has started it has stopped it, which this library
/// never does. So the host program does not notice.
pub(crate) fn start_winsock() {
    static START: Once = Once::new();
    START.call_once(|| {
        // If it fails, what is done with a socket says so.
        let _ = rustix::net::wsa_startup();
    });
}
