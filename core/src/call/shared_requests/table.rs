//! The flights of one client: which of them a new call joins, and which answers are kept.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::flight::{Flight, RequestDigest};

/// How many answers are kept at most for later calls.
const MAX_KEPT: usize = 1024;

#[derive(Default)]
pub(super) struct Table {
    /// Those that a new call with the same request joins.
    flights: HashMap<RequestDigest, Arc<Flight>>,
    /// Those that no call joins any more, since their request may never be answered. Their calls wait for it,
    /// or for the response to a newer one.
    overdue: HashMap<RequestDigest, Vec<Arc<Flight>>>,
    /// Flights whose answer is kept until a time, the earliest first.
    kept: VecDeque<(Instant, Arc<Flight>)>,
}

impl Table {
    /// The flight that a new call joins, which has so much time.
    pub(super) fn flight_for(
        &mut self,
        digest: RequestDigest,
        time: Duration,
        now: Instant,
    ) -> Arc<Flight> {
        if let Some(flight) = self.flights.get(&digest).cloned() {
            if flight.lock().is_unanswered_for(time, now) {
                self.mark_overdue(&flight);
            }
        }
        let flight = self.flights.entry(digest);
        Arc::clone(flight.or_insert_with(|| Arc::new(Flight::new(digest))))
    }

    /// No call joins the flight any more.
    pub(super) fn mark_overdue(&mut self, flight: &Arc<Flight>) {
        if self.remove_joinable(flight) {
            let overdue = self.overdue.entry(flight.digest).or_default();
            overdue.push(Arc::clone(flight));
        }
    }

    /// Removes a flight that is over.
    pub(super) fn remove(&mut self, flight: &Arc<Flight>) {
        self.remove_joinable(flight);
        if let Some(overdue) = self.overdue.get_mut(&flight.digest) {
            overdue.retain(|other| !Arc::ptr_eq(other, flight));
            if overdue.is_empty() {
                self.overdue.remove(&flight.digest);
            }
        }
    }

    /// Removes all flights of a request.
    pub(super) fn remove_all(
        &mut self,
        digest: &RequestDigest,
    ) -> impl Iterator<Item = Arc<Flight>> + use<> {
        let overdue = self.overdue.remove(digest).unwrap_or_default();
        overdue.into_iter().chain(self.flights.remove(digest))
    }

    /// Calls get the answer of the flight until a time.
    pub(super) fn keep(&mut self, flight: &Arc<Flight>, until: Instant) {
        self.flights.insert(flight.digest, Arc::clone(flight));
        self.kept.push_back((until, Arc::clone(flight)));
        if self.kept.len() > MAX_KEPT {
            self.forget_first();
        }
    }

    pub(super) fn forget_expired(&mut self, now: Instant) {
        while self.kept.front().is_some_and(|(until, _)| *until <= now) {
            self.forget_first();
        }
    }

    fn forget_first(&mut self) {
        if let Some((_, flight)) = self.kept.pop_front() {
            self.remove_joinable(&flight);
        }
    }

    /// Returns whether new calls have joined it until now.
    fn remove_joinable(&mut self, flight: &Arc<Flight>) -> bool {
        let current = self.flights.get(&flight.digest);
        let is_current = current.is_some_and(|current| Arc::ptr_eq(current, flight));
        if is_current {
            self.flights.remove(&flight.digest);
        }
        is_current
    }

    /// How many calls take part in flights.
    #[cfg(test)]
    pub(super) fn calls(&self) -> usize {
        let overdue = self.overdue.values().flatten();
        let flights = self.flights.values().chain(overdue);
        flights.map(|flight| flight.lock().calls.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_number_of_answers_that_are_kept_is_limited() {
        let mut table = Table::default();
        let now = Instant::now();
        let digest_of = |number: usize| {
            let mut digest = RequestDigest::default();
            digest[..8].copy_from_slice(&number.to_le_bytes());
            digest
        };
        for number in 0..=MAX_KEPT {
            let flight = table.flight_for(digest_of(number), SECOND, now);
            table.keep(&flight, now + SECOND);
        }
        assert_eq!(table.flights.len(), MAX_KEPT);
        assert!(!table.flights.contains_key(&digest_of(0)));
        table.forget_expired(now + SECOND);
        assert!(table.flights.is_empty() && table.kept.is_empty());
    }

    #[test]
    fn no_call_joins_a_request_that_is_unanswered_for_longer_than_the_call_would_wait() {
        let mut table = Table::default();
        let digest = RequestDigest::default();
        let now = Instant::now();
        let first = table.flight_for(digest, SECOND, now);
        first.lock().sent_at = Some(now);
        let is_first = |flight: &Arc<Flight>| Arc::ptr_eq(flight, &first);
        assert!(is_first(&table.flight_for(
            digest,
            2 * SECOND,
            now + SECOND
        )));
        let second = table.flight_for(digest, SECOND, now + SECOND);
        assert!(!is_first(&second));
        let third = table.flight_for(digest, 2 * SECOND, now + SECOND);
        assert!(Arc::ptr_eq(&second, &third));
        table.remove(&first);
        assert!(table.overdue.is_empty());
        table.remove(&second);
        assert!(table.flights.is_empty());
    }
}
