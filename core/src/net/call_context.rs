//! What all parts of one call share: how it waits, its clock, and how far it has come.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Waker;
use std::time::{Duration, Instant, SystemTime};

use ureq::http::Uri;

use super::transport_error::TransportError;
use super::waiter::{Driver, Waiter};
use crate::config::{port_or_default, without_brackets};
use crate::error::Error;
use crate::events::{Phase, Recorder, Report, RequestTarget};
use crate::logging::{Log, Logger};
use crate::memory;
use crate::status::{Outcome, Status};

/// The context of one call.
#[derive(Clone, Copy)]
pub(crate) struct CallContext<'a> {
    waiter: &'a Waiter<'a>,
    progress: &'a Progress,
}

/// When a call started, and how far it has come. Whoever cancels the call reads it.
pub(crate) struct Progress {
    start: Instant,
    outcome: AtomicU8,
    attempts: AtomicU32,
    /// Whether the request of another call, whose answer this call waits for, may have been sent.
    relies_on: Mutex<Option<Arc<AtomicBool>>>,
    /// Measures the call, if it is to be reported.
    recorder: Option<Arc<Recorder>>,
}

const NOT_SENT: u8 = 0;
const REFUSED: u8 = 1;
const UNKNOWN: u8 = 2;

impl Progress {
    pub(crate) fn new(start: Instant, recorder: Option<Arc<Recorder>>) -> Progress {
        Progress {
            start,
            outcome: AtomicU8::new(NOT_SENT),
            attempts: AtomicU32::new(0),
            relies_on: Mutex::default(),
            recorder,
        }
    }

    /// For requests of the same call that are not those of its operation. They are measured as well.
    pub(crate) fn of_key_fetch(&self) -> Progress {
        Progress::new(self.start, self.recorder.clone())
    }

    /// Whether the call is to be reported.
    #[inline]
    pub(crate) fn is_recorded(&self) -> bool {
        self.recorder.is_some()
    }

    /// The event of the call, which is over. `None` if it is not to be reported.
    pub(crate) fn finish(
        &self,
        operation: &'static str,
        tag: Option<u64>,
        error: Option<&Error>,
    ) -> Option<Report> {
        let recorder = self.recorder.as_ref()?;
        let attempts = self.attempts();
        Some(recorder.finish(operation, tag, attempts, error, Instant::now()))
    }

    /// The outcome of the call if it ends now.
    pub(crate) fn outcome(&self) -> Outcome {
        let relies_on = self.relies_on.lock();
        let relies_on = relies_on.unwrap_or_else(PoisonError::into_inner);
        let may_be_sent = relies_on.as_ref();
        if may_be_sent.is_some_and(|may_be_sent| may_be_sent.load(Ordering::SeqCst)) {
            return Outcome::Unknown;
        }
        match self.outcome.load(Ordering::Relaxed) {
            NOT_SENT => Outcome::NotSent,
            REFUSED => Outcome::Refused,
            _ => Outcome::Unknown,
        }
    }

    /// The number of attempts that were started.
    pub(crate) fn attempts(&self) -> u32 {
        self.attempts.load(Ordering::Relaxed)
    }

    /// Notes that an attempt starts.
    fn start_attempt(&self, number: u32) {
        self.attempts.store(number, Ordering::Relaxed);
    }

    /// Notes the outcome of an attempt that has failed.
    pub(crate) fn attempt_failed(&self, outcome: Outcome) {
        let outcome = match outcome {
            Outcome::NotSent => NOT_SENT,
            Outcome::Refused => REFUSED,
            Outcome::Unknown => UNKNOWN,
        };
        self.outcome.store(outcome, Ordering::Relaxed);
    }

    /// Notes that the call waits for the answer to the request of another call, and whether that may have been
    /// sent. `None`: it does not any more.
    pub(crate) fn relies_on(&self, may_be_sent: Option<Arc<AtomicBool>>) {
        *self
            .relies_on
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = may_be_sent;
    }

    /// Notes that a byte of the request was sent.
    pub(super) fn request_sent(&self) {
        self.outcome.store(UNKNOWN, Ordering::Relaxed);
    }
}

impl<'a> CallContext<'a> {
    pub(crate) fn new(waiter: &'a Waiter<'a>, progress: &'a Progress) -> CallContext<'a> {
        CallContext { waiter, progress }
    }

    /// When the call started.
    pub(crate) fn start(self) -> Instant {
        self.progress.start
    }

    /// The time since the call started.
    pub(crate) fn elapsed(self) -> Duration {
        self.now().saturating_duration_since(self.start())
    }

    /// The same call, for a step whose requests are not those of the call, such as a key fetch.
    pub(crate) fn with_progress<'b>(self, progress: &'b Progress) -> CallContext<'b>
    where
        'a: 'b,
    {
        CallContext { progress, ..self }
    }

    pub(crate) fn progress(self) -> &'a Progress {
        self.progress
    }

    /// Notes what the call does from now on, if it is measured.
    #[inline]
    pub(crate) fn enter(self, phase: Phase) {
        if let Some(recorder) = &self.progress.recorder {
            recorder.enter(phase, || self.now());
        }
    }

    /// Notes whether a request has a connection that was open before.
    #[inline]
    pub(super) fn connection_acquired(self, is_reused: bool) {
        if let Some(recorder) = &self.progress.recorder {
            recorder.connection_acquired(is_reused);
        }
    }

    /// Notes that an attempt starts.
    #[inline]
    pub(crate) fn attempt_started(self, method: &'static str, url: &Uri, number: u32) {
        self.progress.start_attempt(number);
        if let Some(recorder) = &self.progress.recorder {
            let target = RequestTarget {
                method,
                is_https: url.scheme_str() == Some("https"),
                server_address: without_brackets(url.host().unwrap_or_default()),
                server_port: port_or_default(url),
                path: url.path(),
            };
            recorder.request_started(&target, number, self.now());
        }
    }

    /// Notes how an attempt has ended.
    #[inline]
    pub(crate) fn attempt_ended(self, status: Status, http_status: Option<u16>) {
        if let Some(recorder) = &self.progress.recorder {
            recorder.request_ended(status, http_status, self.now());
        }
    }

    /// Notes the response to the request of the operation.
    #[inline]
    pub(crate) fn response_received(self, http_status: u16, request_id: Option<&str>) {
        if let Some(recorder) = &self.progress.recorder {
            recorder.response_received(http_status, request_id);
        }
    }

    /// Notes by how many seconds the clock of this machine is ahead of that of the service, if that is above
    /// the leeway.
    #[inline]
    pub(crate) fn clocks_compared(self, difference: Option<i64>) {
        if let Some(recorder) = &self.progress.recorder {
            recorder.clocks_compared(difference);
        }
    }

    /// The result of the call. If memory has run out, that is why it has failed.
    #[inline]
    pub(crate) fn result<T>(self, result: Result<T, Error>) -> Result<T, Error> {
        result.map_err(|error| error.unless_out_of_memory(self.progress.outcome()))
    }

    /// Where the call writes its log lines, as long as no other call waits for it.
    #[inline]
    pub(crate) fn log(self, logger: &'a Logger) -> Log<'a> {
        match self.waiter.signals() {
            Some(signals) => Log::held(signals.lines()),
            None => Log::new(logger),
        }
    }

    pub(super) fn waiter(self) -> &'a Waiter<'a> {
        self.waiter
    }

    pub(crate) fn now(self) -> Instant {
        self.waiter.now()
    }

    /// The time since the machine started, including the time for which it was suspended.
    pub(crate) fn time_since_boot(self) -> Duration {
        self.waiter.time_since_boot()
    }

    pub(crate) fn system_time(self) -> SystemTime {
        self.waiter.system_time()
    }

    /// The time by which the tokens of the caller are judged.
    pub(crate) fn validation_time(self) -> SystemTime {
        let test_time = self.waiter.test_time();
        test_time.unwrap_or_else(|| self.system_time())
    }

    /// Whether a test has replaced the time of day.
    pub(crate) fn has_test_time(self) -> bool {
        self.waiter.test_time().is_some()
    }

    pub(crate) fn driver(self) -> Driver {
        self.waiter.driver()
    }

    /// Ends [`CallContext::wait_until`] early.
    pub(crate) fn waker(self) -> Waker {
        self.waiter.waker()
    }

    /// Waits until a time or for the waker. It may return earlier.
    ///
    /// # Errors
    ///
    /// [`TransportError::Cancelled`] or [`TransportError::Interrupted`] if an interruptible call was interrupted,
    /// and [`TransportError::OutOfMemory`].
    pub(crate) async fn wait_until(self, until: Instant) -> Result<(), TransportError> {
        if memory::is_short() {
            return Err(TransportError::OutOfMemory);
        }
        self.waiter.wait(&mut [], until).await
    }

    /// Waits until a time.
    ///
    /// # Errors
    ///
    /// As [`CallContext::wait_until`].
    pub(crate) async fn sleep_until(self, until: Instant) -> Result<(), TransportError> {
        while self.now() < until {
            self.wait_until(until).await?;
        }
        Ok(())
    }

    /// Where a call that was checked leaves the thread that submitted it to a queue. A blocking call
    /// goes on.
    pub(crate) fn checked(self) -> impl Future<Output = ()> + 'a {
        self.waiter.return_to_driver()
    }
}
