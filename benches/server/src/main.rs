//! The program: flags in, one line with the base URL on stdout, and then a server until its stdin ends.

mod control;
mod flags;
mod serve;
mod site;
mod tls;
mod wire;

use std::error::Error;
use std::io::Write;
use std::net::TcpListener;
use std::process::ExitCode;
use std::sync::Arc;

use crate::flags::Flags;
use crate::site::Site;

/// How many connections may wait to be accepted; the system may allow fewer.
const BACKLOG: i32 = 4096;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            serve::complain(&*error);
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let flags = Flags::parse(std::env::args_os().skip(1))?;
    let keys = flags.keys.map(std::fs::read).transpose()?;
    let site = Arc::new(Site::new(&flags.masked_phone, flags.edge, keys.as_deref()));
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    // Rust's own 128 are too few for peers that start more threads: the others would try again after a second.
    rustix::net::listen(&listener, BACKLOG)?;
    let port = listener.local_addr()?.port();
    let (config, base_url) = match flags.ca_file {
        Some(file) => (
            Some(tls::config(&file)?),
            format!("https://localhost:{port}"),
        ),
        None => (None, format!("http://127.0.0.1:{port}")),
    };
    serve::start(listener, config, Arc::clone(&site))?;
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{}", serde_json::json!({ "baseUrl": base_url }))?;
    stdout.flush()?;
    control::obey(std::io::stdin().lock(), stdout, &site)?;
    Ok(())
}
