//! Whom TLS trusts: the certificate authorities of the system, of a file, or the bundled ones. A usual set
//! of them takes 90 kB and half a millisecond, so clients of the same ones share them.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use rustls::RootCertStore;

use crate::config::Roots;
use crate::error::Error;
use crate::journal;

use super::authorities::Authorities;

/// How long directories and the system's store, of which nothing says whether they have changed, are
/// taken for the same.
const FRESH: Duration = Duration::from_secs(60);

/// Those of this process.
static LATEST: Latest = Latest(ArcSwapOption::const_empty());

/// Those that were read last, as long as a client has them.
struct Latest(ArcSwapOption<Shared>);

/// Authorities, and where they come from.
struct Shared {
    roots: Roots,
    file: Option<FileState>,
    read_at: Instant,
    store: Weak<RootCertStore>,
}

/// By what a file differs from what it was before.
#[derive(PartialEq, Eq)]
struct FileState {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

/// The authorities that these roots stand for.
///
/// # Errors
///
/// [`Error::Config`] when the file or directory that names them holds none.
pub(super) fn store(roots: &Roots) -> Result<Arc<RootCertStore>, Error> {
    LATEST.store(roots)
}

impl Latest {
    fn store(&self, roots: &Roots) -> Result<Arc<RootCertStore>, Error> {
        // Before it is read: what is written in between is seen by the next client.
        let file = FileState::of(roots);
        let latest = self.0.load();
        let shared = latest.as_ref().filter(|one| one.is_of(roots, &file));
        if let Some(store) = shared.and_then(|one| one.store.upgrade()) {
            return Ok(store);
        }
        let read_at = Instant::now();
        let store = Arc::new(read(roots)?);
        self.0.store(Some(Arc::new(Shared {
            roots: roots.clone(),
            file,
            read_at,
            store: Arc::downgrade(&store),
        })));
        Ok(store)
    }
}

impl Shared {
    fn is_of(&self, roots: &Roots, file: &Option<FileState>) -> bool {
        self.roots == *roots
            && self.file == *file
            && (file.is_some() || *roots == Roots::Bundled || self.read_at.elapsed() < FRESH)
    }
}

impl FileState {
    /// Of the file that the roots are, if they are one and nothing else.
    fn of(roots: &Roots) -> Option<FileState> {
        let Roots::Files {
            file: Some(file),
            dir: None,
            ..
        } = roots
        else {
            return None;
        };
        let metadata = fs::metadata(file).ok()?;
        Some(FileState {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        })
    }
}

fn read(roots: &Roots) -> Result<RootCertStore, Error> {
    match roots {
        Roots::Bundled => Ok(bundled()),
        Roots::Platform => {
            let store = store_of(Authorities::of_system())?;
            Ok(match store.is_empty() {
                true => {
                    journal::bundled_roots();
                    bundled()
                }
                false => store,
            })
        }
        Roots::Files { set_by, file, dir } => {
            let mut found = Authorities::default();
            if let Some(file) = file {
                found.add_file(Path::new(file));
            }
            for dir in dir.iter().flat_map(std::env::split_paths) {
                found.add_directory(&dir);
            }
            let store = store_of(found)?;
            if store.is_empty() {
                let paths = [file, dir].into_iter().flatten();
                // Escaped, so that no message has a control character in it.
                let paths: Vec<_> = paths.map(|path| path.escape_debug().to_string()).collect();
                return Err(Error::config(format!(
                    "`{set_by}` names no readable PEM certificate ({}): check the path and the file",
                    paths.join(", ")
                )));
            }
            Ok(store)
        }
    }
}

/// What was found, unless some of it could not be read only now: a client made without it would never
/// trust it.
fn store_of(found: Authorities) -> Result<RootCertStore, Error> {
    if found.is_short_of_files {
        return Err(Error::config(
            "the trusted certificates could not be read, since there are too many open files: close some, or raise the limit",
        ));
    }
    Ok(found.into_store())
}

fn bundled() -> RootCertStore {
    RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::authorities::tests::{Folder, certificate};
    use super::*;

    fn of_file(file: &Path) -> Roots {
        Roots::Files {
            set_by: "caFile",
            file: Some(file.to_str().unwrap().to_owned()),
            dir: None,
        }
    }

    #[test]
    fn clients_of_the_same_authorities_share_them_while_they_stay_the_same() {
        let latest = Latest(ArcSwapOption::const_empty());
        let folder = Folder::new();
        let file = folder.0.join("authorities.pem");
        let roots = of_file(&file);
        assert!(latest.store(&roots).is_err());

        fs::write(&file, certificate()).unwrap();
        let one = latest.store(&roots).unwrap();
        assert_eq!(one.len(), 1);
        assert!(Arc::ptr_eq(&one, &latest.store(&roots).unwrap()));

        fs::write(&file, certificate() + &certificate()).unwrap();
        let two = latest.store(&roots).unwrap();
        assert_eq!(two.len(), 2);
        assert!(Arc::ptr_eq(&two, &latest.store(&roots).unwrap()));

        // Replaced by one of the same size and age, as programs do that write files safely.
        let modified = fs::metadata(&file).unwrap().modified().unwrap();
        let other = folder.0.join("other.pem");
        fs::copy(&file, &other).unwrap();
        let opened = fs::File::options().write(true).open(&other).unwrap();
        opened.set_modified(modified).unwrap();
        fs::rename(&other, &file).unwrap();
        let three = latest.store(&roots).unwrap();
        assert!(!Arc::ptr_eq(&two, &three));

        let bundled = latest.store(&Roots::Bundled).unwrap();
        assert!(bundled.len() > 100);
        assert!(Arc::ptr_eq(
            &bundled,
            &latest.store(&Roots::Bundled).unwrap()
        ));

        fs::remove_file(&file).unwrap();
        assert!(latest.store(&roots).is_err());
    }

    #[test]
    fn what_says_nothing_of_its_changes_is_read_again_after_a_while() {
        let shared = |read_at| Shared {
            roots: Roots::Platform,
            file: None,
            read_at,
            store: Weak::new(),
        };
        let now = Instant::now();
        assert!(shared(now).is_of(&Roots::Platform, &None));
        assert!(!shared(now).is_of(&Roots::Bundled, &None));
        let before = now.checked_sub(FRESH).unwrap();
        assert!(!shared(before).is_of(&Roots::Platform, &None));
    }
}
