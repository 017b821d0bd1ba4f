//! All connections on one thread, for peers that have many calls in flight.
//!
//! A response must fit into the send buffer of a socket.

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::thread::Builder;

use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustls::ServerConfig;

use crate::errors::print_error;
use crate::http::{Connection, Reply, is_disconnect};
use crate::responses::Responses;

/// How many events are fetched at a time.
const MAX_EVENTS: usize = 256;
/// The key of the listener. Connections have larger ones.
const LISTENER: u64 = 0;

/// Starts the thread.
pub(crate) fn serve(
    listener: TcpListener,
    config: Option<Arc<ServerConfig>>,
    responses: Arc<Responses>,
) -> io::Result<()> {
    let epoll = epoll::create(CreateFlags::CLOEXEC)?;
    listener.set_nonblocking(true)?;
    let data = EventData::new_u64(LISTENER);
    epoll::add(&epoll, &listener, data, EventFlags::IN)?;
    let mut event_loop = EventLoop {
        epoll,
        listener,
        config,
        responses,
        connections: HashMap::new(),
        last_key: LISTENER,
        waiting: Vec::new(),
    };
    Builder::new().spawn(move || {
        if let Err(error) = event_loop.run() {
            print_error(&error);
        }
    })?;
    Ok(())
}

struct EventLoop {
    epoll: OwnedFd,
    listener: TcpListener,
    config: Option<Arc<ServerConfig>>,
    responses: Arc<Responses>,
    connections: HashMap<u64, Connection>,
    last_key: u64,
    /// Responses that wait for more requests to arrive.
    waiting: Vec<(u64, Reply)>,
}

impl EventLoop {
    fn run(&mut self) -> io::Result<()> {
        let mut events = Vec::with_capacity(MAX_EVENTS);
        loop {
            events.clear();
            match epoll::wait(&self.epoll, spare_capacity(&mut events), None) {
                Err(rustix::io::Errno::INTR) => continue,
                waited => waited?,
            };
            for event in &events {
                match event.data.u64() {
                    LISTENER => self.accept()?,
                    key => self.receive(key),
                }
            }
            if self.waiting.len() >= self.responses.group_size() {
                self.answer();
            }
        }
    }

    fn accept(&mut self) -> io::Result<()> {
        loop {
            let socket = match self.listener.accept() {
                Ok((socket, _)) => socket,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            };
            self.responses.count_connection();
            self.last_key += 1;
            socket.set_nonblocking(true)?;
            let data = EventData::new_u64(self.last_key);
            epoll::add(&self.epoll, &socket, data, EventFlags::IN)?;
            let connection = Connection::new(socket, self.config.clone())?;
            self.connections.insert(self.last_key, connection);
        }
    }

    /// Receives once. If there is more, the next event says so.
    fn receive(&mut self, key: u64) {
        let Some(connection) = self.connections.get_mut(&key) else {
            return;
        };
        let received = connection.receive().and_then(|is_open| {
            while let Some(reply) = connection.next_reply(&self.responses)? {
                self.waiting.push((key, reply));
            }
            Ok(is_open)
        });
        self.close_unless_open(key, received);
    }

    fn answer(&mut self) {
        for (key, reply) in std::mem::take(&mut self.waiting) {
            if let Some(connection) = self.connections.get_mut(&key) {
                let sent = connection.send(&reply);
                self.close_unless_open(key, sent);
            }
        }
    }

    fn close_unless_open(&mut self, key: u64, is_open: io::Result<bool>) {
        match is_open {
            Ok(true) => return,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return,
            Err(error) if !is_disconnect(&error) => print_error(&error),
            _ => {}
        }
        self.connections.remove(&key);
        self.waiting.retain(|(other, _)| *other != key);
    }
}
