//! Simulated latency: a proxy that delays everything between clients and the server, in each direction.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::set_nodelay;

/// How many chunks may be delayed at the same time, per direction of a connection.
const QUEUE_LENGTH: usize = 1024;

/// The size of a chunk, in bytes.
const CHUNK_SIZE: usize = 16 * 1024;

/// Accepts connections of `public` and forwards them, with the latency, to the returned listener.
pub(super) async fn delayed_listener(
    public: TcpListener,
    latency: Duration,
) -> io::Result<TcpListener> {
    let delayed = TcpListener::bind(("127.0.0.1", 0)).await?;
    tokio::spawn(accept_loop(public, delayed.local_addr()?, latency));
    Ok(delayed)
}

async fn accept_loop(public: TcpListener, server: SocketAddr, latency: Duration) {
    loop {
        // An error here means that the client has already closed the connection.
        if let Ok((client, _)) = public.accept().await {
            tokio::spawn(async move {
                // The kernel has already completed the TCP handshake, without the latency. The round trip
                // that it would have taken is added here.
                let open = Instant::now() + 2 * latency;
                if let Ok(server) = TcpStream::connect(server).await {
                    proxy_connection(client, server, open, latency).await;
                }
            });
        }
    }
}

/// Forwards in both directions. No data arrives before `open` plus the latency.
async fn proxy_connection(client: TcpStream, server: TcpStream, open: Instant, latency: Duration) {
    set_nodelay(&client);
    set_nodelay(&server);
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::join!(
        copy_delayed(from_client, to_server, open, latency),
        copy_delayed(from_server, to_client, open, latency)
    );
}

/// Copies in one direction. Reading does not wait for writing, so the latency does not limit the
/// throughput.
async fn copy_delayed(from: OwnedReadHalf, to: OwnedWriteHalf, open: Instant, latency: Duration) {
    let (sender, mut receiver) = mpsc::channel::<(Instant, io::Result<Vec<u8>>)>(QUEUE_LENGTH);
    let read = async move {
        let mut from = from;
        loop {
            let mut chunk = Vec::with_capacity(CHUNK_SIZE);
            let read = from.read_buf(&mut chunk).await;
            let is_end = !matches!(read, Ok(amount) if amount > 0);
            let due = Instant::now().max(open) + latency;
            let is_closed = sender.send((due, read.map(|_| chunk))).await.is_err();
            if is_closed || is_end {
                return;
            }
        }
    };
    let write = async move {
        let mut to = to;
        while let Some((due, chunk)) = receiver.recv().await {
            sleep_until(due).await;
            let written = match chunk {
                Ok(chunk) if !chunk.is_empty() => to.write_all(&chunk).await,
                Ok(_) => to.shutdown().await,
                // The sender has reset its connection, so this one is reset too.
                Err(_) => to.as_ref().set_zero_linger(),
            };
            // The receiver has closed its connection; its kernel resets what is still sent.
            if written.is_err() {
                return;
            }
        }
    };
    tokio::join!(read, write);
}
