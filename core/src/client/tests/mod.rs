//! Calls through the client, against a server on a real socket.

mod refresh_server;
mod shared_refresh;
