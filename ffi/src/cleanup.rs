//! `descope_cleanup`: releases what the library keeps for the process.
#![allow(unsafe_code)]

use descope_ml_core::cleanup;

use crate::boundary::catch_panic;
use crate::cancellation::without_cancellation;
use crate::client::release_freed_clients;
use crate::panics::was_called;

/// Releases what the library keeps for the process: the default client with its connections and public
/// keys, caches, and the callbacks of descope_log_set and descope_events_set. For plug-ins that are closed
/// (see UNLOADING), and for programs that look for leaks. Other programs need not call it.
///
/// Clients and queues are not freed: free them before. No call may be in progress on any thread, and it
/// is not allowed in a callback. Afterwards the library may be used again: it starts anew.
#[unsafe(no_mangle)]
pub extern "C" fn descope_cleanup() {
    // Then there is nothing to release. A plug-in that was not used may be unloaded, and its destructor may call
    // this: that must not give the thread thread-local data that it destroys later, without the code for it.
    if !was_called() {
        return;
    }
    // It has nothing to report a panic to.
    let _ = without_cancellation(|| {
        catch_panic(|| {
            cleanup();
            // SAFETY: the header requires that no call is in progress, and that none is made with a freed client.
            unsafe { release_freed_clients() };
            Ok(())
        })
    });
}
