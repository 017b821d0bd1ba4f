//! The scanner: fetches each delivered link, as mail scanners, previews of messengers and clients that
//! prefetch do.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use url::Url;

use super::fault::parse_delay;
use super::redact::redact_url;
use crate::domain::duration::format_duration;
use crate::domain::messages::Message;
use crate::net::loopback_client::{FetchError, FetchResponse, LoopbackRequest, fetch};

/// How many fetches are listed.
const MAX_FETCHES: usize = 1000;

/// How many links are fetched at the same time. Further links wait.
const MAX_PARALLEL: usize = 16;

/// How many links can wait, for their delay or for others. Further links are not fetched.
const MAX_LINKS: usize = 1000;

/// How many redirects of a link are followed.
const MAX_REDIRECTS: usize = 5;

/// How often a link can be fetched.
const MAX_METHODS: usize = 10;

/// The settings as the control route accepts them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScannerSpec {
    /// `HEAD` and `GET`, in the order of the requests.
    methods: Vec<String>,
    /// How long after the delivery a link is fetched.
    delay: Option<String>,
}

/// The scanner. It is off at the start.
#[derive(Default)]
pub(crate) struct Scanner(Mutex<Option<Active>>);

/// A scanner that is on.
struct Active {
    methods: Vec<&'static str>,
    delay: Duration,
    log: Arc<FetchLog>,
    /// A permit for each link that is being fetched.
    permits: Arc<Semaphore>,
    /// One for each link. Dropping them cancels them.
    tasks: JoinSet<()>,
}

/// The fetches of one scanner. Waiting requests are notified of each change.
type FetchLog = watch::Sender<Fetches>;

#[derive(Default)]
struct Fetches {
    /// Oldest first.
    list: VecDeque<Fetch>,
    /// The number of the newest fetch.
    last_number: u64,
}

/// One request for a link, or for the target of a redirect.
struct Fetch {
    number: u64,
    channel: String,
    method: &'static str,
    /// Without secrets.
    url: String,
    outcome: Outcome,
}

enum Outcome {
    Pending,
    Fetched {
        status: u16,
        /// The target of a redirect, without secrets.
        location: Option<String>,
    },
    Failed(String),
    NotFetched(&'static str),
}

/// A link to fetch.
struct Link {
    channel: String,
    url: String,
    token: String,
}

impl Scanner {
    /// Turns the scanner on, with an empty list of fetches. An error says what to change.
    pub(crate) fn set(&self, spec: &ScannerSpec) -> Result<(), String> {
        let methods: Vec<_> = spec
            .methods
            .iter()
            .map(|name| parse_method(name))
            .collect::<Result<_, _>>()?;
        if methods.is_empty() || methods.len() > MAX_METHODS {
            return Err(format!(
                "`methods` must have 1 to {MAX_METHODS} of HEAD and GET: to turn the scanner off, send DELETE"
            ));
        }
        let delay = spec.delay.as_deref().map(parse_delay).transpose()?;
        *self.lock() = Some(Active {
            methods,
            delay: delay.unwrap_or_default(),
            log: Arc::default(),
            permits: Arc::new(Semaphore::new(MAX_PARALLEL)),
            tasks: JoinSet::new(),
        });
        Ok(())
    }

    /// Turns the scanner off. Pending fetches are cancelled.
    pub(crate) fn turn_off(&self) {
        *self.lock() = None;
    }

    /// Fetches the link of a message that was just delivered, if the scanner is on.
    pub(super) fn scan(&self, message: &Message) {
        let mut active = self.lock();
        let (Some(active), Ok(runtime)) = (active.as_mut(), Handle::try_current()) else {
            return;
        };
        let link = Link {
            channel: message.channel.clone(),
            url: message.link.clone(),
            token: message.token.clone(),
        };
        while active.tasks.try_join_next().is_some() {}
        let is_too_many = active.tasks.len() >= MAX_LINKS;
        let mut planned = Vec::new();
        active.log.send_modify(|fetches| {
            for method in &active.methods {
                let number = fetches.add(&link, method, &link.url);
                planned.push((*method, number));
                if is_too_many {
                    let reason = "too many links are waiting to be fetched";
                    fetches.finish(number, Outcome::NotFetched(reason));
                }
            }
        });
        if is_too_many {
            return;
        }
        let (delay, log, permits) = (active.delay, active.log.clone(), active.permits.clone());
        let task = async move {
            tokio::time::sleep(delay).await;
            // The semaphore is never closed.
            let _permit = permits.acquire().await;
            for (method, number) in planned {
                fetch_and_follow(&log, &link, method, number).await;
            }
        };
        active.tasks.spawn_on(task, &runtime);
    }

    /// Waits until no fetch is pending, or until the scanner is turned off or set again.
    pub(crate) async fn wait(&self) {
        let changes = self.lock().as_ref().map(|active| active.log.subscribe());
        if let Some(mut changes) = changes {
            // This fails if the scanner was turned off.
            let _ = changes.wait_for(|fetches| !fetches.are_pending()).await;
        }
    }

    /// The settings, and the fetches, newest last.
    pub(crate) fn to_json(&self) -> Value {
        match self.lock().as_ref() {
            None => json!({"methods": [], "delay": "0s", "fetches": []}),
            Some(active) => json!({
                "methods": active.methods,
                "delay": format_duration(active.delay),
                "fetches": active.log.borrow().to_json(),
            }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Active>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Fetches {
    /// Adds a pending fetch. Returns its number.
    fn add(&mut self, link: &Link, method: &'static str, url: &str) -> u64 {
        self.last_number += 1;
        self.list.push_back(Fetch {
            number: self.last_number,
            channel: link.channel.clone(),
            method,
            url: redact_url(url, &link.token),
            outcome: Outcome::Pending,
        });
        if self.list.len() > MAX_FETCHES {
            self.list.pop_front();
        }
        self.last_number
    }

    fn finish(&mut self, number: u64, outcome: Outcome) {
        let mut newest_first = self.list.iter_mut().rev();
        // The fetch may have left the list in the meantime.
        if let Some(fetch) = newest_first.find(|fetch| fetch.number == number) {
            fetch.outcome = outcome;
        }
    }

    fn are_pending(&self) -> bool {
        let mut outcomes = self.list.iter().map(|fetch| &fetch.outcome);
        outcomes.any(|outcome| matches!(outcome, Outcome::Pending))
    }

    fn to_json(&self) -> Vec<Value> {
        self.list.iter().map(Fetch::to_json).collect()
    }
}

impl Fetch {
    fn to_json(&self) -> Value {
        let (state, status, location, error) = match &self.outcome {
            Outcome::Pending => ("pending", None, None, None),
            Outcome::Fetched { status, location } => {
                ("fetched", Some(*status), location.as_deref(), None)
            }
            Outcome::Failed(error) => ("failed", None, None, Some(error.as_str())),
            Outcome::NotFetched(reason) => ("not_fetched", None, None, Some(*reason)),
        };
        json!({
            "channel": self.channel,
            "method": self.method,
            "url": self.url,
            "state": state,
            "status": status,
            "location": location,
            "error": error,
        })
    }
}

/// Fetches a link, and the targets of its redirects. Each of them has an entry of its own in the list.
async fn fetch_and_follow(log: &FetchLog, link: &Link, method: &'static str, mut number: u64) {
    let mut url = link.url.clone();
    for hop in 0..=MAX_REDIRECTS {
        let request = LoopbackRequest {
            method,
            url: &url,
            user_agent: "descope-ml-emulator-scanner",
            json: None,
        };
        let response = fetch(&request).await;
        let target = response.as_ref().ok().and_then(|it| redirect(&url, it));
        let outcome = match response {
            Ok(response) => Outcome::Fetched {
                status: response.status,
                location: target.as_deref().map(|to| redact_url(to, &link.token)),
            },
            Err(FetchError::Failed(error)) => Outcome::Failed(error),
            Err(FetchError::NotFetched(reason)) => Outcome::NotFetched(reason),
        };
        let target = target.filter(|_| hop < MAX_REDIRECTS);
        // In one step: between two, the scan would seem to have finished.
        log.send_modify(|fetches| {
            fetches.finish(number, outcome);
            if let Some(target) = &target {
                number = fetches.add(link, method, target);
            }
        });
        match target {
            Some(target) => url = target,
            None => return,
        }
    }
}

/// The absolute URL that a response redirects to, if it does.
fn redirect(url: &str, response: &FetchResponse) -> Option<String> {
    let location = response.location.as_deref()?;
    let is_redirect = matches!(response.status, 301 | 302 | 303 | 307 | 308);
    let target = Url::parse(url).ok()?.join(location).ok()?;
    is_redirect.then(|| target.into())
}

fn parse_method(name: &str) -> Result<&'static str, String> {
    match name {
        "HEAD" => Ok("HEAD"),
        "GET" => Ok("GET"),
        _ => Err(format!("`methods`: `{name}` is not HEAD or GET")),
    }
}
