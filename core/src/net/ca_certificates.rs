//! Reads CA certificates where OpenSSL keeps them: a file, and directories of files. Systems usually have
//! most certificates in both, and several times.

use std::collections::HashSet;
use std::io;
use std::path::Path;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

use super::certificate_file;
use crate::memory;
use crate::os::{self, FileId};

/// The certificates that were read so far.
#[derive(Default)]
pub(super) struct CaCertificates {
    certificates: Vec<CertificateDer<'static>>,
    /// The files that were read. Links to them are skipped.
    files: HashSet<FileId>,
    /// Whether a file could not be read because too many files are open.
    pub(super) hit_open_file_limit: bool,
}

impl From<Vec<CertificateDer<'static>>> for CaCertificates {
    fn from(certificates: Vec<CertificateDer<'static>>) -> CaCertificates {
        CaCertificates {
            certificates,
            ..CaCertificates::default()
        }
    }
}

impl CaCertificates {
    /// Adds the certificates of a file. An unreadable file has none.
    pub(super) fn add_file(&mut self, path: &Path) {
        self.files.extend(os::file_id(path).ok().flatten());
        self.read(path);
    }

    /// Adds the certificates of all files in a directory, without duplicates.
    pub(super) fn add_directory(&mut self, path: &Path) {
        let Some(names) = self.ok_or_note_limit(os::list_directory(path)) else {
            return;
        };
        for name in names {
            if memory::is_short() {
                return;
            }
            let path = path.join(name);
            // Follows links.
            let Some(Some(id)) = self.ok_or_note_limit(os::file_id(&path)) else {
                continue;
            };
            if self.files.insert(id) {
                self.read(&path);
            }
        }
        self.certificates
            .sort_unstable_by(|one, other| one.cmp(other));
        self.certificates.dedup();
    }

    /// The certificates that were read so far.
    pub(super) fn certificates(&self) -> &[CertificateDer<'static>] {
        &self.certificates
    }

    /// The certificates that may sign others, and those that say that they may not. Invalid certificates
    /// are skipped.
    pub(super) fn into_store(self) -> (RootCertStore, Vec<CertificateDer<'static>>) {
        let (end_entities, authorities): (Vec<_>, Vec<_>) = self
            .certificates
            .into_iter()
            .partition(|certificate| certificate_file::is_end_entity(certificate));
        let mut roots = RootCertStore::empty();
        roots
            .add_parsable_certificates(authorities.into_iter().take_while(|_| !memory::is_short()));
        (roots, end_entities)
    }

    fn read(&mut self, path: &Path) {
        if let Some(file) = self.ok_or_note_limit(certificate_file::read(path)) {
            // A store that lacks certificates for want of memory is not used.
            let certificates = certificate_file::certificates(&file).into_iter();
            self.certificates
                .extend(certificates.take_while(|_| !memory::is_short()));
        }
    }

    fn ok_or_note_limit<T>(&mut self, result: io::Result<T>) -> Option<T> {
        self.hit_open_file_limit |= result.as_ref().is_err_and(os::is_open_file_limit);
        result.ok()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::PathBuf;
    use std::sync::atomic::{AtomicU32, Ordering};

    use rustix::io::Errno;

    use super::*;

    /// A folder that is deleted at the end of the test.
    pub(in super::super) struct TempFolder(pub(in super::super) PathBuf);

    impl TempFolder {
        pub(in super::super) fn new() -> TempFolder {
            static NUMBER: AtomicU32 = AtomicU32::new(0);
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let name = format!("ca-certificates-{}-{number}", std::process::id());
            let folder = std::env::temp_dir().join(name);
            fs::create_dir(&folder).unwrap();
            TempFolder(folder)
        }
    }

    impl Drop for TempFolder {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    pub(in super::super) fn certificate() -> String {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]);
        made.unwrap().cert.pem()
    }

    #[test]
    fn each_certificate_is_read_once() {
        let folder = TempFolder::new();
        let at = |name: &str| folder.0.join(name);
        let (one, two, three) = (certificate(), certificate(), certificate());
        fs::write(at("bundle.pem"), format!("{one}{two}")).unwrap();
        fs::write(at("one.pem"), &one).unwrap();
        fs::write(at("three.pem"), &three).unwrap();
        fs::write(at("notes.txt"), "-----BEGIN CERTIFICATE-----\nnone\n").unwrap();
        symlink("three.pem", at("0a1b2c3d.0")).unwrap();
        symlink("gone.pem", at("4e5f6a7b.0")).unwrap();
        fs::create_dir(at("below")).unwrap();
        fs::write(at("below/four.pem"), certificate()).unwrap();

        let mut found = CaCertificates::default();
        found.add_file(&at("bundle.pem"));
        found.add_directory(&folder.0);
        found.add_directory(&at("nowhere"));
        // The bundle, its copy of `one.pem`, `three.pem` or its link, and the notes.
        assert_eq!(found.files.len(), 4);
        assert!(!found.hit_open_file_limit);
        assert_eq!(found.into_store().0.len(), 3);
    }

    #[test]
    fn the_open_file_limit_is_noted() {
        let mut found = CaCertificates::default();
        for (error, is_limit) in [
            (Errno::NOENT, false),
            (Errno::ACCESS, false),
            (Errno::MFILE, true),
        ] {
            assert!(found.ok_or_note_limit::<()>(Err(error.into())).is_none());
            assert_eq!(found.hit_open_file_limit, is_limit);
        }
    }
}
