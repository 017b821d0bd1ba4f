//! Where the calls of a project go, and as whom.

use std::borrow::Cow;
use std::sync::Arc;

use once_cell::race::OnceBox;
use ureq::http::header::{
    AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, USER_AGENT,
};
use ureq::http::uri::Authority;
use ureq::http::{Error as HttpError, Uri};

use crate::bearer;
use crate::config::{BaseUrl, ProjectId, Settings};
use crate::document::Fields;
use crate::error::Error;
use crate::operation::{Bearer, Endpoint, Method, OPERATIONS, Operation};
use crate::token::Keyring;

const PROJECT_ID: HeaderName = HeaderName::from_static("x-descope-project-id");
const SDK_NAME: HeaderName = HeaderName::from_static("x-descope-sdk-name");
const SDK_VERSION: HeaderName = HeaderName::from_static("x-descope-sdk-version");

/// A project that calls are made for.
pub(crate) struct Destination {
    project: ProjectId,
    base_url: BaseUrl,
    /// The headers of a POST without a token.
    headers: HeaderMap,
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
        let base_url = settings.base_url.clone();
        let base_url = base_url.unwrap_or_else(|| BaseUrl::of_project(&project));
        let headers = headers(&project, &base_url.join("/")?, bearer, &settings.user_agent);
        let pinned = settings.public_keys.clone().filter(|_| is_pinned);
        Ok(Destination {
            project,
            base_url,
            headers: headers.map_err(|_| Error::internal("while writing headers"))?,
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

    /// The headers of a request for the project's public keys.
    pub(crate) fn keys_headers(&self) -> HeaderMap {
        let mut headers = self.headers.clone();
        headers.remove(CONTENT_TYPE);
        headers
    }

    /// The headers of a request, but for the length of its body.
    pub(crate) fn headers_of(
        &self,
        request: &Fields<'_>,
        endpoint: &Endpoint,
        settings: &Settings,
    ) -> Result<Cow<'_, HeaderMap>, Error> {
        let mut headers = Cow::Borrowed(&self.headers);
        if let Some(bearer) = self.bearer_of(request, endpoint.bearer, settings)? {
            headers.to_mut().insert(AUTHORIZATION, bearer);
        }
        if endpoint.method != Method::Post {
            headers.to_mut().remove(CONTENT_TYPE);
        }
        Ok(headers)
    }

    /// The bearer of a request, where it is not the project's own.
    fn bearer_of(
        &self,
        request: &Fields<'_>,
        bearer: Bearer,
        settings: &Settings,
    ) -> Result<Option<HeaderValue>, Error> {
        let token = |key: &'static str| request.text(key).map(|token| (key, token));
        let part = match bearer {
            Bearer::Project => match token("refreshToken") {
                Some(token) => token,
                None => return Ok(None),
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
                return bearer::header(&self.project, [Some(("managementKey", key)), None])
                    .map(Some);
            }
        };
        let own_key = settings.auth_management_key.as_deref();
        let own_key = own_key.map(|key| ("authManagementKey", key));
        bearer::header(&self.project, [Some(part), own_key]).map(Some)
    }
}

/// The headers of a POST of a project to an address.
fn headers(
    project: &ProjectId,
    uri: &Uri,
    bearer: HeaderValue,
    user_agent: &HeaderValue,
) -> Result<HeaderMap, HttpError> {
    let mut headers = HeaderMap::with_capacity(8);
    headers.insert(HOST, host(uri)?);
    headers.insert(AUTHORIZATION, bearer);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(PROJECT_ID, HeaderValue::from_str(project.as_str())?);
    headers.insert(SDK_NAME, HeaderValue::from_static("libdescope_ml"));
    headers.insert(SDK_VERSION, HeaderValue::from_static(crate::VERSION));
    headers.insert(USER_AGENT, user_agent.clone());
    Ok(headers)
}

/// `host[:port]`, without the scheme's usual port. RFC 9110, 7.2.
fn host(uri: &Uri) -> Result<HeaderValue, HttpError> {
    let usual = match uri.scheme_str() {
        Some("https") => Some(443),
        _ => Some(80),
    };
    let host = match uri.port_u16() == usual {
        true => uri.host(),
        false => uri.authority().map(Authority::as_str),
    };
    Ok(HeaderValue::from_str(host.unwrap_or_default())?)
}
