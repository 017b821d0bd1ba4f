//! A network that takes its time: what clients send, and what they are sent, is held as long as it would be
//! under way.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::tls::answer_at_once;

/// How many pieces may be under way in one direction.
const UNDER_WAY: usize = 1024;

/// The size of a piece, in bytes.
const PIECE: usize = 16 * 1024;

/// A listener whose connections all come through another one, `latency` later in each direction.
pub(crate) async fn behind(outside: TcpListener, latency: Duration) -> io::Result<TcpListener> {
    let inside = TcpListener::bind(("127.0.0.1", 0)).await?;
    tokio::spawn(carry(outside, inside.local_addr()?, latency));
    Ok(inside)
}

async fn carry(outside: TcpListener, inside: SocketAddr, latency: Duration) {
    loop {
        // A connection that failed before it was taken up is nobody's any more.
        if let Ok((client, _)) = outside.accept().await {
            tokio::spawn(async move {
                // The kernel has answered the client's SYN already, so its round trip is made up for here.
                let open = Instant::now() + 2 * latency;
                if let Ok(server) = TcpStream::connect(inside).await {
                    both_ways(client, server, open, latency).await;
                }
            });
        }
    }
}

async fn both_ways(client: TcpStream, server: TcpStream, open: Instant, latency: Duration) {
    answer_at_once(&client);
    answer_at_once(&server);
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::join!(
        one_way(from_client, to_server, open, latency),
        one_way(from_server, to_client, open, latency)
    );
}

/// Reads at once and writes when it is time, so that the latency limits no throughput.
async fn one_way(from: OwnedReadHalf, to: OwnedWriteHalf, open: Instant, latency: Duration) {
    let (sender, mut receiver) = mpsc::channel::<(Instant, io::Result<Vec<u8>>)>(UNDER_WAY);
    let read = async move {
        let mut from = from;
        loop {
            let mut piece = Vec::with_capacity(PIECE);
            let read = from.read_buf(&mut piece).await;
            let is_over = !matches!(read, Ok(amount) if amount > 0);
            let due = Instant::now().max(open) + latency;
            let gone = sender.send((due, read.map(|_| piece))).await.is_err();
            if gone || is_over {
                return;
            }
        }
    };
    let write = async move {
        let mut to = to;
        while let Some((due, piece)) = receiver.recv().await {
            sleep_until(due).await;
            let written = match piece {
                Ok(piece) if !piece.is_empty() => to.write_all(&piece).await,
                Ok(_) => to.shutdown().await,
                // The other side has reset it: so does this one.
                Err(_) => to.as_ref().set_zero_linger(),
            };
            // Whoever does not read any more is told so by its own kernel.
            if written.is_err() {
                return;
            }
        }
    };
    tokio::join!(read, write);
}
