//! Calls through the client, against a server on a real socket.

mod key_requests;
mod refresh_calls;
mod refresh_server;
mod shared_refresh;
mod shared_refresh_ends;
