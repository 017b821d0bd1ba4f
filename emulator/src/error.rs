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
    /// An invalid seed file.
    #[error("invalid seed file {path}: {problem}")]
    Seed {
        /// The path of the file.
        path: String,
        /// What is wrong with it, and where.
        problem: String,
    },
    /// A key, certificate or signature could not be made.
    #[error("cannot create keys or certificates: {0}")]
    Keys(String),
}
