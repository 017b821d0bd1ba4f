//! The client that the C, C++ and Python libraries share: Descope magic links over HTTP.
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
//!
//! Layers, from the top. A module imports only from layers below its own; `make lint` checks it.
//!
//! - `fuzzing`: what the fuzz targets need
//! - `client`: settings, projects, the default client; runs a call and waits for it
//! - `requests`, `responses`: the typed requests and responses of the Rust API
//! - `call`: one call without I/O: its request, what the response means, retries
//! - `table`: the operations as public data, for generators of bindings
//! - `operations`: what can be called, as data: names, schemas, endpoints
//! - `http`: HTTP/1.1 without I/O
//! - `jwt`: tokens, public keys, without I/O
//! - `net`: DNS, sockets, proxies, TLS, the connection pool
//! - `config`: from configuration and environment to settings
//! - `json`: schemas, typed parsing, JSON pointers
//! - `base64`: decoding
//! - `logging`, `events`: log records, and the events of calls
//! - `handlers`: what log and event handlers have in common
//! - `error`: the error type
//! - `status`: status codes
//! - `memory`: whether memory has run out
//! - `os`, `random`: what differs between systems (processes, threads, sockets, files, a clock); random numbers

mod base64;
mod call;
mod client;
mod config;
mod error;
mod events;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod handlers;
mod http;
pub mod json;
mod jwt;
mod logging;
pub mod memory;
mod net;
mod operations;
mod os;
mod random;
mod requests;
mod responses;
mod status;
#[cfg(feature = "table")]
#[doc(hidden)]
pub mod table;

pub use client::cleanup::cleanup;
pub use client::{Client, Completion, Next, Queue, default_client};
pub use config::{Config, TlsRoots};
pub use error::{Error, ErrorDetails, Reason};
pub use events::{CallEvent, Phases, RequestEvent, remove_event_handler, set_event_handler};
pub use logging::{LOG_TARGET, remove_log_handler, set_log_handler};
pub use net::{block_network, with_test_time};
pub use os::{Readiness, is_library_thread, stay_loaded};
pub use requests::{
    AccessKeyLoginOptions, CreateUserRequest, DeleteUserRequest, EmbeddedLinkRequest,
    ExchangeAccessKeyRequest, GenerateMagicLinkRequest, HistoryRequest, LoginOptions,
    LogoutRequest, MatchRequest, MeRequest, RefreshRequest, SelectTenantRequest, SignInRequest,
    SignUpEmbeddedLinkRequest, SignUpOptions, SignUpRequest, TenantsRequest, UpdateEmailRequest,
    UpdatePhoneRequest, User, ValidateRemoteRequest, ValidateRequest, VerifyRequest,
};
pub use responses::{LinkSent, MatchResult, Session, SignedIn};
pub use status::{Outcome, Status};

/// The version of the library, e.g. `0.1.0`.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
