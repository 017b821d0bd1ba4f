//! The benchmark's server: prints its base URL on stdout and serves until stdin is closed.
//!
//! Layers, from the top. A module imports only from layers below its own.
//!
//! - `commands`, `event_loop`, `threads`: the commands on stdin; connections on one thread or on many
//! - `http`: a connection and its requests
//! - `responses`, `transport`, `tls`: prepared responses and counts; sockets; certificates
//! - `arguments`, `errors`: the command line; error messages

mod arguments;
mod commands;
mod errors;
mod event_loop;
mod http;
mod responses;
mod threads;
mod tls;
mod transport;

use std::error::Error;
use std::io::Write;
use std::net::TcpListener;
use std::process::ExitCode;
use std::sync::Arc;

use crate::arguments::Arguments;
use crate::responses::Responses;

/// The listen backlog. The system may allow less.
const BACKLOG: i32 = 4096;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            errors::print_error(&*error);
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse(std::env::args_os().skip(1))?;
    let keys = arguments.keys.map(std::fs::read).transpose()?;
    let responses = Arc::new(Responses::new(
        &arguments.masked_phone,
        arguments.edge,
        keys.as_deref(),
    ));
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    // Rust's backlog of 128 is too small: peers have more threads, and a dropped connection attempt costs a second.
    rustix::net::listen(&listener, BACKLOG)?;
    let port = listener.local_addr()?.port();
    let (config, base_url) = match arguments.ca_file {
        Some(file) => (
            Some(tls::config(&file)?),
            format!("https://localhost:{port}"),
        ),
        None => (None, format!("http://127.0.0.1:{port}")),
    };
    let serve = match arguments.event_loop {
        true => event_loop::serve,
        false => threads::serve,
    };
    serve(listener, config, Arc::clone(&responses))?;
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{}", serde_json::json!({ "baseUrl": base_url }))?;
    stdout.flush()?;
    commands::run(std::io::stdin().lock(), stdout, &responses)?;
    Ok(())
}
