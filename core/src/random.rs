//! Whether the system provides random numbers: TLS and hash tables need some. A sandbox or a container may have
//! neither `getrandom` nor `/dev/urandom`.

use ring::rand::{SecureRandom, SystemRandom};

/// What is wrong if not.
pub(crate) const NO_RANDOM_NUMBERS: &str = "the system provides no random numbers: allow `getrandom` or provide /dev/urandom and /dev/random in the sandbox or container of this process";

/// Whether there are random numbers.
pub(crate) fn is_available() -> bool {
    SystemRandom::new().fill(&mut [0; 8]).is_ok()
}
