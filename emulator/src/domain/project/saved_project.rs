//! A project in the form that the state file has: its identity and its whole state, with private keys.

use serde::{Deserialize, Serialize};

use super::{Project, ProjectConfig, State};

/// The version of the format. A change that older files do not fit needs a new one.
const VERSION: u64 = 1;

/// A project that was saved.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SavedProject {
    #[serde(rename = "version")]
    _version: u64,
    pub(crate) project_id: String,
    pub(crate) management_key: String,
    state: State,
}

/// The same, but borrowed.
#[derive(Serialize)]
struct ProjectToSave<'a> {
    version: u64,
    project_id: &'a str,
    management_key: &'a str,
    state: &'a State,
}

/// The part that all versions of the format have.
#[derive(Deserialize)]
struct Header {
    version: u64,
}

impl SavedProject {
    /// Parses what [`Project::save`] returned. An error shows nothing of the text, which has secrets.
    pub(crate) fn parse(text: &str) -> Result<SavedProject, String> {
        let invalid = |e: serde_json::Error| {
            format!(
                "it is damaged, or not a state file of the emulator (line {}, column {}): repair or remove it",
                e.line(),
                e.column()
            )
        };
        let header: Header = serde_json::from_str(text).map_err(invalid)?;
        match header.version {
            VERSION => serde_json::from_str(text).map_err(invalid),
            other => Err(format!(
                "its format has version {other}, but this emulator reads version {VERSION}: remove it, or use the emulator that wrote it"
            )),
        }
    }
}

impl Project {
    /// Continues a saved project. Of the configuration, the users, the settings and the clock apply only after a
    /// reset.
    pub(crate) fn resume(config: ProjectConfig, saved: SavedProject) -> Project {
        let mut state = saved.state;
        state.landing_url.clone_from(&config.landing_url);
        Project::with_state(config, state)
    }

    /// The version of the state, which grows with each change. It is never 0.
    pub(crate) fn version(&self) -> u64 {
        self.lock().version()
    }

    /// The project as text, with the version of its state.
    pub(crate) fn save(&self) -> std::io::Result<(String, u64)> {
        let state = self.lock();
        let saved = serde_json::to_string(&ProjectToSave {
            version: VERSION,
            project_id: &self.config.id,
            management_key: &self.config.management_key,
            state: &state,
        });
        Ok((saved?, state.version()))
    }
}
