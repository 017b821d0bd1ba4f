//! Certificate authorities as OpenSSL keeps them: in a file, and in directories of files. A system has most of
//! them in both, and several times.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::io::Errno;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

use super::pem;

/// What has been read so far.
#[derive(Default)]
pub(super) struct Authorities {
    certificates: Vec<CertificateDer<'static>>,
    /// The files, by device and number: links to what has been read already are passed over.
    files: HashSet<(u64, u64)>,
    /// Whether something could not be read only now, since too many files are open.
    pub(super) is_short_of_files: bool,
}

impl Authorities {
    /// Those of the system.
    #[cfg(not(target_os = "macos"))]
    pub(super) fn of_system() -> Authorities {
        let places = openssl_probe::probe();
        let mut found = Authorities::default();
        if let Some(file) = places.cert_file {
            found.add_file(&file);
        }
        for directory in places.cert_dir {
            found.add_directory(&directory);
        }
        found
    }

    /// Those of the system.
    #[cfg(target_os = "macos")]
    pub(super) fn of_system() -> Authorities {
        Authorities {
            certificates: rustls_native_certs::load_native_certs().certs,
            ..Authorities::default()
        }
    }

    /// Adds those of a file; one that cannot be read has none.
    pub(super) fn add_file(&mut self, path: &Path) {
        if let Ok(metadata) = fs::metadata(path) {
            self.files.insert((metadata.dev(), metadata.ino()));
        }
        self.read(path);
    }

    /// Adds those of the files in a directory, each once, also where another file has it too.
    pub(super) fn add_directory(&mut self, path: &Path) {
        let Some(entries) = self.got(fs::read_dir(path)) else {
            return;
        };
        for entry in entries {
            let Some(entry) = self.got(entry) else {
                continue;
            };
            let path = entry.path();
            // Of what a link leads to.
            let Some(metadata) = self.got(fs::metadata(&path)) else {
                continue;
            };
            if metadata.is_file() && self.files.insert((metadata.dev(), metadata.ino())) {
                self.read(&path);
            }
        }
        self.certificates
            .sort_unstable_by(|one, other| one.cmp(other));
        self.certificates.dedup();
    }

    /// All but what no authority can be made of.
    pub(super) fn into_store(self) -> RootCertStore {
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(self.certificates);
        store
    }

    fn read(&mut self, path: &Path) {
        if let Some(file) = self.got(fs::read(path)) {
            self.certificates.extend(pem::certificates(&file));
        }
    }

    fn got<T>(&mut self, result: io::Result<T>) -> Option<T> {
        let found = |error: &io::Error| Errno::from_io_error(error);
        let error = result.as_ref().err().and_then(found);
        self.is_short_of_files |= matches!(error, Some(Errno::MFILE | Errno::NFILE));
        result.ok()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::os::unix::fs::symlink;
    use std::path::PathBuf;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    /// A folder that goes with the test.
    pub(in super::super) struct Folder(pub(in super::super) PathBuf);

    impl Folder {
        pub(in super::super) fn new() -> Folder {
            static NUMBER: AtomicU32 = AtomicU32::new(0);
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let name = format!("authorities-{}-{number}", std::process::id());
            let folder = std::env::temp_dir().join(name);
            fs::create_dir(&folder).unwrap();
            Folder(folder)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    pub(in super::super) fn certificate() -> String {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]);
        made.unwrap().cert.pem()
    }

    #[test]
    fn each_authority_is_found_once_wherever_it_is() {
        let folder = Folder::new();
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

        let mut found = Authorities::default();
        found.add_file(&at("bundle.pem"));
        found.add_directory(&folder.0);
        found.add_directory(&at("nowhere"));
        // The bundle, its copy of `one.pem`, `three.pem` or its link, and the notes.
        assert_eq!(found.files.len(), 4);
        assert!(!found.is_short_of_files);
        assert_eq!(found.into_store().len(), 3);
    }

    #[test]
    fn a_shortage_of_files_is_told_from_what_is_not_there() {
        let mut found = Authorities::default();
        for (error, is_shortage) in [
            (Errno::NOENT, false),
            (Errno::ACCESS, false),
            (Errno::MFILE, true),
        ] {
            assert!(found.got::<()>(Err(error.into())).is_none());
            assert_eq!(found.is_short_of_files, is_shortage);
        }
    }
}
