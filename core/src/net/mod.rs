//! The network: DNS, sockets, proxies, TLS, and the pool of open connections. All waits end at the
//! deadline of the call.

#[cfg(feature = "fuzzing")]
mod any_socket;
mod attempt_context;
mod ca_certificates;
mod call_context;
mod call_error;
mod certificate_file;
mod certificate_verifier;
mod connection;
mod connection_limit;
mod connector;
mod dns;
mod happy_eyeballs;
mod http_proxy;
mod idle_connections;
mod interrupt;
mod network_block;
mod origin;
mod parker;
mod pem;
mod poller;
mod pool;
mod process_pool;
mod proxy_error;
#[cfg(feature = "fuzzing")]
mod simulation;
mod socket;
mod socks;
mod stream;
mod system_certificates;
mod tcp_socket;
mod test_clock;
#[cfg(test)]
pub(crate) mod testing;
mod tls;
mod tls_config;
mod tls_error;
mod transport_error;
mod trust_store;
mod waiter;
mod watched_stream;

pub(crate) use attempt_context::{AttemptContext, Step};
pub(crate) use call_context::{CallContext, Progress};
pub(crate) use connection::{Connection, MAX_INPUT};
pub(crate) use interrupt::{Interrupt, InterruptCheck, SignalInterrupt};
pub use network_block::block_network;
pub(crate) use poller::{Poller, Wait};
pub(crate) use pool::ConnectionPool;
pub(crate) use process_pool::{ProcessPool, Reuse};
#[cfg(feature = "fuzzing")]
pub use simulation::Traffic;
#[cfg(feature = "fuzzing")]
pub(crate) use simulation::{SimulatedWaiter, Simulation};
pub use test_clock::with_test_time;
pub(crate) use transport_error::TransportError;
pub(crate) use trust_store::forget as forget_trust_store;
pub(crate) use waiter::{Driver, QueueWaiter, Waiter};
