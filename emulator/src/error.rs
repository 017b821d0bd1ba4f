//! Why an emulator cannot start or make keys.

/// The reason, in one sentence.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An operating system error, for example a port in use or a file that cannot be written.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// An invalid option.
    #[error("{0}")]
    Option(String),
    /// A file that cannot be read, or is invalid.
    #[error("invalid {kind} file {path}: {problem}")]
    File {
        /// `seed`, `settings` or `state`.
        kind: &'static str,
        /// The path of the file.
        path: String,
        /// What is wrong with it, and where.
        problem: String,
    },
    /// A key, certificate or signature could not be made.
    #[error("cannot create keys or certificates: {0}")]
    Keys(String),
}
