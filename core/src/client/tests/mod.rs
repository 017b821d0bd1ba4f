//! Calls through the client, against a server on a real socket.

mod key_requests;
mod refresh_calls;
mod refresh_server;
mod scripted_server;
mod shared_refresh;
mod shared_refresh_ends;
mod shared_refresh_late;
