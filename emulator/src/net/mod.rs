//! Connections: the listeners, HTTP and TLS, a latency for all traffic, and connections that can
//! be reset.

mod certificates;
pub(crate) mod connection;
mod latency;
pub(crate) mod listeners;
pub(crate) mod loopback;
pub(crate) mod loopback_client;
pub(crate) mod serve;
pub(crate) mod tls;
mod trust_stores;

use tokio::net::TcpStream;

/// Disables Nagle's algorithm, which would delay small responses. If that fails, the connection still
/// works.
fn set_nodelay(stream: &TcpStream) {
    let _ = stream.set_nodelay(true);
}
