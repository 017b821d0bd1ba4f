//! A local Descope: a real HTTP server that plays the service for magic links, so that programs and
//! tests need no account, network or phone.
//!
//! What the service does is taken from its published OpenAPI document, its documentation and the behavior
//! of its SDKs. Where none of them says, the emulator chooses, and a comment says so. The emulator listens
//! on 127.0.0.1 and `::1` only, unless it is told otherwise.
//!
//! Layers, from the top. A module imports only from layers below its own.
//!
//! - `server`: starts and stops an emulator; turns options into a project
//! - `control`, `inbox`: the control routes for tests; the pages for people
//! - `traffic`: the request log, the faults and CORS around the API; which pages may use the other routes
//! - `api`: the routes of the service; parses requests and renders responses
//! - `state_file`: keeps the state of the project in a file
//! - `net`, `options`: listeners, TLS, latency and connections; the command line
//! - `domain`: Descope's rules, without HTTP
//! - `error`: why an emulator cannot start

mod api;
mod control;
mod domain;
mod error;
mod inbox;
mod net;
mod options;
mod server;
mod state_file;
mod traffic;

pub use domain::messages::Message;
pub use domain::signing_key::Algorithm;
pub use error::Error;
pub use options::{Options, TokenResponseMethod};
pub use server::Emulator;
