//! HTTP over a bare TCP connection.

use std::fmt;

use ureq::Error;
use ureq::unversioned::transport::{Buffers, NextTimeout, Transport};

use super::buffers::Gathered;
use super::call;
use super::fault::Fault;
use super::socket::Socket;

/// A connection without TLS. ureq's own timeouts are unused: the socket keeps to the call's.
pub(super) struct Plain {
    socket: Socket,
    buffers: Gathered,
    /// Whether the connection has been given back after an answer and not been used since.
    idle: bool,
}

impl Plain {
    pub(super) fn new(socket: Socket) -> Plain {
        Plain {
            socket,
            buffers: Gathered::default(),
            idle: false,
        }
    }

    fn flush(&mut self) -> Result<(), Fault> {
        self.socket.send_all(self.buffers.pending())?;
        self.buffers.written();
        Ok(())
    }
}

impl Transport for Plain {
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
        let amount = self.socket.receive(self.buffers.input_append_buf())?;
        self.buffers.input_appended(amount);
        if amount > 0 {
            call::mark_answered();
        }
        Ok(amount > 0)
    }

    /// Probes the socket before it is used again; on its way back to the pool, when ureq asks as
    /// well, there is nothing to learn yet.
    fn is_open(&mut self) -> bool {
        if std::mem::replace(&mut self.idle, true) {
            return self.socket.is_quiet();
        }
        self.buffers.shrink();
        true
    }
}

impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plain").finish_non_exhaustive()
    }
}
