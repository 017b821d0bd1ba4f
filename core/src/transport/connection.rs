//! A connection as ureq wants one: gathered output, input, and a probe before it is used again.

use std::fmt;

use ureq::Error;
use ureq::unversioned::transport::{Buffers, NextTimeout, Transport};

use super::buffers::Gathered;
use super::call;
use super::fault::Fault;

/// What carries the bytes: a bare socket, or TLS over one. It keeps to the call's time.
pub(super) trait Wire: Send + Sync + 'static {
    const IS_TLS: bool;

    /// Writes everything, in one system call where the kernel takes it.
    fn send_all(&mut self, bytes: &[u8]) -> Result<(), Fault>;

    /// Waits for input and reads it; zero is the end.
    fn receive(&mut self, buffer: &mut [u8]) -> Result<usize, Fault>;

    /// Whether the server has neither closed an idle connection nor sent anything unasked.
    fn is_quiet(&mut self) -> bool;
}

/// A connection over a wire. ureq's own timeouts are unused.
pub(super) struct Connection<W> {
    wire: W,
    buffers: Gathered,
    /// Whether the connection has been given back after an answer and not been used since.
    idle: bool,
}

impl<W: Wire> Connection<W> {
    pub(super) fn new(wire: W) -> Connection<W> {
        Connection {
            wire,
            buffers: Gathered::default(),
            idle: false,
        }
    }

    /// Whether a connection that has not been used yet is still good: neither closed by the server nor
    /// spoken to unasked.
    pub(super) fn is_quiet(&mut self) -> bool {
        self.wire.is_quiet()
    }

    fn flush(&mut self) -> Result<(), Fault> {
        self.wire.send_all(self.buffers.pending())?;
        self.buffers.written();
        Ok(())
    }
}

impl<W: Wire> Transport for Connection<W> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), Error> {
        self.idle = false;
        self.buffers.add_output(amount);
        if self.buffers.is_full() {
            self.flush()?;
        }
        Ok(())
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
        self.flush()?;
        let amount = self.wire.receive(self.buffers.input_append_buf())?;
        self.buffers.input_appended(amount);
        if amount > 0 {
            call::mark_answered();
        }
        Ok(amount > 0)
    }

    /// Probes the connection before it is used again; on its way back to the pool, when ureq asks as
    /// well, there is nothing to learn yet.
    fn is_open(&mut self) -> bool {
        if std::mem::replace(&mut self.idle, true) {
            return self.wire.is_quiet();
        }
        self.buffers.shrink();
        true
    }

    fn is_tls(&self) -> bool {
        W::IS_TLS
    }
}

impl<W> fmt::Debug for Connection<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}
