//! Project IDs, and the region that some of them contain.

/// IDs of at least this length contain their region.
const REGIONAL_LENGTH: usize = 32;

/// The longest valid ID.
const MAX_LENGTH: usize = 128;

/// A project ID that is safe in a header, a path and a bearer. It is not a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProjectId(String);

impl ProjectId {
    /// Validates an ID.
    ///
    /// # Errors
    ///
    /// What is wrong, as the predicate of a sentence.
    pub(crate) fn parse(id: &str) -> Result<ProjectId, &'static str> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if id.is_empty() || id.len() > MAX_LENGTH || !id.bytes().all(is_allowed) {
            return Err(
                "must be 1 to 128 letters, digits, `-` or `_`: copy it from the Descope console",
            );
        }
        Ok(ProjectId(id.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The URL of the API for this project: that of its region, if the ID contains one.
    pub(crate) fn api_url(&self) -> String {
        match self.0.get(1..5) {
            Some(region) if self.0.len() >= REGIONAL_LENGTH => {
                format!("https://api.{region}.descope.com")
            }
            _ => "https://api.descope.com".to_owned(),
        }
    }
}
