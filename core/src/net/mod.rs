//! The network: DNS, sockets, proxies, TLS, and the pool of open connections. All waits end at the
//! deadline of the call.

mod attempt_context;
mod ca_certificates;
mod call_error;
mod connection;
mod connector;
mod dns;
mod http_proxy;
mod idle_connections;
mod origin;
mod pem;
mod pool;
mod process_pool;
mod socket;
mod tls;
mod tls_config;
mod tls_error;
mod transport_error;
mod trust_store;

pub(crate) use attempt_context::AttemptContext;
pub(crate) use connection::{Connection, MAX_INPUT};
pub(crate) use pool::ConnectionPool;
pub(crate) use transport_error::TransportError;
