//! The seed file: a JSON array of the users who exist when the emulator starts.

use std::path::Path;

use crate::domain::user::User;
use crate::domain::users::Users;
use crate::error::Error;

/// Reads a seed file. `now` is in seconds since 1970.
pub(super) fn read_seed_file(path: &Path, now: u64) -> Result<Users, Error> {
    let invalid = |problem: String| Error::Seed {
        path: path.display().to_string(),
        problem,
    };
    let text = std::fs::read_to_string(path).map_err(|e| invalid(e.to_string()))?;
    let users: Vec<User> = serde_json::from_str(&text).map_err(|e| {
        invalid(format!(
            r#"{e}: it must contain a list of users, such as [{{"loginId": "+14155550123"}}]"#
        ))
    })?;
    Users::new(users, now).map_err(invalid)
}
