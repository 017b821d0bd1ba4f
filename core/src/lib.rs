//! The client that all faces of libdescope_ml share: Descope magic links over HTTP.
//!
//! A request flows one way and back: document or typed request, [`Client`], transport, answer or
//! [`Error`]. Nothing in here knows of C or Python.
//!
//! ```no_run
//! use descope_ml_core::{Client, Config, SignInRequest};
//!
//! # fn main() -> Result<(), descope_ml_core::Error> {
//! let client = Client::new(Config::new().project_id("P2abc"))?;
//! let request = SignInRequest::new("+14155550123").redirect_url("https://app.example.com/verify");
//! println!("sent to {}", client.sign_in_sms(&request)?.masked_address());
//! # Ok(())
//! # }
//! ```

mod answer;
mod background;
mod bearer;
mod client;
mod config;
mod decoding;
mod destination;
pub mod document;
mod error;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod journal;
mod magiclink;
mod operation;
pub mod process;
mod retry;
mod session;
mod setters;
mod status;
mod sys;
mod test_users;
mod token;
mod transport;
mod typed;

pub use client::Client;
pub use config::{Config, TlsRoots};
pub use error::{Error, Failure, Reason, Refusal};
pub use journal::LOG_TARGET;
pub use magiclink::{
    LinkSent, LoginOptions, SignInRequest, SignUpOptions, SignUpRequest, UpdateEmailRequest,
    UpdatePhoneRequest, User, VerifyRequest,
};
pub use session::{
    Granted, HistoryRequest, LogoutRequest, MatchRequest, MeRequest, RefreshRequest,
    SelectTenantRequest, Session, SignedIn, ValidateRemoteRequest, ValidateRequest,
};
pub use status::{Outcome, Status};
pub use test_users::{CreateUserRequest, GenerateMagicLinkRequest};

/// The version of the library, e.g. `0.1.0`.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The `User-Agent` header, unless the configuration has another.
const USER_AGENT: &str = concat!("libdescope_ml/", env!("CARGO_PKG_VERSION"));
