//! Why a token is invalid.

use std::borrow::Cow;

use crate::error::{Error, Reason};

/// What a token is used as.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    Session,
    Refresh,
}

impl TokenKind {
    /// The name of such a token in messages.
    fn name(self) -> &'static str {
        match self {
            TokenKind::Session => "session token",
            TokenKind::Refresh => "refresh token",
        }
    }
}

/// Why a token is invalid.
pub(crate) struct TokenError {
    reason: Reason,
    /// The predicate of a sentence about the token.
    problem: Cow<'static, str>,
}

impl TokenError {
    pub(super) fn new(reason: Reason, problem: impl Into<Cow<'static, str>>) -> TokenError {
        TokenError {
            reason,
            problem: problem.into(),
        }
    }

    pub(super) fn malformed(problem: impl Into<Cow<'static, str>>) -> TokenError {
        TokenError::new(Reason::Malformed, problem)
    }

    pub(crate) fn into_error(self, kind: TokenKind) -> Error {
        Error::token(self.reason, format!("the {} {}", kind.name(), self.problem))
    }
}
