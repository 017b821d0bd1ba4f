//! What limits the key requests of all projects of a client together. Anybody can invent tokens of one
//! project; they must not take the requests that the keys of another project need.
//!
//! A project with few recent requests sends the next one at once. All others draw on equal shares of what
//! the client may send, each at a time of its own:
//!
//! - A share is a pace, and does not depend on who comes first: no project takes the requests that another one
//!   has left for later, however many tokens arrive for it. With one such project the pace is the one of its
//!   own allowance. With `n`, each waits `n * 5 / 4` intervals after its last request: by default, 2.5 s times
//!   `n`. That holds for five; with more, or while the others send many requests, a project may have to wait
//!   until its older requests no longer count, which takes a minute.
//! - These projects together leave [`RESERVED`] requests to those with few. So the first [`UNPACED`] requests of a
//!   project that nobody attacks are sent at once, as long as fewer than [`MAX_REQUESTS`] `/` [`UNPACED`]
//!   projects need some within a minute. With more, nobody can tell which of them are attacked.

use std::time::{Duration, Instant};

use super::fetch_allowance::MAX_URGENT_WAIT;

/// How many requests a client may send in [`WINDOW`] intervals.
const MAX_REQUESTS: usize = 40;

/// How long a request counts, in intervals: a little more than a minute, since requests do not take equally
/// long to arrive.
const WINDOW: u32 = 31;

/// How many requests are left to projects with few of them.
const RESERVED: usize = 2;

/// How many requests a project may send without a pace while they count.
const UNPACED: usize = 2;

/// The recent requests of a client.
#[derive(Default)]
pub(crate) struct ClientAllowance {
    /// In the order of their times. Retries are planned, so the last ones may be still to come.
    requests: Vec<Request>,
}

#[derive(Clone, Copy)]
struct Request {
    project: u64,
    at: Instant,
}

impl ClientAllowance {
    /// When a project may send a request, at `now` or later. `None`: the client has no objection.
    ///
    /// The request for the key of a token that the service has just issued (`is_new_key`) has no pace: nobody
    /// can forge such a token.
    pub(super) fn next_at(
        &self,
        project: u64,
        is_new_key: bool,
        interval: Duration,
        now: Instant,
    ) -> Option<Instant> {
        let (pace, window) = intervals(interval);
        let start = self
            .requests
            .partition_point(|request| request.at + window <= now);
        let recent = self.requests.get(start..).unwrap_or_default();
        // When there are fewer than `max` of these.
        let fewer_than = |max: usize, requests: &[Request]| {
            let index = requests.len().checked_sub(max)?;
            Some(requests.get(index)?.at + window)
        };
        let is_own = |request: &&Request| request.project == project;
        let own: Vec<Request> = recent.iter().filter(is_own).copied().collect();
        let Some(unpaced_at) = fewer_than(UNPACED, &own).filter(|_| !is_new_key) else {
            return fewer_than(MAX_REQUESTS, recent);
        };
        let others = number_of_paced(recent.iter().filter(|request| !is_own(request)));
        let paced_at = match (own.last(), others) {
            (Some(last), 1..) => Some((last.at + pace * (others + 1)).min(unpaced_at)),
            _ => None,
        };
        paced_at.max(fewer_than(MAX_REQUESTS - RESERVED, recent))
    }

    /// Takes a request that is sent at this time, `now` or later.
    pub(super) fn take(&mut self, project: u64, interval: Duration, at: Instant, now: Instant) {
        let (_, window) = intervals(interval);
        self.requests.retain(|request| request.at + window > now);
        let index = self.requests.partition_point(|request| request.at <= at);
        self.requests.insert(index, Request { project, at });
    }
}

/// By how much the pace grows with each project, and how long a request counts.
fn intervals(interval: Duration) -> (Duration, Duration) {
    // With longer intervals, each project sends fewer requests anyway.
    let interval = interval.min(MAX_URGENT_WAIT);
    (interval * 5 / 4, interval * WINDOW)
}

/// How many projects have sent more requests than they may send without a pace.
fn number_of_paced<'a>(requests: impl Iterator<Item = &'a Request> + Clone) -> u32 {
    let mut rest = requests;
    let mut number = 0;
    while let Some(request) = rest.next() {
        // Each project is counted once: when only so many of its requests are left.
        let later = rest
            .clone()
            .filter(|other| other.project == request.project);
        number += u32::from(later.count() == UNPACED);
    }
    number
}
