//! Looks up host names within the call's time, and remembers them for a while.
//!
//! The system's look-up cannot be given a time, so it runs on a thread of its own, one per name at
//! most, which ends with it; a call that uses a kept connection never comes here.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::attempt::Attempt;
use super::fault::Fault;
use crate::sys;

/// How long a name's addresses are remembered.
const TIME_TO_LIVE: Duration = Duration::from_secs(60);

/// What the thread that looks a name up needs of stack, with room for the system's plug-ins.
const STACK: usize = 256 * 1024;

/// The names that are known or being looked up.
#[derive(Default)]
pub(super) struct Names(Arc<Shared>);

#[derive(Default)]
struct Shared {
    known: Mutex<Known>,
    changed: Condvar,
}

#[derive(Default)]
struct Known {
    entries: HashMap<Host, Entry>,
    /// Of hosts whose first address did not answer, the one that did.
    preferred: HashMap<Host, SocketAddr>,
    /// The threads that look names up, for the calls that wait for them to see off.
    threads: HashMap<Host, JoinHandle<()>>,
}

type Host = (String, u16);

#[derive(Clone)]
enum Entry {
    Looking,
    Found(Arc<[SocketAddr]>, Instant),
    NotFound,
}

impl Names {
    /// The addresses of a host.
    pub(super) fn look_up(
        &self,
        host: &str,
        port: u16,
        attempt: &Attempt,
    ) -> Result<Arc<[SocketAddr]>, Fault> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = bare.parse::<IpAddr>() {
            return Ok(Arc::new([SocketAddr::new(address, port)]));
        }
        let key = (host.to_owned(), port);
        let mut known = self.0.known();
        let mut waited = false;
        loop {
            let result = match known.entries.get(&key) {
                Some(Entry::Found(addresses, until)) if *until > Instant::now() => {
                    Some(Ok(Arc::clone(addresses)))
                }
                Some(Entry::NotFound) if waited => Some(Err(Fault::Name {
                    host: host.to_owned(),
                })),
                Some(Entry::Looking) => None,
                _ => {
                    self.start(&mut known, &key)?;
                    None
                }
            };
            if let Some(result) = result {
                let thread = known.threads.remove(&key);
                drop(known);
                // It has nothing left to do, and no thread is to outlive the calls that need it.
                let _ = thread.map(JoinHandle::join);
                return result;
            }
            waited = true;
            let left = attempt.time_left()?;
            let woken = self.0.changed.wait_timeout(known, left);
            known = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Forgets a host whose addresses did not answer.
    pub(super) fn forget(&self, host: &str, port: u16) {
        let mut known = self.0.known();
        let key = (host.to_owned(), port);
        if let Some(Entry::Found(..)) = known.entries.get(&key) {
            known.entries.remove(&key);
        }
    }

    /// Puts the address that answered first from now on: those before it are not to cost every new
    /// connection their share of the time.
    pub(super) fn prefer(&self, host: &str, port: u16, address: SocketAddr) {
        let mut known = self.0.known();
        let key = (host.to_owned(), port);
        if let Some(Entry::Found(addresses, _)) = known.entries.get_mut(&key) {
            *addresses = ordered(addresses.to_vec(), Some(&address)).into();
        }
        known.preferred.insert(key, address);
    }

    /// Takes a host's addresses as looked up just now.
    #[cfg(test)]
    pub(super) fn know(&self, host: &str, port: u16, addresses: Vec<SocketAddr>) {
        let found = Entry::Found(addresses.into(), Instant::now() + TIME_TO_LIVE);
        let key = (host.to_owned(), port);
        self.0.known().entries.insert(key, found);
    }

    fn start(&self, known: &mut Known, key: &Host) -> io::Result<()> {
        let (shared, host) = (Arc::clone(&self.0), key.clone());
        let look = move || {
            let found = (host.0.as_str(), host.1).to_socket_addrs();
            let addresses: Vec<SocketAddr> = found.into_iter().flatten().collect();
            let mut known = shared.known();
            let addresses = ordered(addresses, known.preferred.get(&host));
            let entry = match addresses.is_empty() {
                true => Entry::NotFound,
                false => Entry::Found(addresses.into(), Instant::now() + TIME_TO_LIVE),
            };
            known.entries.insert(host, entry);
            drop(known);
            shared.changed.notify_all();
        };
        let builder = std::thread::Builder::new()
            .name("descope-name".to_owned())
            .stack_size(STACK);
        let thread = sys::without_signals(|| builder.spawn(look)).map_err(|error| {
            let why = "the system allows no thread to look the host up: raise its limit";
            io::Error::new(error.kind(), why)
        })?;
        known.entries.insert(key.clone(), Entry::Looking);
        known.threads.insert(key.clone(), thread);
        Ok(())
    }
}

impl Shared {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The addresses with the preferred one in front, if it is still one of them.
fn ordered(mut addresses: Vec<SocketAddr>, preferred: Option<&SocketAddr>) -> Vec<SocketAddr> {
    let at = preferred.and_then(|preferred| addresses.iter().position(|one| one == preferred));
    if let Some(before) = at.and_then(|at| addresses.get_mut(..=at)) {
        before.rotate_right(1);
    }
    addresses
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses<const N: usize>(hosts: [u8; N]) -> Vec<SocketAddr> {
        hosts
            .map(|last| SocketAddr::from(([192, 0, 2, last], 443)))
            .to_vec()
    }

    #[test]
    fn the_address_that_answered_comes_first() {
        let names = Names::default();
        names.know("api.example", 443, addresses([1, 2, 3]));
        let attempt = Attempt::new(Instant::now() + TIME_TO_LIVE);
        let look_up = || names.look_up("api.example", 443, &attempt).unwrap();

        names.prefer("api.example", 443, addresses([3])[0]);
        assert_eq!(*look_up(), addresses([3, 1, 2]));
        names.prefer("api.example", 443, addresses([1])[0]);
        assert_eq!(*look_up(), addresses([1, 3, 2]));
    }

    #[test]
    fn it_stays_first_when_the_name_is_looked_up_again_and_still_has_it() {
        assert_eq!(
            ordered(addresses([1, 2]), addresses([2]).first()),
            addresses([2, 1])
        );
        assert_eq!(
            ordered(addresses([1, 2]), addresses([7]).first()),
            addresses([1, 2])
        );
        assert_eq!(ordered(addresses([1, 2]), None), addresses([1, 2]));
    }
}
