//! The files that options name: initial users and settings.

use std::path::Path;

use serde::de::DeserializeOwned;

use crate::domain::settings::Settings;
use crate::domain::user::User;
use crate::error::Error;

/// Reads a seed file: a list of the users who exist when the emulator starts.
pub(super) fn read_seed_file(path: &Path) -> Result<Vec<User>, Error> {
    let hint = r#"it must contain a list of users, such as [{"loginId": "+14155550123"}]"#;
    read_json("seed", path, hint)
}

/// Reads a settings file. Settings that it does not have keep their defaults.
pub(super) fn read_settings_file(path: &Path) -> Result<Settings, Error> {
    let hint = r#"it must contain settings, such as {"project_settings": {"refresh_token_rotation": true}}"#;
    let patch = read_json("settings", path, hint)?;
    let settings = Settings::default().apply(patch);
    settings.map_err(|problem| invalid("settings", path, problem))
}

/// The error for an invalid file.
pub(super) fn invalid(kind: &'static str, path: &Path, problem: String) -> Error {
    Error::File {
        kind,
        path: path.display().to_string(),
        problem,
    }
}

fn read_json<T: DeserializeOwned>(kind: &'static str, path: &Path, hint: &str) -> Result<T, Error> {
    let text = std::fs::read_to_string(path).map_err(|e| invalid(kind, path, e.to_string()))?;
    serde_json::from_str(&text).map_err(|e| invalid(kind, path, format!("{e}: {hint}")))
}
