//! One thread for each connection.

use std::io;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::Builder;

use rustls::ServerConfig;

use crate::errors::print_error;
use crate::http::{Connection, is_disconnect};
use crate::responses::Responses;

const STACK_SIZE: usize = 256 * 1024;

/// Starts a thread that accepts connections.
pub(crate) fn serve(
    listener: TcpListener,
    config: Option<Arc<ServerConfig>>,
    responses: Arc<Responses>,
) -> io::Result<()> {
    Builder::new().spawn(move || {
        for socket in listener.incoming() {
            let accepted = socket.and_then(|socket| {
                let (config, responses) = (config.clone(), Arc::clone(&responses));
                Builder::new()
                    .stack_size(STACK_SIZE)
                    .spawn(move || serve_socket(socket, config, &responses))
            });
            if let Err(error) = accepted {
                print_error(&error);
            }
        }
    })?;
    Ok(())
}

fn serve_socket(socket: TcpStream, config: Option<Arc<ServerConfig>>, responses: &Responses) {
    responses.count_connection();
    let ended = Connection::new(socket, config)
        .and_then(|mut connection| serve_requests(&mut connection, responses));
    match ended {
        Err(error) if !is_disconnect(&error) => print_error(&error),
        _ => {}
    }
}

/// Answers requests in order until the client closes the connection.
fn serve_requests(connection: &mut Connection, responses: &Responses) -> io::Result<()> {
    loop {
        while let Some(reply) = connection.next_reply(responses)? {
            if !connection.send(&reply)? {
                return Ok(());
            }
        }
        if !connection.receive()? {
            return Ok(());
        }
    }
}
