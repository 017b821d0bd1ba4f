//! Where the calls of a project go, and as whom.

use std::sync::Arc;

use once_cell::race::OnceBox;
use ureq::http::{HeaderValue, Uri};

use crate::bearer;
use crate::config::{BaseUrl, ProjectId, Settings};
use crate::document::Fields;
use crate::error::Error;
use crate::operation::{Bearer, Endpoint, OPERATIONS, Operation};
use crate::token::Keyring;

/// A project that calls are made for.
pub(crate) struct Destination {
    project: ProjectId,
    pub(crate) project_header: HeaderValue,
    base_url: BaseUrl,
    /// The bearer without a token.
    pub(crate) bearer: HeaderValue,
    /// The addresses of the operations, made when first needed.
    uris: [OnceBox<Uri>; OPERATIONS.len()],
    pub(crate) keys: Keyring,
}

/// The destination of a request: the client's own project, or the one that the request names.
pub(crate) enum To<'a> {
    Home(&'a Destination),
    Other(Arc<Destination>),
}

impl std::ops::Deref for To<'_> {
    type Target = Destination;

    fn deref(&self) -> &Destination {
        match self {
            To::Home(home) => home,
            To::Other(other) => other,
        }
    }
}

impl Destination {
    pub(crate) fn new(
        project: ProjectId,
        settings: &Settings,
        is_pinned: bool,
    ) -> Result<Destination, Error> {
        let own_key = settings.auth_management_key.as_deref();
        let bearer = bearer::header(
            &project,
            [None, own_key.map(|key| ("authManagementKey", key))],
        )?;
        let project_header = HeaderValue::from_str(project.as_str())
            .map_err(|_| Error::internal("while writing a header"))?;
        let base_url = settings.base_url.clone();
        let pinned = settings.public_keys.clone().filter(|_| is_pinned);
        Ok(Destination {
            base_url: base_url.unwrap_or_else(|| BaseUrl::of_project(&project)),
            project,
            project_header,
            bearer,
            uris: std::array::from_fn(|_| OnceBox::new()),
            keys: match pinned {
                Some(keys) => Keyring::pinned(settings.keys, keys),
                None => Keyring::new(settings.keys),
            },
        })
    }

    pub(crate) fn project(&self) -> &ProjectId {
        &self.project
    }

    pub(crate) fn uri(&self, operation: &Operation, endpoint: &Endpoint) -> Result<Uri, Error> {
        let make = || self.base_url.join(endpoint.path);
        match operation.index().and_then(|index| self.uris.get(index)) {
            Some(cell) => cell.get_or_try_init(|| make().map(Box::new)).cloned(),
            None => make(),
        }
    }

    /// The address of the project's public keys. API: `GET /v2/keys/{projectId}`.
    pub(crate) fn keys_uri(&self) -> Result<Uri, Error> {
        self.base_url
            .join(&format!("/v2/keys/{}", self.project.as_str()))
    }

    /// The bearer of a request.
    pub(crate) fn bearer_of(
        &self,
        request: &Fields<'_>,
        bearer: Bearer,
        settings: &Settings,
    ) -> Result<HeaderValue, Error> {
        let token = |key: &'static str| request.text(key).map(|token| (key, token));
        let part = match bearer {
            Bearer::Project => match token("refreshToken") {
                Some(token) => token,
                None => return Ok(self.bearer.clone()),
            },
            Bearer::Refresh | Bearer::CheckedRefresh => {
                ("refreshToken", request.needed("refreshToken")?)
            }
            Bearer::Session => ("sessionToken", request.needed("sessionToken")?),
            Bearer::Management => {
                let Some(key) = settings.management_key.as_deref() else {
                    return Err(Error::config(
                        "there is no management key: set DESCOPE_MANAGEMENT_KEY, or give `managementKey` in the configuration",
                    ));
                };
                return bearer::header(&self.project, [Some(("managementKey", key)), None]);
            }
        };
        let own_key = settings.auth_management_key.as_deref();
        let own_key = own_key.map(|key| ("authManagementKey", key));
        bearer::header(&self.project, [Some(part), own_key])
    }
}
