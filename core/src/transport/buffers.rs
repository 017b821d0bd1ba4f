//! The buffers of one connection: output is gathered until an answer is awaited, so that head and
//! body leave in one write.

use ureq::unversioned::transport::Buffers;

use super::call;

/// The size that the buffers begin with and go back to.
const SIZE: usize = 8 * 1024;

/// Above this much gathered output, it is written without waiting for more.
const FLUSH_AT: usize = 64 * 1024;

/// Input that has come in and output that has not gone out.
#[derive(Default)]
pub(super) struct Gathered {
    input: Vec<u8>,
    consumed: usize,
    filled: usize,
    progress: bool,
    output: Vec<u8>,
    pending: usize,
}

impl Gathered {
    /// Takes note of output that was written into [`Buffers::output`].
    pub(super) fn add_output(&mut self, amount: usize) {
        self.pending += amount;
    }

    /// Whether so much output has gathered that it should leave now.
    pub(super) fn is_full(&self) -> bool {
        self.pending >= FLUSH_AT
    }

    /// The output that has gathered.
    pub(super) fn pending(&self) -> &[u8] {
        self.output.get(..self.pending).unwrap_or_default()
    }

    /// Forgets the output that has gathered, since it has been written.
    pub(super) fn written(&mut self) {
        self.pending = 0;
    }

    /// Gives back what a large answer or request took, when the connection becomes idle.
    pub(super) fn shrink(&mut self) {
        if self.input.len() > SIZE && self.consumed == self.filled {
            self.input = Vec::new();
            (self.consumed, self.filled) = (0, 0);
        }
        if self.output.len() > SIZE && self.pending == 0 {
            self.output = Vec::new();
        }
    }

    fn make_output_room(&mut self) {
        let needed = self.pending + call::room().max(1024);
        if self.output.len() < needed {
            self.output.resize(needed.max(SIZE), 0);
        }
    }

    fn make_input_room(&mut self) {
        if self.consumed == self.filled {
            (self.consumed, self.filled) = (0, 0);
        }
        if self.filled < self.input.len() {
            return;
        }
        if self.consumed > 0 {
            self.input.copy_within(self.consumed..self.filled, 0);
            self.filled -= self.consumed;
            self.consumed = 0;
        } else {
            self.input.resize((self.input.len() * 2).max(SIZE), 0);
        }
    }
}

impl Buffers for Gathered {
    fn output(&mut self) -> &mut [u8] {
        self.make_output_room();
        self.output.get_mut(self.pending..).unwrap_or_default()
    }

    fn input(&self) -> &[u8] {
        self.input
            .get(self.consumed..self.filled)
            .unwrap_or_default()
    }

    fn input_append_buf(&mut self) -> &mut [u8] {
        self.make_input_room();
        self.input.get_mut(self.filled..).unwrap_or_default()
    }

    fn input_appended(&mut self, amount: usize) {
        self.filled += amount;
    }

    fn input_consume(&mut self, amount: usize) {
        self.progress = amount > 0;
        self.consumed = (self.consumed + amount).min(self.filled);
    }

    fn tmp_and_output(&mut self) -> (&mut [u8], &mut [u8]) {
        self.make_output_room();
        self.make_input_room();
        (
            self.input.get_mut(self.filled..).unwrap_or_default(),
            self.output.get_mut(self.pending..).unwrap_or_default(),
        )
    }

    fn can_use_input(&self) -> bool {
        self.consumed < self.filled && self.progress
    }
}
