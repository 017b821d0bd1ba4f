//! Why an emulator could not be started.

/// What went wrong, in a sentence.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The system refused: a port in use, a file that cannot be written.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// An option that cannot work.
    #[error("{0}")]
    Option(String),
    /// The seed file.
    #[error("the seed file {path}: {problem}")]
    Seed {
        /// Which file.
        path: String,
        /// What is wrong with it, and where.
        problem: String,
    },
    /// Keys or certificates could not be made.
    #[error("no keys could be made: {0}")]
    Keys(String),
}
