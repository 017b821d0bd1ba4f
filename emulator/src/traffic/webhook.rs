//! The webhook: posts each delivered message to a server on this machine, in the order of delivery.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::domain::messages::Message;
use crate::error::Error;
use crate::net::loopback_client::{LoopbackRequest, fetch, parse_loopback_url};

/// How many messages can wait for a slow server.
const MAX_PENDING: usize = 10_000;

/// How many problems can wait for the reader of stderr. Beyond that, they are not reported.
const MAX_PENDING_PROBLEMS: usize = 100;

/// Takes the messages to post.
#[derive(Clone)]
pub(crate) struct Webhook {
    messages: mpsc::Sender<Value>,
    problems: ProblemReporter,
}

/// Posts the messages that its [`Webhook`] takes.
pub(crate) struct WebhookWorker {
    url: String,
    pending: mpsc::Receiver<Value>,
    problems: ProblemReporter,
}

/// Writes problems to stderr on a thread of its own: if nobody reads stderr, a write waits for ever, and no
/// request may wait with it.
#[derive(Clone)]
struct ProblemReporter(SyncSender<String>);

impl Webhook {
    pub(crate) fn new(url: &str) -> Result<(Webhook, WebhookWorker), Error> {
        parse_loopback_url(url).map_err(|error| {
            Error::Option(format!(
                "--on-message must be a URL of this machine, such as http://127.0.0.1:5000/messages: {error}"
            ))
        })?;
        let (messages, pending) = mpsc::channel(MAX_PENDING);
        let problems = ProblemReporter::start()?;
        let worker = WebhookWorker {
            url: url.to_owned(),
            pending,
            problems: problems.clone(),
        };
        Ok((Webhook { messages, problems }, worker))
    }

    /// Queues a message of a project. This does not block.
    pub(super) fn post(&self, project_id: &str, message: &Message) {
        let mut body = json!(message);
        body["projectId"] = project_id.into();
        if self.messages.try_send(body).is_err() {
            self.problems
                .report("is too slow: a message was not posted");
        }
    }
}

impl WebhookWorker {
    /// Runs until no webhook is left.
    pub(crate) async fn run(mut self) {
        while let Some(body) = self.pending.recv().await {
            let request = LoopbackRequest {
                method: "POST",
                url: &self.url,
                user_agent: "descope-ml-emulator",
                json: Some(&body.to_string()),
            };
            match fetch(&request).await {
                Ok(response) if (200..300).contains(&response.status) => {}
                Ok(response) => self
                    .problems
                    .report(&format!("responded with status {}", response.status)),
                Err(error) => self
                    .problems
                    .report(&format!("did not get a message: {error}")),
            }
        }
    }
}

impl ProblemReporter {
    fn start() -> io::Result<ProblemReporter> {
        let (sender, problems) = sync_channel(MAX_PENDING_PROBLEMS);
        let thread = std::thread::Builder::new().name("webhook-problems".to_owned());
        thread.spawn(move || write_problems(problems))?;
        Ok(ProblemReporter(sender))
    }

    /// Reports a problem, if not too many wait already. This does not block.
    fn report(&self, problem: &str) {
        let _ = self.0.try_send(problem.to_owned());
    }
}

/// Runs until no reporter is left. If stderr is closed, problems cannot be reported.
fn write_problems(problems: Receiver<String>) {
    for problem in problems {
        let _ = writeln!(
            io::stderr(),
            "descope-ml-emulator: the server of --on-message {problem}"
        );
    }
}
