//! Files: opened, identified, and listed.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::mem::MaybeUninit;
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::AsRawHandle;
use std::path::Path;

use windows_sys::Win32::Foundation::{ERROR_TOO_MANY_OPEN_FILES, FILETIME};
use windows_sys::Win32::Storage::FileSystem::{
    BY_HANDLE_FILE_INFORMATION, FILE_ATTRIBUTE_DIRECTORY, FILE_FLAG_BACKUP_SEMANTICS,
    FILE_READ_ATTRIBUTES, GetFileInformationByHandle,
};

/// Identifies a file, whatever links lead to it: its volume and its number there.
pub(crate) type FileId = (u32, u64);

/// Metadata that reveals whether a file has changed.
#[derive(PartialEq, Eq)]
pub(crate) struct FileFingerprint {
    id: FileId,
    size: u64,
    modified: u64,
    created: u64,
}

/// Opens a file to read it, or a directory.
///
/// # Errors
///
/// That of the system.
pub(crate) fn open_file(path: &Path) -> io::Result<File> {
    // Without this flag a directory is "access denied".
    File::options()
        .read(true)
        .custom_flags(FILE_FLAG_BACKUP_SEMANTICS)
        .open(path)
}

/// Identifies a file. Follows links. `None` for a directory.
///
/// # Errors
///
/// That of the system. Devices and pipes are errors as well.
pub(crate) fn file_id(path: &Path) -> io::Result<Option<FileId>> {
    let information = information(path)?;
    let is_directory = information.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY != 0;
    Ok((!is_directory).then(|| id(&information)))
}

impl FileFingerprint {
    pub(crate) fn of(path: &Path) -> io::Result<FileFingerprint> {
        let information = information(path)?;
        Ok(FileFingerprint {
            id: id(&information),
            size: joined(information.nFileSizeHigh, information.nFileSizeLow),
            modified: time(information.ftLastWriteTime),
            created: time(information.ftCreationTime),
        })
    }
}

fn information(path: &Path) -> io::Result<BY_HANDLE_FILE_INFORMATION> {
    let file = OpenOptions::new()
        .access_mode(FILE_READ_ATTRIBUTES)
        .custom_flags(FILE_FLAG_BACKUP_SEMANTICS)
        .open(path)?;
    let mut information = MaybeUninit::<BY_HANDLE_FILE_INFORMATION>::uninit();
    // SAFETY: the handle is open, and `information` is writable.
    let done =
        unsafe { GetFileInformationByHandle(file.as_raw_handle(), information.as_mut_ptr()) };
    if done == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the function has written it.
    Ok(unsafe { information.assume_init() })
}

fn id(information: &BY_HANDLE_FILE_INFORMATION) -> FileId {
    let number = joined(information.nFileIndexHigh, information.nFileIndexLow);
    (information.dwVolumeSerialNumber, number)
}

fn time(time: FILETIME) -> u64 {
    joined(time.dwHighDateTime, time.dwLowDateTime)
}

fn joined(high: u32, low: u32) -> u64 {
    (u64::from(high) << u32::BITS) | u64::from(low)
}

/// The names in a directory. If a part of it cannot be read, the rest is missing.
///
/// # Errors
///
/// If it cannot be opened.
pub(crate) fn list_directory(path: &Path) -> io::Result<Vec<OsString>> {
    let entries = fs::read_dir(path)?.map_while(Result::ok);
    Ok(entries.map(|entry| entry.file_name()).collect())
}

/// Whether a file could not be opened because too many are open.
pub(crate) fn is_open_file_limit(error: &io::Error) -> bool {
    let code = error
        .raw_os_error()
        .and_then(|code| u32::try_from(code).ok());
    code == Some(ERROR_TOO_MANY_OPEN_FILES)
}
