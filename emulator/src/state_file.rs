//! The state file: keeps the project of an emulator, so that the next one continues it.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tempfile::Builder;

use crate::domain::project::{Project, SavedProject};
use crate::error::Error;

/// The file, and what it has.
pub(crate) struct StateFile {
    path: PathBuf,
    /// The version of the project's state that the file has; 0 if none was written yet.
    saved_version: Mutex<u64>,
}

impl StateFile {
    pub(crate) fn new(path: PathBuf) -> StateFile {
        StateFile {
            path,
            saved_version: Mutex::new(0),
        }
    }

    /// The saved project of this ID. `None` if there is no file yet.
    pub(crate) fn load(&self, project_id: &str) -> Result<Option<SavedProject>, Error> {
        let saved = match std::fs::read_to_string(&self.path) {
            Ok(text) => SavedProject::parse(&text),
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            Err(e) => Err(e.to_string()),
        };
        match saved {
            Ok(saved) if saved.project_id == project_id => Ok(Some(saved)),
            Ok(saved) => Err(self.error(format!(
                "it is of the project {}: use --project-id {0}, or another file",
                saved.project_id
            ))),
            Err(problem) => Err(self.error(problem)),
        }
    }

    /// Writes the project if it has changed since the last time. When this returns, the file has at least what
    /// the project had when this was called. An end of the process at any time leaves a whole file.
    pub(crate) fn save(&self, project: &Project) -> Result<(), Error> {
        let mut saved_version = self
            .saved_version
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if project.version() == *saved_version {
            return Ok(());
        }
        let (text, version) = project.save().map_err(|e| self.cannot_write(e))?;
        self.replace(&text).map_err(|e| self.cannot_write(e))?;
        *saved_version = version;
        Ok(())
    }

    /// Replaces the file. Only its owner can read the new one.
    fn replace(&self, text: &str) -> std::io::Result<()> {
        let parent = self.path.parent().unwrap_or(Path::new(""));
        let folder = match parent.as_os_str().is_empty() {
            true => Path::new("."),
            false => parent,
        };
        // A process that is killed leaves this file behind.
        let mut file = Builder::new()
            .prefix(".emulator-state-")
            .tempfile_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.persist(&self.path)?;
        Ok(())
    }

    fn cannot_write(&self, error: std::io::Error) -> Error {
        let path = self.path.display();
        let problem = format!("cannot write the state file {path}: {error}");
        Error::Io(std::io::Error::new(error.kind(), problem))
    }

    fn error(&self, problem: String) -> Error {
        Error::File {
            kind: "state",
            path: self.path.display().to_string(),
            problem,
        }
    }
}
