//! DNS lookups within the deadline of the call, with a short cache.
//!
//! `getaddrinfo` has no timeout, so it runs on a thread of its own, one per host at most, which ends
//! with the lookup. A call on an open connection needs no lookup.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::{Duration, Instant};

use dns_lookup::{AddrInfoHints, LookupErrorKind, SockType, getaddrinfo};

use super::attempt_context::Step;
use super::transport_error::TransportError;
use crate::config::without_brackets;
use crate::os::Thread;

/// How long addresses are cached.
const CACHE_TTL: Duration = Duration::from_secs(60);

/// The delay after the first lookup that the name server did not answer. It doubles each time.
const FIRST_RETRY_DELAY: Duration = Duration::from_millis(100);

/// The longest delay.
const MAX_RETRY_DELAY: Duration = Duration::from_secs(2);

/// The stack of a lookup thread. The plug-ins of the system's resolver need space as well.
const LOOKUP_STACK: usize = 256 * 1024;

/// Resolves host names.
#[derive(Default)]
pub(super) struct Resolver(Arc<Shared>);

#[derive(Default)]
struct Shared(Mutex<Cache>);

#[derive(Default)]
struct Cache {
    entries: HashMap<Host, Entry>,
    /// For hosts whose first address did not answer: the address that did.
    preferred: HashMap<Host, SocketAddr>,
    /// The lookup threads. A call that waited for one joins it.
    threads: HashMap<Host, Thread>,
    /// The calls that wait for a lookup.
    waiting: Vec<Waker>,
}

type Host = (String, u16);

type LookUpResult = Result<Arc<[SocketAddr]>, TransportError>;

#[derive(Clone)]
enum Entry {
    InProgress,
    Found(Arc<[SocketAddr]>, Instant),
    NotFound,
    /// There was no memory for the lookup.
    OutOfMemory,
    /// The name server did not answer.
    Unanswered {
        /// How often in a row.
        times: u32,
        retry_at: Instant,
    },
}

/// What a call knows when it looks at a lookup.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    First,
    /// Another call has started the lookup.
    AfterLookUp,
    AfterOwnLookUp,
    /// The name server did not answer, and the delay is over.
    AfterDelay,
}

impl Look {
    fn is_after_look_up(self) -> bool {
        matches!(self, Look::AfterLookUp | Look::AfterOwnLookUp)
    }
}

/// What a call finds. A lookup thread that has done its work is joined: no thread may outlive the calls that
/// need it.
enum LookUpState {
    Done(LookUpResult, Option<Thread>),
    InProgress {
        /// Whether this call has started it.
        is_own: bool,
    },
    Unanswered {
        retry_at: Instant,
        thread: Option<Thread>,
    },
}

/// How a lookup ends.
enum LookUpFailure {
    /// A temporary one: the name server did not answer.
    Unanswered,
    NotFound,
    OutOfMemory,
}

impl Resolver {
    /// The addresses of a host. A name server that does not answer is asked again.
    ///
    /// # Errors
    ///
    /// [`TransportError::HostNotFound`], or [`TransportError::NameServer`] when the time of the step is over.
    pub(super) async fn look_up(
        &self,
        host: &str,
        port: u16,
        step: Step<'_>,
    ) -> Result<Arc<[SocketAddr]>, TransportError> {
        if let Ok(address) = without_brackets(host).parse::<IpAddr>() {
            return Ok(Arc::new([SocketAddr::new(address, port)]));
        }
        #[cfg(feature = "fuzzing")]
        if let Some(simulation) = step.simulation() {
            return simulation.look_up(host, port);
        }
        let key = (host.to_owned(), port);
        let mut look = Look::First;
        loop {
            let until = match self.poll_look_up(&key, look, step)? {
                LookUpState::Done(result, thread) => {
                    join(thread);
                    return result;
                }
                LookUpState::InProgress { is_own } => {
                    if is_own || look != Look::AfterOwnLookUp {
                        look = match is_own {
                            true => Look::AfterOwnLookUp,
                            false => Look::AfterLookUp,
                        };
                    }
                    step.deadline()
                }
                LookUpState::Unanswered { retry_at, thread } => {
                    join(thread);
                    look = Look::AfterDelay;
                    // Whoever has less time than the delay asks again in the middle of that time.
                    let left = step.deadline().saturating_duration_since(step.now());
                    retry_at.min(step.now() + (left / 2).max(FIRST_RETRY_DELAY))
                }
            };
            let until = until.min(step.deadline());
            let has_time = step.time_left().is_ok();
            match look {
                _ if !has_time => {
                    // Nobody may be left to join the thread.
                    drop(self.0.lock().threads.remove(&key));
                    return Err(TransportError::NameServer {
                        host: host.to_owned(),
                    });
                }
                Look::AfterDelay => step.wait_until(until).await?,
                _ => step.wait(&mut [], until).await?,
            }
        }
    }

    /// The state of a lookup, which is started if necessary. While it is in progress, the waker of the call
    /// is used at its end.
    fn poll_look_up(&self, key: &Host, look: Look, step: Step<'_>) -> io::Result<LookUpState> {
        let mut cache = self.0.lock();
        let now = step.now();
        let entry = cache.entries.get(key).cloned();
        let result = match entry {
            Some(Entry::Found(addresses, until)) if until > now => Ok(addresses),
            Some(Entry::NotFound) if look.is_after_look_up() => Err(TransportError::HostNotFound {
                host: key.0.clone(),
            }),
            // If that of another call had no memory, this call may have some.
            Some(Entry::OutOfMemory) if look == Look::AfterOwnLookUp => {
                Err(TransportError::OutOfMemory)
            }
            Some(Entry::Unanswered { retry_at, .. })
                if look.is_after_look_up() || (look == Look::First && retry_at > now) =>
            {
                let thread = cache.threads.remove(key);
                return Ok(LookUpState::Unanswered { retry_at, thread });
            }
            entry => {
                let unanswered = match entry {
                    Some(Entry::Unanswered { times, retry_at }) if now < retry_at + CACHE_TTL => {
                        times
                    }
                    _ => 0,
                };
                let is_own = !matches!(entry, Some(Entry::InProgress));
                if is_own {
                    self.start(&mut cache, key, unanswered)?;
                }
                cache.waiting.try_reserve(1)?;
                cache.waiting.push(step.call().waker());
                return Ok(LookUpState::InProgress { is_own });
            }
        };
        Ok(LookUpState::Done(result, cache.threads.remove(key)))
    }

    /// Removes a host whose addresses did not answer from the cache.
    pub(super) fn forget(&self, host: &str, port: u16) {
        let mut cache = self.0.lock();
        let key = (host.to_owned(), port);
        if let Some(Entry::Found(..)) = cache.entries.get(&key) {
            cache.entries.remove(&key);
        }
    }

    /// Moves the address that answered to the front, so that dead addresses are not tried first again.
    pub(super) fn prefer(&self, host: &str, port: u16, address: SocketAddr) {
        let mut cache = self.0.lock();
        let key = (host.to_owned(), port);
        if let Some(Entry::Found(addresses, _)) = cache.entries.get_mut(&key) {
            *addresses = with_preferred_first(addresses.to_vec(), Some(&address)).into();
        }
        cache.preferred.insert(key, address);
    }

    /// Adds a host to the cache.
    #[cfg(test)]
    pub(super) fn insert(&self, host: &str, port: u16, addresses: Vec<SocketAddr>) {
        let found = Entry::Found(addresses.into(), Instant::now() + CACHE_TTL);
        let key = (host.to_owned(), port);
        self.0.lock().entries.insert(key, found);
    }

    /// Starts a lookup, after so many lookups in a row that the name server did not answer.
    fn start(&self, cache: &mut Cache, key: &Host, unanswered: u32) -> io::Result<()> {
        let (shared, host) = (Arc::clone(&self.0), key.clone());
        let look_up = move || {
            let result = addresses_of(&host.0, host.1);
            let now = Instant::now();
            let mut cache = shared.lock();
            let entry = match result {
                Ok(addresses) => {
                    let addresses = with_preferred_first(addresses, cache.preferred.get(&host));
                    Entry::Found(addresses.into(), now + CACHE_TTL)
                }
                Err(LookUpFailure::NotFound) => Entry::NotFound,
                Err(LookUpFailure::OutOfMemory) => Entry::OutOfMemory,
                Err(LookUpFailure::Unanswered) => Entry::Unanswered {
                    times: unanswered.saturating_add(1),
                    retry_at: now + retry_delay(unanswered),
                },
            };
            cache.entries.insert(host, entry);
            let waiting = std::mem::take(&mut cache.waiting);
            drop(cache);
            waiting.into_iter().for_each(Waker::wake);
        };
        let thread = Thread::start(c"descope-dns", LOOKUP_STACK, look_up).map_err(|error| {
            let problem = match error.kind() {
                io::ErrorKind::PermissionDenied => {
                    "could not start a thread for the DNS lookup: the seccomp filter of the container forbids it, update Docker to 20.10.10 or later"
                }
                _ => "could not start a thread for the DNS lookup: raise the limit of threads or of memory",
            };
            io::Error::new(error.kind(), problem)
        })?;
        cache.entries.insert(key.clone(), Entry::InProgress);
        cache.threads.insert(key.clone(), thread);
        Ok(())
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Cache> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn join(thread: Option<Thread>) {
    if let Some(thread) = thread {
        thread.join();
    }
}

/// The delay before the next lookup, after so many earlier ones that the name server did not answer.
fn retry_delay(unanswered: u32) -> Duration {
    let factor = 2_u32.saturating_pow(unanswered);
    FIRST_RETRY_DELAY
        .saturating_mul(factor)
        .min(MAX_RETRY_DELAY)
}

fn addresses_of(host: &str, port: u16) -> Result<Vec<SocketAddr>, LookUpFailure> {
    let hints = AddrInfoHints {
        socktype: SockType::Stream.into(),
        ..AddrInfoHints::default()
    };
    let found = getaddrinfo(Some(host), None, Some(hints)).map_err(|error| match error.kind() {
        LookupErrorKind::Again => LookUpFailure::Unanswered,
        LookupErrorKind::Memory => LookUpFailure::OutOfMemory,
        LookupErrorKind::System if io::Error::from(error).kind() == io::ErrorKind::OutOfMemory => {
            LookUpFailure::OutOfMemory
        }
        _ => LookUpFailure::NotFound,
    })?;
    let addresses: Vec<_> = found
        .flatten()
        .map(|mut found| {
            found.sockaddr.set_port(port);
            found.sockaddr
        })
        .collect();
    if addresses.is_empty() {
        return Err(LookUpFailure::NotFound);
    }
    Ok(addresses)
}

/// Moves the preferred address to the front, if it is still one of the addresses.
fn with_preferred_first(
    mut addresses: Vec<SocketAddr>,
    preferred: Option<&SocketAddr>,
) -> Vec<SocketAddr> {
    let at = preferred.and_then(|preferred| addresses.iter().position(|one| one == preferred));
    if let Some(before) = at.and_then(|at| addresses.get_mut(..=at)) {
        before.rotate_right(1);
    }
    addresses
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::testing::with_blocking_step;

    #[test]
    fn the_delay_between_lookups_grows_up_to_a_limit() {
        let delays = [0, 1, 2, 4, 5, 60].map(|unanswered| retry_delay(unanswered).as_millis());
        assert_eq!(delays, [100, 200, 400, 1_600, 2_000, 2_000]);
    }

    fn addresses<const N: usize>(hosts: [u8; N]) -> Vec<SocketAddr> {
        hosts
            .map(|last| SocketAddr::from(([192, 0, 2, last], 443)))
            .to_vec()
    }

    #[test]
    fn the_address_that_answered_is_tried_first() {
        let resolver = Resolver::default();
        resolver.insert("api.example", 443, addresses([1, 2, 3]));
        let look_up = || {
            let in_time = Instant::now() + CACHE_TTL;
            let look_up =
                async |step: Step<'_>| resolver.look_up("api.example", 443, step).await.unwrap();
            with_blocking_step(in_time, look_up)
        };

        resolver.prefer("api.example", 443, addresses([3])[0]);
        assert_eq!(*look_up(), addresses([3, 1, 2]));
        resolver.prefer("api.example", 443, addresses([1])[0]);
        assert_eq!(*look_up(), addresses([1, 3, 2]));
    }

    #[test]
    fn the_preferred_address_stays_first_after_another_lookup() {
        assert_eq!(
            with_preferred_first(addresses([1, 2]), addresses([2]).first()),
            addresses([2, 1])
        );
        assert_eq!(
            with_preferred_first(addresses([1, 2]), addresses([7]).first()),
            addresses([1, 2])
        );
        assert_eq!(
            with_preferred_first(addresses([1, 2]), None),
            addresses([1, 2])
        );
    }
}
