//! Looks up host names within the call's time, and remembers them for a while.
//!
//! The system's look-up cannot be given a time, so it runs on a thread of its own, one per name at
//! most, which ends with it; a call that uses a kept connection never comes here.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::call;
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
    entries: Mutex<HashMap<Host, Entry>>,
    changed: Condvar,
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
    pub(super) fn look_up(&self, host: &str, port: u16) -> Result<Arc<[SocketAddr]>, Fault> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = bare.parse::<IpAddr>() {
            return Ok(Arc::new([SocketAddr::new(address, port)]));
        }
        let key = (host.to_owned(), port);
        let mut entries = self.0.entries();
        let mut waited = false;
        loop {
            match entries.get(&key) {
                Some(Entry::Found(addresses, until)) if *until > Instant::now() => {
                    return Ok(Arc::clone(addresses));
                }
                Some(Entry::NotFound) if waited => {
                    return Err(Fault::Name {
                        host: host.to_owned(),
                    });
                }
                Some(Entry::Looking) => {}
                _ => {
                    entries.insert(key.clone(), Entry::Looking);
                    if self.start(key.clone()).is_err() {
                        entries.remove(&key);
                        return Err(Fault::Io(std::io::Error::other(
                            "no thread for the name look-up",
                        )));
                    }
                }
            }
            waited = true;
            let left = call::time_left().ok_or(Fault::Time)?;
            let woken = self.0.changed.wait_timeout(entries, left);
            entries = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Forgets a host whose addresses did not answer.
    pub(super) fn forget(&self, host: &str, port: u16) {
        let mut entries = self.0.entries();
        let key = (host.to_owned(), port);
        if let Some(Entry::Found(..)) = entries.get(&key) {
            entries.remove(&key);
        }
    }

    fn start(&self, key: Host) -> std::io::Result<()> {
        let shared = Arc::clone(&self.0);
        let look = move || {
            let found = (key.0.as_str(), key.1).to_socket_addrs();
            let addresses: Vec<SocketAddr> = found.into_iter().flatten().collect();
            let entry = match addresses.is_empty() {
                true => Entry::NotFound,
                false => Entry::Found(addresses.into(), Instant::now() + TIME_TO_LIVE),
            };
            shared.entries().insert(key, entry);
            shared.changed.notify_all();
        };
        let builder = std::thread::Builder::new()
            .name("descope-name".to_owned())
            .stack_size(STACK);
        sys::without_signals(|| builder.spawn(look)).map(drop)
    }
}

impl Shared {
    fn entries(&self) -> MutexGuard<'_, HashMap<Host, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
