//! What the transport knows of the call that this thread is making.
//!
//! ureq runs a request on the thread that asks for it, so the layers under it share these facts
//! through the thread instead of through ureq, which has no place for them.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// The facts of one attempt.
struct Call {
    deadline: Cell<Option<Instant>>,
    /// Until when the step that is under way may take: the deadline, or less while connecting.
    limit: Cell<Option<Instant>>,
    /// Whether a byte of the request has gone out.
    sent: Cell<bool>,
    /// Whether a byte of the answer has come in.
    answered: Cell<bool>,
    /// How much of the output buffer the longest header line may need.
    room: Cell<usize>,
}

thread_local! {
    static CALL: Call = const {
        Call {
            deadline: Cell::new(None),
            limit: Cell::new(None),
            sent: Cell::new(false),
            answered: Cell::new(false),
            room: Cell::new(0),
        }
    };
}

/// Begins an attempt.
pub(super) fn begin(deadline: Instant, room: usize) {
    CALL.with(|call| {
        call.deadline.set(Some(deadline));
        call.limit.set(Some(deadline));
        call.sent.set(false);
        call.answered.set(false);
        call.room.set(room);
    });
}

/// Gives what `work` does so much time at the most, within the deadline.
pub(super) fn within<T>(time: Duration, work: impl FnOnce() -> T) -> T {
    let limit = CALL.with(|call| {
        let deadline = call.deadline.get();
        let step = Instant::now() + time;
        call.limit.set(Some(deadline.map_or(step, |d| d.min(step))));
        deadline
    });
    let result = work();
    CALL.with(|call| call.limit.set(limit));
    result
}

/// How long the step that is under way may still take; `None` when its time is over.
pub(super) fn time_left() -> Option<Duration> {
    let limit = CALL.with(|call| call.limit.get())?;
    let left = limit.saturating_duration_since(Instant::now());
    (!left.is_zero()).then_some(left)
}

/// Whether the deadline of the whole call has passed.
pub(super) fn is_over() -> bool {
    CALL.with(|call| call.deadline.get().is_none_or(|d| d <= Instant::now()))
}

/// Notes that a byte of the request has gone out.
pub(super) fn mark_sent() {
    CALL.with(|call| call.sent.set(true));
}

/// Notes that a byte of the answer has come in.
pub(super) fn mark_answered() {
    CALL.with(|call| call.answered.set(true));
}

/// Whether a byte of the request has gone out.
pub(super) fn was_sent() -> bool {
    CALL.with(|call| call.sent.get())
}

/// Whether a byte of the answer has come in.
pub(super) fn was_answered() -> bool {
    CALL.with(|call| call.answered.get())
}

/// How much of the output buffer must be free.
pub(super) fn room() -> usize {
    CALL.with(|call| call.room.get())
}
