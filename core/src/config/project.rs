//! Project IDs: what they may hold, and the region that the longer ones carry.

/// From this length on, an ID carries its region.
const REGIONAL_LENGTH: usize = 32;

/// The longest ID that is taken for one.
const MAX_LENGTH: usize = 128;

/// A project ID that can stand in a header, a path and a bearer. Not a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProjectId(String);

impl ProjectId {
    /// Checks an ID; the error is a sentence.
    pub(crate) fn parse(id: &str) -> Result<ProjectId, &'static str> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if id.is_empty() {
            return Err("`projectId` is empty: copy it from the Descope console");
        }
        if !id.bytes().all(plain) || id.len() > MAX_LENGTH {
            return Err(
                "`projectId` may hold only letters, digits, `-` and `_`, up to 128 of them: copy it from the Descope console",
            );
        }
        Ok(ProjectId(id.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The API's address for this project: by its region, where the ID carries one.
    pub(crate) fn api_url(&self) -> String {
        match self.0.get(1..5) {
            Some(region) if self.0.len() >= REGIONAL_LENGTH => {
                format!("https://api.{region}.descope.com")
            }
            _ => "https://api.descope.com".to_owned(),
        }
    }
}
