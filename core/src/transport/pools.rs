//! The kept connections of a client: several small pools, so that threads do not queue for one, and
//! a new set in every forked child, so that none is shared with the parent.

use std::cell::Cell;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use once_cell::race::OnceBox;
use rustls::ClientConfig;
use rustls::client::Resumption;
use ureq::http::{Request, Uri};
use ureq::unversioned::transport::{ConnectionDetails, Connector};
use ureq::{Agent, Error};

use super::connector::{Dial, NoResolver, Parts};
use super::prepared::Waiting;
use crate::config::{Proxies, Settings};
use crate::sys;

/// How many pools a client spreads its threads over.
const SHARDS: usize = 16;

/// For how many servers TLS sessions are kept to resume.
const TLS_SESSIONS: usize = 32;

/// What pools are made from.
pub(super) struct Recipe {
    connect_timeout: Duration,
    idle_timeout: Duration,
    max_idle_connections: usize,
    proxies: Proxies,
    tls: Option<ClientConfig>,
}

/// The pools of one process.
pub(super) struct Pools {
    /// Which process made them; see [`sys::generation`].
    generation: u64,
    parts: Arc<Parts>,
    config: ureq::config::Config,
    agents: Vec<OnceBox<Agent>>,
}

impl Recipe {
    pub(super) fn new(settings: &Settings, tls: Option<ClientConfig>) -> Recipe {
        Recipe {
            connect_timeout: settings.connect_timeout,
            idle_timeout: settings.idle_timeout,
            max_idle_connections: settings.max_idle_connections,
            proxies: settings.proxies.clone(),
            tls,
        }
    }

    /// Makes empty pools for this process. Nothing in them is shared with others: the sessions that
    /// TLS could resume are kept behind a lock, which a fork may leave held.
    pub(super) fn make(&self) -> Pools {
        let tls = self.tls.clone().map(|mut tls| {
            tls.resumption = Resumption::in_memory_sessions(TLS_SESSIONS);
            Arc::new(tls)
        });
        let shards = self.max_idle_connections.clamp(1, SHARDS);
        let per_shard = self.max_idle_connections.div_ceil(shards);
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent("")
            .accept("")
            .accept_encoding("")
            .max_idle_connections(per_shard)
            .max_idle_connections_per_host(per_shard)
            .max_idle_age(self.idle_timeout)
            .proxy(None)
            .build();
        Pools {
            generation: sys::generation(),
            parts: Arc::new(Parts {
                connect_timeout: self.connect_timeout,
                proxies: self.proxies.clone(),
                tls,
                names: Default::default(),
                waiting: Waiting::new(self.idle_timeout),
            }),
            config,
            agents: (0..shards).map(|_| OnceBox::new()).collect(),
        }
    }
}

impl Pools {
    /// Whether these pools were made by this very process.
    pub(super) fn are_ours(&self) -> bool {
        self.generation == sys::generation()
    }

    /// What all agents connect with.
    pub(super) fn parts(&self) -> &Parts {
        &self.parts
    }

    /// The agent of the calling thread.
    pub(super) fn agent(&self) -> Option<&Agent> {
        let shard = self.agents.get(thread_number() % self.agents.len().max(1));
        shard.map(|cell| {
            cell.get_or_init(|| {
                let dial = Dial(Arc::clone(&self.parts));
                let agent = Agent::with_parts(self.config.clone(), dial, NoResolver);
                Box::new(agent)
            })
        })
    }
}

/// An agent that reaches nobody, for [`settle`].
static UNUSED: OnceBox<Agent> = OnceBox::new();

/// Sees to it that forks are noticed and find everything settled.
pub(super) fn watch_forks() {
    UNUSED.get_or_init(|| {
        let config = Agent::config_builder().proxy(None).build();
        Box::new(Agent::with_parts(config, Nowhere, NoResolver))
    });
    sys::watch_forks(settle);
}

/// Runs before a fork. ureq makes something once per process, at its first request, and who comes
/// meanwhile waits: a child that is forked at that moment would wait for a thread that it does not
/// have. So it is made, or waited for, before.
extern "C" fn settle() {
    static SETTLED: AtomicBool = AtomicBool::new(false);
    if SETTLED.load(Ordering::Relaxed) {
        return;
    }
    // It fails, as it is meant to; what else could go wrong must not keep the host from forking.
    let _ = catch_unwind(reach_nobody);
    SETTLED.store(true, Ordering::Relaxed);
}

/// A request that ends where a connection is to be made; how.
fn reach_nobody() -> Option<Error> {
    let mut request = Request::new(());
    *request.uri_mut() = Uri::from_static("http://127.0.0.1/");
    UNUSED.get().and_then(|agent| agent.run(request).err())
}

/// Makes no connection: a request gets as far as it does without one.
#[derive(Debug)]
struct Nowhere;

impl Connector for Nowhere {
    type Out = ();

    fn connect(&self, _: &ConnectionDetails<'_>, _: Option<()>) -> Result<Option<()>, Error> {
        Err(Error::ConnectionFailed)
    }
}

/// A number for the calling thread, given out in turn.
fn thread_number() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static NUMBER: Cell<Option<usize>> = const { Cell::new(None) };
    }
    NUMBER.with(|number| {
        number.get().unwrap_or_else(|| {
            let next = NEXT.fetch_add(1, Ordering::Relaxed);
            number.set(Some(next));
            next
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_before_a_fork_gets_as_far_as_to_the_connection() {
        watch_forks();
        assert!(matches!(reach_nobody(), Some(Error::ConnectionFailed)));
        settle();
    }
}
