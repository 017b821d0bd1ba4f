//! The C entry points with whatever a C program may pass: every function returns a status that there is,
//! `*out` holds JSON, nothing is read or written out of bounds, nothing leaks, no panic is caught. The
//! first byte chooses the function, the second which arguments are NULL; strings follow, NUL between them.
//!
//! Nothing leaves the machine: the clients that calls are made with know only port 1 of 127.0.0.1, where
//! nobody listens; a client with a configuration from the input is made and freed, and never called.
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

/// The most that a caller offers as a buffer.
const MAX_CAP: usize = 4096;

struct Handle(*mut descope_client);

// SAFETY: a client may be used from any thread, as its header says.
unsafe impl Send for Handle {}
// SAFETY: as above.
unsafe impl Sync for Handle {}

static CONFIG: LazyLock<CString> = LazyLock::new(|| c_text(keys::config(&keys::set()).as_bytes()));

static CLIENT: LazyLock<Handle> = LazyLock::new(|| {
    let mut client = null_mut();
    // SAFETY: a string, and two places that may be written, one of which is left out.
    let status = unsafe { descope_client_new(CONFIG.as_ptr(), &mut client, null_mut()) };
    assert_eq!(status, DESCOPE_OK);
    Handle(client)
});

static OPERATIONS: LazyLock<Vec<CString>> = LazyLock::new(|| {
    fuzzing::operations()
        .map(|name| c_text(name.as_bytes()))
        .collect()
});

/// The strings of an input, with those that are to be NULL.
struct Strings {
    strings: Vec<CString>,
    nulls: u8,
}

impl Strings {
    fn get(&self, place: usize) -> *const c_char {
        let is_null = self.nulls & (1 << place) != 0;
        let string = self.strings.get(place).filter(|_| !is_null);
        string.map_or(null(), |string| string.as_ptr())
    }
}

fuzz_target!(|data: &[u8]| -> Corpus {
    use_fixed_default();
    let [choice, nulls, rest @ ..] = data else {
        return Corpus::Reject;
    };
    let strings = Strings {
        strings: rest.split(|byte| *byte == 0).map(c_text).collect(),
        nulls: *nulls,
    };
    let [first, second, third] = [0, 1, 2].map(|place| strings.get(place));
    // SAFETY: every pointer is NULL or a string that lives until the end of the input.
    unsafe {
        match choice % 8 {
            0 => write(first, second, third, descope_json_set),
            1 => write(first, second, third, descope_json_put),
            2 => read(
                first,
                second,
                strings.strings.last().map_or(0, |last| last.count_bytes()),
            ),
            3 => make(first),
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
                    // Not to be called as the input has it.
                    assert_eq!(descope_configure(CONFIG.as_ptr(), null_mut()), DESCOPE_OK);
                }
            }
            _ => name(i32::from_le_bytes([*nulls, 0, 0, 0]) - 64),
        }
    }
    Corpus::Keep
});

/// The default client, from now on one that reaches nobody.
fn use_fixed_default() {
    static ONCE: Once = Once::new();
    // SAFETY: a string, and no place for the document.
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
    CString::new(&bytes[..length]).expect("there is no NUL in it")
}

/// Whether a configuration names files beyond this folder, such as devices that never end.
fn reads_files(config: *const c_char) -> bool {
    if config.is_null() {
        return false;
    }
    // SAFETY: not NULL, so a string.
    let config = unsafe { CStr::from_ptr(config) };
    let config = config.to_str().ok().and_then(Json::read);
    let file = config
        .as_ref()
        .and_then(|config| config.object()?.get("caFile")?.text());
    file.is_some_and(|file| file.contains('/'))
}

/// Makes a call with and without a place for the document, and checks what comes out.
fn call(function: impl Fn(*mut *mut c_char) -> i32) {
    // Not NULL before: a function must set it, whatever happens.
    let mut out = std::ptr::dangling_mut();
    let status = function(&mut out);
    is_status(status);
    assert!(!out.is_null(), "there is always a document");
    // SAFETY: not NULL, so a string of the library's, freed once.
    unsafe {
        let document = CStr::from_ptr(out).to_str().expect("a document is UTF-8");
        match status {
            DESCOPE_OK => assert!(json::is_object(document), "an answer is a JSON object"),
            _ => assert_eq!(error::check_document(document), i64::from(status)),
        }
        descope_string_free(out);
    }
}

/// Makes a client and frees it.
unsafe fn make(config: *const c_char) {
    if reads_files(config) {
        return;
    }
    call(|out| {
        let mut client = std::ptr::dangling_mut();
        // SAFETY: the config is NULL or a string; what is made is freed once.
        unsafe {
            let status = descope_client_new(config, &mut client, out);
            assert_eq!(status == DESCOPE_OK, !client.is_null());
            descope_client_free(client);
            status
        }
    });
}

type Write = unsafe extern "C" fn(*mut *mut c_char, *const c_char, *const c_char) -> i32;

/// Changes a document, a second time in what came out.
unsafe fn write(doc: *const c_char, pointer: *const c_char, value: *const c_char, write: Write) {
    // SAFETY: the pointers are NULL or strings; `doc` is copied to memory from `malloc`, as it must be.
    unsafe {
        assert_eq!(write(null_mut(), pointer, value), DESCOPE_E_ARGUMENT);
        let mut place = if doc.is_null() {
            null_mut()
        } else {
            libc::strdup(doc)
        };
        for _ in 0..2 {
            let before = place;
            let status = write(&mut place, pointer, value);
            is_status(status);
            if status == DESCOPE_OK {
                let written = CStr::from_ptr(place).to_str().expect("a document is UTF-8");
                let is_json = serde_json::from_str::<&serde_json::value::RawValue>(written).is_ok();
                assert!(is_json, "no invalid JSON comes out");
            } else {
                assert_eq!(place, before, "on failure the document stays");
            }
        }
        descope_string_free(place);
    }
}

/// Reads a value into no buffer, into one of `cap` bytes, and into one that it fits.
unsafe fn read(doc: *const c_char, pointer: *const c_char, cap: usize) {
    let fill = |cap: usize, is_asked: bool| {
        let mut buffer = vec![b'x' as c_char; cap];
        let mut needed = usize::MAX;
        let needed_at = if is_asked {
            &raw mut needed
        } else {
            null_mut()
        };
        let buf = if cap == 0 {
            null_mut()
        } else {
            buffer.as_mut_ptr()
        };
        // SAFETY: the strings are NULL or strings, and the buffer has `cap` bytes.
        let status = unsafe { descope_json_get(doc, pointer, buf, cap, needed_at) };
        is_status(status);
        let end = buffer.iter().position(|byte| *byte == 0);
        assert!(
            cap == 0 || end.is_some(),
            "what is in a buffer ends with a NUL"
        );
        match status {
            DESCOPE_OK => assert!(
                !is_asked || end == Some(needed - 1),
                "needed is what it takes"
            ),
            _ => assert!(
                cap == 0 || end == Some(0),
                "on failure the buffer holds nothing"
            ),
        }
        (status, needed)
    };
    let (status, needed) = fill(0, true);
    fill(cap.min(MAX_CAP), true);
    fill(cap.min(MAX_CAP), false);
    if status == DESCOPE_E_BUFFER {
        assert_eq!(fill(needed, true), (DESCOPE_OK, needed));
        assert_eq!(fill(needed - 1, true), (DESCOPE_E_BUFFER, needed));
    } else {
        assert_ne!(status, DESCOPE_OK, "nothing fits into no buffer");
    }
}

fn name(status: i32) {
    // SAFETY: the name is always there.
    let name = unsafe { CStr::from_ptr(descope_status_name(status)) };
    let name = name.to_str().expect("a name is ASCII");
    assert!(name == "unknown" || name.starts_with("DESCOPE_"), "{name}");
}

/// Checks that there is such a status, and that it is not a bug caught.
fn is_status(status: i32) {
    assert_ne!(status, DESCOPE_E_INTERNAL, "a bug was caught");
    // SAFETY: the name is always there.
    let name = unsafe { CStr::from_ptr(descope_status_name(status)) };
    assert_ne!(name, c"unknown", "status {status}");
}
