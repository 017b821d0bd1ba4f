//! A socket of a build for fuzzing: a real one, or one of a simulated network.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use rustix::fd::BorrowedFd;

use super::simulation::SimulatedSocket;
use super::tcp_socket::{ReceiveMode, TcpSocket};

/// A socket: a real one, unless the call is simulated.
pub(super) enum AnySocket {
    Real(TcpSocket),
    Simulated(SimulatedSocket),
}

impl AnySocket {
    pub(super) fn connect(address: SocketAddr) -> io::Result<AnySocket> {
        TcpSocket::connect(address).map(AnySocket::Real)
    }

    pub(super) fn connect_result(&self) -> io::Result<Option<io::Result<()>>> {
        match self {
            AnySocket::Real(socket) => socket.connect_result(),
            AnySocket::Simulated(socket) => Ok(socket.connect_result()),
        }
    }

    pub(super) fn connected(&self) -> io::Result<()> {
        match self {
            AnySocket::Real(socket) => socket.connected(),
            AnySocket::Simulated(_) => Ok(()),
        }
    }

    pub(super) fn set_acknowledgement_timeout(&self, timeout: Duration) {
        if let AnySocket::Real(socket) = self {
            socket.set_acknowledgement_timeout(timeout);
        }
    }

    pub(super) fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            AnySocket::Real(socket) => socket.send(bytes),
            AnySocket::Simulated(socket) => socket.send(bytes),
        }
    }

    pub(super) fn receive(&self, buffer: &mut [u8], mode: ReceiveMode) -> io::Result<usize> {
        match self {
            AnySocket::Real(socket) => socket.receive(buffer, mode),
            AnySocket::Simulated(socket) => socket.receive(buffer, mode),
        }
    }

    pub(super) fn set_receive_timeout(&self, timeout: Duration) -> io::Result<()> {
        match self {
            AnySocket::Real(socket) => socket.set_receive_timeout(timeout),
            AnySocket::Simulated(_) => Ok(()),
        }
    }

    pub(super) fn fd(&self) -> Option<BorrowedFd<'_>> {
        match self {
            AnySocket::Real(socket) => socket.fd(),
            AnySocket::Simulated(_) => None,
        }
    }
}
