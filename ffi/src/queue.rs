//! `descope_queue_*`: calls that do not block.
#![allow(unsafe_code)]

use std::ffi::{c_char, c_void};
use std::sync::Arc;
use std::time::Duration;

use descope_ml_core::{Client, Error, Next, Queue, Status, default_client};

use crate::boundary::{catch_panic, run_with_document, run_with_status};
use crate::cancellation::without_cancellation;
use crate::client::descope_client;
use crate::document::OutDocument;
use crate::panics::panic_if_requested;
use crate::pointers::{text, write_out};
use crate::status::{DESCOPE_E_MEMORY, DESCOPE_E_NOT_FOUND, DESCOPE_OK, DESCOPE_PENDING};

/// Calls that do not block: any number of them at the same time, without a thread. They make
/// progress in descope_queue_next only. Wait for descope_queue_fd (on Windows: descope_queue_event) in
/// an event loop and then call descope_queue_next with the timeout 0, or let descope_queue_next wait.
#[allow(non_camel_case_types, reason = "the name in C")]
pub struct descope_queue {
    client: Arc<Client>,
    queue: Queue,
}

/// Creates a queue.
///
/// client   from descope_client_new; NULL: the default client of the process. The queue keeps it
///          alive: it may be freed before the queue
/// queue    receives the queue, NULL on failure; free it with descope_queue_free
/// out      NULL, or receives {} or the error document; free it with descope_string_free
///
/// Returns DESCOPE_OK, DESCOPE_E_CONFIG (the environment is not a valid configuration),
/// DESCOPE_E_NETWORK (no file descriptors left), DESCOPE_E_ARGUMENT, DESCOPE_E_MEMORY or
/// DESCOPE_E_INTERNAL. Call it from any thread. A forked child cannot use a queue of its parent: it creates its own.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_queue_new(
    client: *const descope_client,
    queue: *mut *mut descope_queue,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the header requires a client that is NULL or has not been freed, and out-parameters
    // that are NULL or writable.
    without_cancellation(|| unsafe {
        write_out(queue, std::ptr::null_mut());
        let mut new_queue = None;
        let status = run_with_document(out, || {
            if queue.is_null() {
                return Err(Error::argument(
                    "the argument `queue` is NULL: pass the address of a variable",
                ));
            }
            let client = match client.as_ref() {
                Some(client) => client.get_shared()?,
                None => default_client::get()?,
            };
            let queue = Queue::new()?;
            new_queue = Some(Box::new(descope_queue { client, queue }));
            Error::check_memory()?;
            Ok("{}".to_owned())
        });
        // Only now is it certain that the call has succeeded.
        if let (DESCOPE_OK, Some(new_queue)) = (status, new_queue) {
            write_out(queue, Box::into_raw(new_queue));
        }
        status
    })
}

/// Starts a call and returns at once. Its timeout counts from now.
///
/// queue       from descope_queue_new
/// operation   its name, as in the documentation of each function: "magiclink/signin/sms"
/// json        the request, a JSON object; it is copied
/// tag         a number of your choice that descope_queue_next returns with the result. Two calls
///             of a queue that were not reported yet must not have the same tag
/// out         NULL, or receives {} or the error document; free it with descope_string_free
///
/// Returns DESCOPE_OK, DESCOPE_E_ARGUMENT (operation, request or tag), DESCOPE_E_CONFIG or
/// DESCOPE_E_MEMORY. After an error nothing was sent, and descope_queue_next does not report the
/// call. All later errors come from descope_queue_next. Call it from any thread, also while another
/// one is in descope_queue_next.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_queue_submit(
    queue: *mut descope_queue,
    operation: *const c_char,
    json: *const c_char,
    tag: u64,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the header requires a queue that is NULL or has not been freed, strings that are NULL
    // or end with a NUL, and an `out` that is NULL or writable.
    unsafe {
        run_with_document(out, || {
            let queue = queue.as_ref().ok_or_else(null_queue)?;
            let operation = text(operation, "operation")?;
            panic_if_requested(operation);
            let request = text(json, "json")?.to_owned();
            queue.queue.submit(&queue.client, operation, request, tag)?;
            Ok("{}".to_owned())
        })
    }
}

/// Continues all calls that can be continued, and reports one that has finished.
///
/// queue        from descope_queue_new
/// timeout_ms   how long to wait for a call to finish; 0: do not wait; -1: no limit
/// tag          NULL, or receives the tag of the call
/// status       NULL, or receives the status of the call, as descope_call would return it
/// out          NULL, or receives the response or the error document; free it with
///              descope_string_free. NULL is stored with DESCOPE_PENDING and DESCOPE_E_NOT_FOUND
///
/// Returns DESCOPE_OK if it reports a call, DESCOPE_PENDING if no call has finished (after the
/// timeout, descope_queue_wake or a signal), DESCOPE_E_NOT_FOUND if there is no call,
/// DESCOPE_E_MEMORY (no call is lost: call it again), and DESCOPE_E_ARGUMENT if another thread is
/// in descope_queue_next of this queue, from inside a callback of this library, in a forked child,
/// and for NULL. Call it from one thread at a time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_queue_next(
    queue: *mut descope_queue,
    timeout_ms: i32,
    tag: *mut u64,
    status: *mut i32,
    out: *mut *mut c_char,
) -> i32 {
    // SAFETY: the header requires a queue that is NULL or has not been freed, and out-parameters
    // that are NULL or writable.
    without_cancellation(|| unsafe {
        let Some(document) = OutDocument::new(out) else {
            return DESCOPE_E_MEMORY;
        };
        let next = catch_panic(|| {
            let queue = queue.as_ref().ok_or_else(null_queue)?;
            let timeout = u64::try_from(timeout_ms).ok().map(Duration::from_millis);
            queue.queue.next(timeout)
        });
        match next {
            Ok(Next::Finished(completion)) => {
                write_out(tag, completion.tag);
                write_out(status, document.write(completion.result).code());
                DESCOPE_OK
            }
            Ok(Next::Pending) => DESCOPE_PENDING,
            Ok(Next::Idle) => DESCOPE_E_NOT_FOUND,
            Err(error) => document.write(Err(error)).code(),
        }
    })
}

/// Cancels a call. descope_queue_next reports it with DESCOPE_E_CANCELLED and the outcome: "not_sent"
/// if no byte of the request was sent, "unknown" if the service may have processed it. A call that
/// has finished already is reported with its result. The connection of a cancelled call is closed.
///
/// queue   from descope_queue_new
/// tag     the tag of the call
///
/// Returns DESCOPE_OK, DESCOPE_E_NOT_FOUND (no call has this tag), DESCOPE_E_ARGUMENT or
/// DESCOPE_E_MEMORY. Call it from any thread, also while another one is in descope_queue_next.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_queue_cancel(queue: *mut descope_queue, tag: u64) -> i32 {
    // SAFETY: the header requires a queue that is NULL or has not been freed.
    let queue = unsafe { queue.as_ref() };
    run_with_status(|| {
        queue.ok_or_else(null_queue)?.queue.cancel(tag)?;
        Ok(Status::Ok)
    })
}

/// Lets descope_queue_next return at once with DESCOPE_PENDING, unless it has a finished call to
/// report. If no thread is in descope_queue_next, this counts for the following one. Several calls
/// before that count as one.
///
/// queue   from descope_queue_new; NULL does nothing
///
/// Call it from any thread and from any signal handler.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_queue_wake(queue: *mut descope_queue) {
    // SAFETY: the header requires a queue that is NULL or has not been freed.
    if let Some(queue) = unsafe { queue.as_ref() } {
        without_cancellation(|| queue.queue.wake());
    }
}

/// When descope_queue_next has to be called even if the descriptor is not readable, or the event not
/// signaled.
///
/// queue   from descope_queue_new; NULL: -1
///
/// Returns milliseconds, or -1: never. On Linux and Windows it is always -1, since timers make the
/// descriptor readable or signal the event. Portable programs pass it to their event loop. Call it from
/// any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_queue_timeout(queue: *const descope_queue) -> i32 {
    // SAFETY: the header requires a queue that is NULL or has not been freed.
    let timeout = unsafe { queue.as_ref() }.and_then(|queue| queue.queue.timeout());
    timeout.map_or(-1, |timeout| {
        i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX)
    })
}

/// The descriptor of a queue, for an event loop. It is readable exactly while descope_queue_next has
/// something to do. It is level-triggered.
///
/// queue   from descope_queue_new; NULL: -1
///
/// Returns a file descriptor that belongs to the queue: do nothing with it but wait, and do not close
/// it. On Windows, which has none, it returns -1: see descope_queue_event. Call it from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_queue_fd(queue: *const descope_queue) -> i32 {
    // SAFETY: the header requires a queue that is NULL or has not been freed.
    let queue = unsafe { queue.as_ref() };
    let descriptor = queue.and_then(|queue| queue.queue.readiness().raw_fd());
    descriptor.unwrap_or(-1)
}

/// The event object of a queue, for an event loop of Windows. It is signaled exactly while
/// descope_queue_next has something to do, and no wait resets it.
///
/// queue   from descope_queue_new; NULL: NULL
///
/// Returns a HANDLE that belongs to the queue: do nothing with it but wait, for example in
/// WaitForMultipleObjects or MsgWaitForMultipleObjects, and do not close it. On other systems, which
/// have none, it returns NULL: see descope_queue_fd. Call it from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_queue_event(queue: *const descope_queue) -> *mut c_void {
    // SAFETY: the header requires a queue that is NULL or has not been freed.
    let queue = unsafe { queue.as_ref() };
    let event = queue.and_then(|queue| queue.queue.readiness().raw_event());
    event.unwrap_or(std::ptr::null_mut())
}

/// Frees a queue. Calls in progress are cancelled and not reported.
///
/// queue   from descope_queue_new; NULL does nothing
///
/// Call it when no other thread uses the queue, not in a callback of this library, and do not use the
/// queue afterwards. A forked child may free a queue of its parent, which goes on working there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn descope_queue_free(queue: *mut descope_queue) {
    if !queue.is_null() {
        // SAFETY: it came from `Box::into_raw` in `descope_queue_new`. The header requires that
        // nobody uses it any more.
        without_cancellation(|| drop(unsafe { Box::from_raw(queue) }));
    }
}

fn null_queue() -> Error {
    Error::argument("the argument `queue` is NULL: pass the queue from descope_queue_new")
}
