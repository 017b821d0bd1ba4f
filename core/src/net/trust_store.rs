//! The trust store: the certificate authorities of the system, of a file, or the bundled ones. A usual store
//! takes 90 kB and half a millisecond, so clients with the same source share one.

use std::io;
use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use ring::digest::{SHA256, digest};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

use crate::config::TrustAnchors;
use crate::error::Error;
use crate::logging::{self, Log};
use crate::os::FileFingerprint;

use super::ca_certificates::CaCertificates;
use super::certificate_file;
use super::system_certificates;

/// How long directories and the system's store count as unchanged. Nothing reveals whether they have
/// changed.
const RECHECK_AFTER: Duration = Duration::from_secs(60);

/// The cache of this process.
static CACHE: TrustStoreCache = TrustStoreCache(ArcSwapOption::const_empty());

/// The last store that was loaded, as long as a client uses it.
struct TrustStoreCache(ArcSwapOption<CachedStore>);

/// A store, and where it comes from.
struct CachedStore {
    anchors: TrustAnchors,
    fingerprint: Option<FileFingerprint>,
    read_at: Instant,
    store: Weak<TrustStore>,
}

/// The certificates that clients trust.
#[derive(Debug)]
pub(super) struct TrustStore {
    /// Certificate authorities.
    roots: Arc<RootCertStore>,
    /// SHA-256 digests of certificates that are trusted for themselves: those of a configured file, and
    /// all that are not those of a certificate authority.
    certificates: Vec<[u8; 32]>,
}

impl TrustStore {
    /// Fails if a certificate could not be read for now: a client without it would never trust it.
    fn new(found: CaCertificates, configured: Vec<[u8; 32]>) -> Result<TrustStore, Error> {
        if found.hit_open_file_limit {
            return Err(Error::config(
                "could not read the CA certificates because too many files are open: raise the limit",
            ));
        }
        let (roots, end_entities) = found.into_store();
        let mut certificates = configured;
        certificates.extend(end_entities.iter().map(fingerprint));
        Ok(TrustStore {
            roots: Arc::new(roots),
            certificates,
        })
    }

    fn bundled() -> TrustStore {
        TrustStore {
            roots: Arc::new(RootCertStore {
                roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
            }),
            certificates: Vec::new(),
        }
    }

    fn is_empty(&self) -> bool {
        self.roots.is_empty() && self.certificates.is_empty()
    }

    pub(super) fn roots(&self) -> &Arc<RootCertStore> {
        &self.roots
    }

    /// Whether a configured file has this very certificate.
    pub(super) fn has_certificate(&self, certificate: &CertificateDer<'_>) -> bool {
        self.certificates.contains(&fingerprint(certificate))
    }
}

fn fingerprint(certificate: &CertificateDer<'_>) -> [u8; 32] {
    let mut fingerprint = [0; 32];
    fingerprint.copy_from_slice(digest(&SHA256, certificate).as_ref());
    fingerprint
}

/// Loads the certificate authorities.
///
/// # Errors
///
/// [`Error::Config`] if a configured file or directory contains none.
pub(super) fn load(anchors: &TrustAnchors) -> Result<Arc<TrustStore>, Error> {
    CACHE.load(anchors)
}

/// Empties the cache.
pub(crate) fn forget() {
    CACHE.0.store(None);
}

impl TrustStoreCache {
    fn load(&self, anchors: &TrustAnchors) -> Result<Arc<TrustStore>, Error> {
        // Taken before the file is read, so that the next client notices a change in between.
        let fingerprint = file_fingerprint(anchors);
        let cached = self.0.load();
        let cached = cached.as_ref();
        let cached = cached.filter(|cached| cached.matches(anchors, &fingerprint));
        if let Some(store) = cached.and_then(|cached| cached.store.upgrade()) {
            return Ok(store);
        }
        let read_at = Instant::now();
        let store = Arc::new(read(anchors)?);
        Error::check_memory()?;
        self.0.store(Some(Arc::new(CachedStore {
            anchors: anchors.clone(),
            fingerprint,
            read_at,
            store: Arc::downgrade(&store),
        })));
        Ok(store)
    }
}

impl CachedStore {
    fn matches(&self, anchors: &TrustAnchors, fingerprint: &Option<FileFingerprint>) -> bool {
        self.anchors == *anchors
            && self.fingerprint == *fingerprint
            && (fingerprint.is_some()
                || *anchors == TrustAnchors::Bundled
                || self.read_at.elapsed() < RECHECK_AFTER)
    }
}

/// The fingerprint of the file from which the anchors come. `None` unless they come from a single one.
fn file_fingerprint(anchors: &TrustAnchors) -> Option<FileFingerprint> {
    match anchors {
        TrustAnchors::Files {
            file: Some(file),
            directories: None,
            ..
        } => FileFingerprint::of(Path::new(file)).ok(),
        _ => None,
    }
}

fn read(anchors: &TrustAnchors) -> Result<TrustStore, Error> {
    match anchors {
        TrustAnchors::Bundled => Ok(TrustStore::bundled()),
        TrustAnchors::Platform => {
            let store = TrustStore::new(system_certificates::read(), Vec::new())?;
            if store.is_empty() {
                logging::log_bundled_roots(Log::of_process());
                return Ok(TrustStore::bundled());
            }
            Ok(store)
        }
        TrustAnchors::Files {
            source,
            file,
            directories,
        } => {
            let mut found = CaCertificates::default();
            if let Some(file) = file {
                found.add_file(Path::new(file));
            }
            let configured = found.certificates().iter().map(fingerprint).collect();
            for directory in directories.iter().flat_map(std::env::split_paths) {
                found.add_directory(&directory);
            }
            let store = TrustStore::new(found, configured)?;
            if store.is_empty() {
                return Err(no_certificate(
                    source,
                    file.as_deref(),
                    directories.as_deref(),
                ));
            }
            Ok(store)
        }
    }
}

/// The error for files without a certificate. It says what they have instead.
fn no_certificate(source: &str, file: Option<&str>, directories: Option<&str>) -> Error {
    let paths = [file, directories].into_iter().flatten();
    // Escaped, so that the message contains no control characters.
    let paths: Vec<_> = paths.map(|path| path.escape_debug().to_string()).collect();
    let problem = match (
        file.map(|file| certificate_file::read(Path::new(file))),
        directories,
    ) {
        (Some(Ok(content)), None) => certificate_file::describe(&content).to_owned(),
        (Some(Err(error)), None) => match error.raw_os_error() {
            Some(_) => format!("it cannot be read ({error})"),
            None if error.kind() == io::ErrorKind::InvalidInput => {
                "the path contains a NUL character".to_owned()
            }
            None => error.to_string(),
        },
        _ => "check the path and the files".to_owned(),
    };
    Error::config(format!(
        "`{source}` contains no readable certificate ({}): {problem}",
        paths.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::ca_certificates::tests::{TempFolder, certificate};
    use super::*;
    use crate::status::Status;

    fn anchors_in(file: &Path) -> TrustAnchors {
        TrustAnchors::Files {
            source: "caFile",
            file: Some(file.to_str().unwrap().to_owned()),
            directories: None,
        }
    }

    #[test]
    fn clients_with_the_same_file_share_a_store_until_the_file_changes() {
        let cache = TrustStoreCache(ArcSwapOption::const_empty());
        let folder = TempFolder::new();
        let file = folder.0.join("authorities.pem");
        let anchors = anchors_in(&file);
        assert!(cache.load(&anchors).is_err());

        fs::write(&file, certificate()).unwrap();
        let one = cache.load(&anchors).unwrap();
        assert_eq!(one.roots().len(), 1);
        assert!(Arc::ptr_eq(&one, &cache.load(&anchors).unwrap()));

        fs::write(&file, certificate() + &certificate()).unwrap();
        let two = cache.load(&anchors).unwrap();
        assert_eq!(two.roots().len(), 2);
        assert!(Arc::ptr_eq(&two, &cache.load(&anchors).unwrap()));

        // Replaced by a file of the same size and age, as programs do that write files atomically.
        let modified = fs::metadata(&file).unwrap().modified().unwrap();
        let other = folder.0.join("other.pem");
        fs::copy(&file, &other).unwrap();
        let opened = fs::File::options().write(true).open(&other).unwrap();
        opened.set_modified(modified).unwrap();
        fs::rename(&other, &file).unwrap();
        let three = cache.load(&anchors).unwrap();
        assert!(!Arc::ptr_eq(&two, &three));

        let bundled = cache.load(&TrustAnchors::Bundled).unwrap();
        assert!(bundled.roots().len() > 100);
        assert!(Arc::ptr_eq(
            &bundled,
            &cache.load(&TrustAnchors::Bundled).unwrap()
        ));

        fs::remove_file(&file).unwrap();
        assert!(cache.load(&anchors).is_err());
    }

    #[test]
    fn only_regular_files_of_a_limited_size_are_read() {
        let folder = TempFolder::new();
        let fifo = folder.0.join("fifo");
        let made = std::process::Command::new("mkfifo").arg(&fifo).status();
        assert!(made.unwrap().success());
        let large = folder.0.join("large.pem");
        let file = fs::File::create(&large).unwrap();
        file.set_len((16 << 20) + 1).unwrap();
        for (path, problem) in [
            (fifo.as_path(), "it is not a regular file"),
            (Path::new("/dev/zero"), "it is not a regular file"),
            (Path::new("/dev/null"), "it is not a regular file"),
            (folder.0.as_path(), "it is a directory, not a file"),
            (large.as_path(), "it has more than 16 MiB"),
        ] {
            let error = read(&anchors_in(path)).err().unwrap();
            assert_eq!(error.status(), Status::Config);
            let message = error.to_string();
            assert!(
                message.starts_with("`caFile` contains no readable"),
                "{message}"
            );
            assert!(message.contains(problem), "{message}");
        }
        // Other files of the folder are read.
        let file = folder.0.join("authority.pem");
        fs::write(&file, certificate()).unwrap();
        let anchors = TrustAnchors::Files {
            source: "SSL_CERT_DIR",
            file: None,
            directories: Some(folder.0.to_str().unwrap().to_owned()),
        };
        assert_eq!(read(&anchors).unwrap().roots().len(), 1);
    }

    #[test]
    fn the_store_of_the_system_is_read_again_after_a_minute() {
        let cached = |read_at| CachedStore {
            anchors: TrustAnchors::Platform,
            fingerprint: None,
            read_at,
            store: Weak::new(),
        };
        let now = Instant::now();
        assert!(cached(now).matches(&TrustAnchors::Platform, &None));
        assert!(!cached(now).matches(&TrustAnchors::Bundled, &None));
        let before = now.checked_sub(RECHECK_AFTER).unwrap();
        assert!(!cached(before).matches(&TrustAnchors::Platform, &None));
    }
}
