//! The C functions with any arguments that a C program may pass. Each function returns a known status,
//! `*out` is JSON, no access is out of bounds, no memory leaks, no panic is caught.
//!
//! Input: the first byte chooses the function, the second byte says which arguments are NULL. The
//! arguments follow as strings, with a NUL between them.
//!
//! Nothing leaves the machine. Calls use clients whose base URL is port 1 of 127.0.0.1, where nothing
//! listens. A client with a configuration from the input is created and freed, but never called.
#![no_main]

mod support {
    pub mod error;
    pub mod json;
    pub mod keys;
}

use std::ffi::{CStr, CString, c_char};
use std::ptr::{null, null_mut};
use std::sync::{LazyLock, Once};

use descope_ml::*;
use descope_ml_core::fuzzing;
use libfuzzer_sys::{Corpus, fuzz_target};
use support::json::{self, Json};
use support::{error, keys};

/// The largest buffer of a caller.
const MAX_CAPACITY: usize = 4096;

struct SharedClient(*mut descope_client);

// SAFETY: a client may be used from any thread, as the header says.
unsafe impl Send for SharedClient {}
// SAFETY: as above.
unsafe impl Sync for SharedClient {}

static CONFIG: LazyLock<CString> =
    LazyLock::new(|| c_text(keys::config(&keys::key_set()).as_bytes()));

static CLIENT: LazyLock<SharedClient> = LazyLock::new(|| {
    let mut client = null_mut();
    // SAFETY: a string, a valid out-parameter, and a NULL one.
    let status = unsafe { descope_client_new(CONFIG.as_ptr(), &mut client, null_mut()) };
    assert_eq!(status, DESCOPE_OK);
    SharedClient(client)
});

static OPERATIONS: LazyLock<Vec<CString>> = LazyLock::new(|| {
    fuzzing::operations()
        .map(|name| c_text(name.as_bytes()))
        .collect()
});

/// The string arguments of an input. The bits of `nulls` say which of them are NULL.
struct Strings {
    strings: Vec<CString>,
    nulls: u8,
}

impl Strings {
    fn get(&self, index: usize) -> *const c_char {
        let is_null = self.nulls & (1 << index) != 0;
        let string = self.strings.get(index).filter(|_| !is_null);
        string.map_or(null(), |string| string.as_ptr())
    }
}

fuzz_target!(|data: &[u8]| -> Corpus {
    configure_default_client();
    let [choice, nulls, rest @ ..] = data else {
        return Corpus::Reject;
    };
    let strings = Strings {
        strings: rest.split(|byte| *byte == 0).map(c_text).collect(),
        nulls: *nulls,
    };
    let [first, second, third] = [0, 1, 2].map(|index| strings.get(index));
    // SAFETY: every pointer is NULL or a string that lives until the end of this function.
    unsafe {
        match choice % 8 {
            0 => write_value(first, second, third, descope_json_set),
            1 => write_value(first, second, third, descope_json_put),
            2 => read_value(
                first,
                second,
                strings.strings.last().map_or(0, |last| last.count_bytes()),
            ),
            3 => new_client(first),
            4 => call(|out| descope_client_call(CLIENT.0, first, second, out)),
            5 => {
                let operation = OPERATIONS[usize::from(*nulls) % OPERATIONS.len()].as_ptr();
                let json = strings.strings.first().map_or(null(), |json| json.as_ptr());
                call(|out| descope_call(operation, json, out));
                call(|out| descope_client_call(CLIENT.0, operation, json, out));
            }
            6 => {
                if !reads_files(first) {
                    call(|out| descope_configure(first, out));
                    // The default client must never be called with the configuration of the input.
                    assert_eq!(descope_configure(CONFIG.as_ptr(), null_mut()), DESCOPE_OK);
                }
            }
            _ => check_status_name(i32::from_le_bytes([*nulls, 0, 0, 0]) - 64),
        }
    }
    Corpus::Keep
});

/// Gives the default client, once, a configuration with which it cannot connect.
fn configure_default_client() {
    static ONCE: Once = Once::new();
    // SAFETY: a string, and NULL for the document.
    ONCE.call_once(|| unsafe {
        assert_eq!(descope_configure(CONFIG.as_ptr(), null_mut()), DESCOPE_OK);
    });
}

/// The bytes up to their first NUL.
fn c_text(bytes: &[u8]) -> CString {
    let length = bytes
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(bytes.len());
    CString::new(&bytes[..length]).expect("the bytes have no NUL")
}

/// Whether a configuration names a file outside this folder, such as an endless device.
fn reads_files(config: *const c_char) -> bool {
    if config.is_null() {
        return false;
    }
    // SAFETY: it is not NULL, so it is a string.
    let config = unsafe { CStr::from_ptr(config) };
    let config = config.to_str().ok().and_then(Json::parse);
    let file = config
        .as_ref()
        .and_then(|config| config.object()?.get("caFile")?.text());
    file.is_some_and(|file| file.contains('/'))
}

/// Makes a call and checks its status and its document.
fn call(function: impl Fn(*mut *mut c_char) -> i32) {
    // Not NULL before the call: the function must set it in every case.
    let mut out = std::ptr::dangling_mut();
    let status = function(&mut out);
    check_status(status);
    assert!(!out.is_null(), "`*out` must not be NULL");
    // SAFETY: it is not NULL, so it is a string of the library. It is freed once.
    unsafe {
        let document = CStr::from_ptr(out)
            .to_str()
            .expect("a document must be UTF-8");
        match status {
            DESCOPE_OK => assert!(
                json::is_object(document),
                "a response must be a JSON object"
            ),
            _ => assert_eq!(error::check_document(document), i64::from(status)),
        }
        descope_string_free(out);
    }
}

/// Creates a client and frees it.
unsafe fn new_client(config: *const c_char) {
    if reads_files(config) {
        return;
    }
    call(|out| {
        let mut client = std::ptr::dangling_mut();
        // SAFETY: the config is NULL or a string; the client is freed once.
        unsafe {
            let status = descope_client_new(config, &mut client, out);
            assert_eq!(status == DESCOPE_OK, !client.is_null());
            descope_client_free(client);
            status
        }
    });
}

type Write = unsafe extern "C" fn(*mut *mut c_char, *const c_char, *const c_char) -> i32;

/// Writes a value into a document, and then into the result again.
unsafe fn write_value(
    doc: *const c_char,
    pointer: *const c_char,
    value: *const c_char,
    write: Write,
) {
    // SAFETY: the pointers are NULL or strings. `doc` is copied with `malloc`, as the header requires.
    unsafe {
        assert_eq!(write(null_mut(), pointer, value), DESCOPE_E_ARGUMENT);
        let mut document = if doc.is_null() {
            null_mut()
        } else {
            libc::strdup(doc)
        };
        for _ in 0..2 {
            let before = document;
            let status = write(&mut document, pointer, value);
            check_status(status);
            if status == DESCOPE_OK {
                let written = CStr::from_ptr(document)
                    .to_str()
                    .expect("a document must be UTF-8");
                let is_json = serde_json::from_str::<&serde_json::value::RawValue>(written).is_ok();
                assert!(is_json, "the result must be valid JSON");
            } else {
                assert_eq!(
                    document, before,
                    "a failed write must not change the document"
                );
            }
        }
        descope_string_free(document);
    }
}

/// Reads a value without a buffer, into one of `capacity` bytes, and into one of the needed size.
unsafe fn read_value(doc: *const c_char, pointer: *const c_char, capacity: usize) {
    let get = |capacity: usize, with_needed: bool| {
        let mut buffer = vec![b'x' as c_char; capacity];
        let mut needed = usize::MAX;
        let needed_out = if with_needed {
            &raw mut needed
        } else {
            null_mut()
        };
        let buf = if capacity == 0 {
            null_mut()
        } else {
            buffer.as_mut_ptr()
        };
        // SAFETY: the pointers are NULL or strings, and the buffer has `capacity` bytes.
        let status = unsafe { descope_json_get(doc, pointer, buf, capacity, needed_out) };
        check_status(status);
        let end = buffer.iter().position(|byte| *byte == 0);
        assert!(
            capacity == 0 || end.is_some(),
            "a buffer must end with a NUL"
        );
        match status {
            DESCOPE_OK => assert!(
                !with_needed || end == Some(needed - 1),
                "`needed` must be the size of the value"
            ),
            _ => assert!(
                capacity == 0 || end == Some(0),
                "a failed read must leave an empty string"
            ),
        }
        (status, needed)
    };
    let (status, needed) = get(0, true);
    get(capacity.min(MAX_CAPACITY), true);
    get(capacity.min(MAX_CAPACITY), false);
    if status == DESCOPE_E_BUFFER {
        assert_eq!(get(needed, true), (DESCOPE_OK, needed));
        assert_eq!(get(needed - 1, true), (DESCOPE_E_BUFFER, needed));
    } else {
        assert_ne!(
            status, DESCOPE_OK,
            "a value cannot be read without a buffer"
        );
    }
}

/// Checks the name of any status number.
fn check_status_name(status: i32) {
    // SAFETY: the function never returns NULL.
    let name = unsafe { CStr::from_ptr(descope_status_name(status)) };
    let name = name.to_str().expect("a name must be ASCII");
    assert!(name == "unknown" || name.starts_with("DESCOPE_"), "{name}");
}

/// Checks that a status is known, and that it is not that of a caught bug.
fn check_status(status: i32) {
    assert_ne!(status, DESCOPE_E_INTERNAL, "the library caught a bug");
    // SAFETY: the function never returns NULL.
    let name = unsafe { CStr::from_ptr(descope_status_name(status)) };
    assert_ne!(name, c"unknown", "unknown status {status}");
}
