//! The webhook: posts each delivered message to a server on this machine, in the order of delivery.

use std::io::Write;

use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::domain::messages::Message;
use crate::net::loopback_client::{LoopbackRequest, fetch, parse_loopback_url};

/// How many messages can wait for a slow server.
const MAX_PENDING: usize = 10_000;

/// Takes the messages to post.
#[derive(Clone)]
pub(crate) struct Webhook(mpsc::Sender<Value>);

/// Posts the messages that its [`Webhook`] takes.
pub(crate) struct WebhookWorker {
    url: String,
    pending: mpsc::Receiver<Value>,
}

impl Webhook {
    /// An error says what the URL must be.
    pub(crate) fn new(url: &str) -> Result<(Webhook, WebhookWorker), String> {
        parse_loopback_url(url).map_err(|error| {
            format!(
                "must be a URL of this machine, such as http://127.0.0.1:5000/messages: {error}"
            )
        })?;
        let (sender, pending) = mpsc::channel(MAX_PENDING);
        let url = url.to_owned();
        Ok((Webhook(sender), WebhookWorker { url, pending }))
    }

    /// Queues a message of a project. This does not block.
    pub(super) fn post(&self, project_id: &str, message: &Message) {
        let mut body = json!(message);
        body["projectId"] = project_id.into();
        if self.0.try_send(body).is_err() {
            report("is too slow: a message was not posted");
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
                Ok(response) => report(&format!("responded with status {}", response.status)),
                Err(error) => report(&format!("did not get a message: {error}")),
            }
        }
    }
}

/// Writes a problem to stderr. If that is closed, it cannot be reported.
fn report(problem: &str) {
    let _ = writeln!(
        std::io::stderr(),
        "descope-ml-emulator: the server of --on-message {problem}"
    );
}
