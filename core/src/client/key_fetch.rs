//! Gets the public keys of a project, with a request if that is necessary and allowed.

use std::sync::Arc;
use std::time::Instant;

use super::Client;
use super::projects::ProjectEntry;
use super::send_with_retries::Received;
use crate::error::{Error, ErrorDetails};
use crate::jwt::{KeyLookup, KeySet};
use crate::operations::{ExpectedResponse, Repeat};
use crate::status::Outcome;

/// Whether the public keys may be fetched.
#[derive(Clone, Copy)]
pub(super) enum KeyFetch {
    AllowedUntil(Instant),
    Forbidden,
}

impl Client {
    /// The public keys of a project. `None` if they would have to be fetched, which is forbidden.
    pub(super) fn keys(
        &self,
        entry: &ProjectEntry,
        lookup: KeyLookup<'_>,
        fetch: KeyFetch,
    ) -> Result<Option<Arc<KeySet>>, Error> {
        match fetch {
            KeyFetch::Forbidden => Ok(entry.keys.get_cached(lookup)),
            KeyFetch::AllowedUntil(deadline) => {
                let fetch = |deadline| self.fetch_keys(entry, deadline);
                entry.keys.get(lookup, deadline, fetch).map(Some)
            }
        }
    }

    fn fetch_keys(&self, entry: &ProjectEntry, deadline: Instant) -> Result<KeySet, Error> {
        let context = "the project's public keys could not be fetched";
        let template = entry.project.keys_template()?;
        let request = template.to_request();
        let received = self
            .send(
                &request,
                ExpectedResponse::AnyObject,
                Repeat::Allowed,
                deadline,
            )
            .map_err(|error| error.before_request(context))?;
        let Received { response, attempts } = received;
        KeySet::parse(&response.json).map_err(|problem| {
            let error = Error::Protocol(Box::new(ErrorDetails {
                http_status: Some(response.status),
                request_id: response.request_id,
                attempts,
                ..ErrorDetails::new(format!("the response {problem}"), Outcome::NotSent)
            }));
            error.before_request(context)
        })
    }
}
