//! Files: opened without waiting, identified, and listed.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::{Dir, Mode, OFlags, open};
use rustix::io::Errno;

use super::descriptors::above_standard_streams;

/// Identifies a file, whatever links lead to it: its device and inode.
pub(crate) type FileId = (u64, u64);

/// Metadata that reveals whether a file has changed.
#[derive(PartialEq, Eq)]
pub(crate) struct FileFingerprint {
    id: FileId,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

/// Opens a file to read it. Does not wait, whatever kind of file it is.
///
/// # Errors
///
/// That of the system.
pub(crate) fn open_file(path: &Path) -> io::Result<File> {
    let flags = libc::O_NONBLOCK | libc::O_NOCTTY;
    let file = File::options().read(true).custom_flags(flags).open(path)?;
    Ok(File::from(above_standard_streams(file.into())?))
}

/// Identifies a file. Follows links. `None` for anything but a regular file.
///
/// # Errors
///
/// That of the system.
pub(crate) fn file_id(path: &Path) -> io::Result<Option<FileId>> {
    let metadata = fs::metadata(path)?;
    let id = (metadata.dev(), metadata.ino());
    Ok(metadata.is_file().then_some(id))
}

impl FileFingerprint {
    pub(crate) fn of(path: &Path) -> io::Result<FileFingerprint> {
        let metadata = fs::metadata(path)?;
        Ok(FileFingerprint {
            id: (metadata.dev(), metadata.ino()),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        })
    }
}

/// The names in a directory, as from [`std::fs::read_dir`], with those of the directory itself and its parent.
/// If a part of it cannot be read, the rest is missing.
///
/// # Errors
///
/// If it cannot be opened.
pub(crate) fn list_directory(path: &Path) -> io::Result<Vec<OsString>> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let directory = above_standard_streams(open(path, flags, Mode::empty())?)?;
    let entries = Dir::new(directory)?.map_while(Result::ok);
    let name = |entry: rustix::fs::DirEntry| OsStr::from_bytes(entry.file_name().to_bytes()).into();
    Ok(entries.map(name).collect())
}

/// Whether a file could not be opened because too many are open.
pub(crate) fn is_open_file_limit(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(Errno::MFILE | Errno::NFILE)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_open_files_are_told_from_other_errors() {
        for (error, is_limit) in [
            (Errno::NOENT, false),
            (Errno::ACCESS, false),
            (Errno::MFILE, true),
            (Errno::NFILE, true),
        ] {
            assert_eq!(is_open_file_limit(&error.into()), is_limit);
        }
    }
}
