//! Gets the public keys of a project, with a request if that is necessary and allowed.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

use super::engine::Engine;
use super::project_keys::{FetchInProgress, Turn};
use super::projects::ProjectEntry;
use super::retry::RetryPolicy;
use super::send_with_retries::Received;
use crate::error::{Error, ErrorDetails};
use crate::jwt::{KeyLookup, KeySet};
use crate::logging::{HeldLines, Log};
use crate::net::CallContext;
use crate::operations::{ExpectedResponse, Repeat};
use crate::status::Outcome;

/// Whether the public keys may be fetched.
#[derive(Clone, Copy)]
pub(super) enum KeyFetch {
    AllowedUntil(Instant),
    Forbidden,
}

impl Engine {
    /// The public keys of a project. `None` if they would have to be fetched, which is forbidden.
    pub(super) async fn keys(
        &self,
        entry: &ProjectEntry,
        lookup: KeyLookup<'_>,
        fetch: KeyFetch,
        context: CallContext<'_>,
    ) -> Result<Option<Arc<KeySet>>, Error> {
        if let Some(keys) = entry.keys.get_current(lookup, context) {
            return Ok(Some(keys));
        }
        if let Some(keys) = entry.keys.get_usable(lookup, context)? {
            return Ok(Some(keys));
        }
        let KeyFetch::AllowedUntil(deadline) = fetch else {
            return Ok(None);
        };
        let keys = self.wait_for_keys(entry, lookup, deadline, context).await?;
        Ok(Some(keys))
    }

    /// Waits for the keys that this call, or another one, fetches.
    ///
    /// Rare, so in a box: it adds nothing to the size of each call. Not inlined, since it is made on the stack before
    /// it moves into the box.
    #[inline(never)]
    fn wait_for_keys<'a>(
        &'a self,
        entry: &'a ProjectEntry,
        lookup: KeyLookup<'a>,
        deadline: Instant,
        context: CallContext<'a>,
    ) -> Pin<Box<impl Future<Output = Result<Arc<KeySet>, Error>>>> {
        Box::pin(async move {
            // Dropped last: the lines come when the fetch was handed over.
            let lines = context.log(&self.logger).hold();
            let single_flight = entry.keys.single_flight();
            let turn = entry
                .keys
                .wait_for_turn(&single_flight, lookup, deadline, context);
            match turn.await? {
                Turn::Use(keys) => Ok(keys),
                Turn::Fetch(in_progress) => {
                    let result = self.fetch_keys(entry, &in_progress, &lines, context).await;
                    let (now, log) = (context.now(), Log::held(&lines));
                    entry.keys.finish(in_progress, result, now, log)
                }
            }
        })
    }

    async fn fetch_keys(
        &self,
        entry: &ProjectEntry,
        in_progress: &FetchInProgress<'_>,
        lines: &HeldLines<'_>,
        context: CallContext<'_>,
    ) -> Result<KeySet, Error> {
        // The request of the call itself is still to come, or was already sent.
        let progress = context.progress().of_key_fetch();
        let context = context.with_progress(&progress);
        let failed = "the project's public keys could not be fetched";
        let template = entry.project.keys_template()?;
        let request = template.to_request();
        let take_retry = |at| in_progress.take_retry(at);
        let policy = RetryPolicy {
            take_retry: Some(&take_retry),
            held_lines: Some(lines),
            ..self.retry_policy(Repeat::Allowed, in_progress.deadline())
        };
        let received = self
            .send_with(&request, ExpectedResponse::AnyObject, policy, None, context)
            .await
            .map_err(|error| error.before_request(failed))?;
        let Received { response, attempts } = received;
        let keys = KeySet::parse(&response.json);
        Error::check_memory().map_err(|error| error.before_request(failed))?;
        keys.map_err(|problem| {
            let error = Error::Protocol(Box::new(ErrorDetails {
                http_status: Some(response.status),
                request_id: response.request_id,
                attempts,
                ..ErrorDetails::new(format!("the response {problem}"), Outcome::NotSent)
            }));
            error.before_request(failed)
        })
    }
}
