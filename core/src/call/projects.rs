//! The projects of a client: the configured one, and those that requests name. Each has its own keys.

use std::ops::Deref;
use std::sync::Arc;

use arc_swap::ArcSwap;

use super::key_requests::KeyRequests;
use super::project::Project;
use super::project_keys::ProjectKeys;
use crate::config::{ProjectId, Settings};
use crate::error::Error;
use crate::json::{self, Object};
use crate::jwt::{KeyCacheLimits, KeySet};
use crate::os;

/// The maximum number of other projects that a client caches.
const MAX_CACHED_PROJECTS: usize = 64;

/// The projects of a client.
pub(crate) struct Projects {
    default: Option<ProjectEntry>,
    /// Other projects, the newest last. The list is replaced as a whole: there is no lock that a fork
    /// could leave locked.
    cache: ArcSwap<Vec<Arc<ProjectEntry>>>,
    /// What all projects draw on when they fetch keys.
    key_requests: Arc<KeyRequests>,
    /// The configured public keys, if there are any.
    configured_keys: Option<Arc<KeySet>>,
}

/// A project and its public keys.
pub(crate) struct ProjectEntry {
    pub(crate) project: Project,
    pub(super) keys: ProjectKeys,
}

/// The project of a request.
pub(super) enum ProjectRef<'a> {
    Default(&'a ProjectEntry),
    Named(Arc<ProjectEntry>),
}

impl Deref for ProjectRef<'_> {
    type Target = ProjectEntry;

    fn deref(&self) -> &ProjectEntry {
        match self {
            ProjectRef::Default(entry) => entry,
            ProjectRef::Named(entry) => entry,
        }
    }
}

impl Projects {
    /// # Errors
    ///
    /// [`Error::Config`] if the configured public key is invalid.
    pub(super) fn new(settings: &Settings) -> Result<Projects, Error> {
        let mut projects = Projects {
            default: None,
            cache: ArcSwap::default(),
            key_requests: KeyRequests::new(),
            configured_keys: configured_keys(settings)?.map(Arc::new),
        };
        if let Some(id) = settings.project_id.clone() {
            let keys = projects.configured_keys.clone();
            projects.default = Some(projects.new_entry(id, settings, keys)?);
        }
        Ok(projects)
    }

    /// The configured project.
    pub(crate) fn default_project(&self) -> Result<&ProjectEntry, Error> {
        self.default.as_ref().ok_or_else(|| {
            Error::config(if os::is_secure_execution() {
                "no project ID is set: pass `projectId` in the configuration or the request. Environment variables are ignored, since this program has more privileges than its user: it is a set-user-ID program, it has file capabilities, or a security module such as SELinux says so"
            } else {
                "no project ID is set: set DESCOPE_PROJECT_ID, or pass `projectId` in the configuration or the request"
            })
        })
    }

    /// The project that the request names, or the configured one.
    pub(super) fn project_for(
        &self,
        request: &Object<'_>,
        settings: &Settings,
    ) -> Result<ProjectRef<'_>, Error> {
        let Some(id) = request.string("projectId") else {
            return self.default_project().map(ProjectRef::Default);
        };
        let id = ProjectId::parse(id)
            .map_err(|problem| Error::argument(format!("`projectId` {problem}")))?;
        let default = self.default.as_ref();
        if let Some(default) = default.filter(|entry| *entry.project.id() == id) {
            return Ok(ProjectRef::Default(default));
        }
        if let Some(cached) = self.find_cached(&id) {
            return Ok(ProjectRef::Named(cached));
        }
        // Configured keys without a configured project belong to the projects of the requests.
        let keys = self.configured_keys.clone().filter(|_| default.is_none());
        let entry = Arc::new(self.new_entry(id, settings, keys)?);
        Ok(ProjectRef::Named(self.insert(entry)))
    }

    fn find_cached(&self, id: &ProjectId) -> Option<Arc<ProjectEntry>> {
        let cached = self.cache.load();
        let found = cached.iter().find(|entry| entry.project.id() == id);
        found.cloned()
    }

    /// Adds a project, unless another thread was faster. Returns the one in the cache: all threads share
    /// one set of keys.
    fn insert(&self, entry: Arc<ProjectEntry>) -> Arc<ProjectEntry> {
        let id = entry.project.id();
        self.cache.rcu(|cached| {
            if cached.iter().any(|entry| entry.project.id() == id) {
                return Vec::clone(cached);
            }
            let surplus = cached.len().saturating_sub(MAX_CACHED_PROJECTS - 1);
            let mut updated: Vec<_> = cached.iter().skip(surplus).cloned().collect();
            updated.push(Arc::clone(&entry));
            updated
        });
        self.find_cached(id).unwrap_or(entry)
    }

    fn new_entry(
        &self,
        id: ProjectId,
        settings: &Settings,
        configured_keys: Option<Arc<KeySet>>,
    ) -> Result<ProjectEntry, Error> {
        let limits = KeyCacheLimits {
            ttl: settings.keys_ttl,
            fetch_interval: settings.keys_interval,
        };
        let requests = self.key_requests.of_project(&id);
        let keys = ProjectKeys::new(limits, requests, settings.verified_tokens);
        Ok(ProjectEntry {
            project: Project::new(id, settings)?,
            keys: match configured_keys {
                Some(configured) => keys.with_configured(configured),
                None => keys,
            },
        })
    }
}

/// Parses the configured public key.
pub(super) fn configured_keys(settings: &Settings) -> Result<Option<KeySet>, Error> {
    let Some(public_key) = &settings.public_key else {
        return Ok(None);
    };
    let keys = KeySet::parse_key_or_set(json::without_byte_order_mark(&public_key.value));
    keys.map(Some)
        .map_err(|problem| public_key.error(&format!("{problem}: pass a JSON Web Key")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Environment};
    use crate::jwt::KeyLookup;
    use crate::net::CallContext;
    use crate::net::testing::in_blocking_call;

    fn key(id: &str) -> String {
        let x = "A".repeat(43);
        format!(r#"{{"kty": "OKP", "crv": "Ed25519", "kid": "{id}", "x": "{x}"}}"#)
    }

    /// The keys of the project P1 if DESCOPE_PUBLIC_KEY has this value.
    fn keys_with_variable(config: Config<'_>, variable: &str) -> Result<Arc<KeySet>, Error> {
        let env = Environment::of(&[("DESCOPE_PUBLIC_KEY", variable)]);
        let settings = config.project_id("P1").resolve_in(&env)?;
        let projects = Projects::new(&settings)?;
        let keys = &projects.default_project()?.keys;
        in_blocking_call(async |context: CallContext<'_>| {
            keys.get_current(KeyLookup::AnyToken, context)
        })
        .ok_or_else(|| Error::internal("looking for configured keys"))
    }

    #[test]
    fn a_configured_public_key_overrides_the_environment() {
        let from_env = keys_with_variable(Config::new(), &key("Kenv")).unwrap();
        assert!(from_env.contains(Some("Kenv")));
        let config = Config::new().public_key(key("Kown"));
        let own = keys_with_variable(config, &key("Kenv")).unwrap();
        assert!(own.contains(Some("Kown")) && !own.contains(Some("Kenv")));
    }

    #[test]
    fn an_invalid_public_key_is_rejected_and_not_shown() {
        let from_env = keys_with_variable(Config::new(), "S3cret");
        let config = Config::new().public_key("S3cret");
        for (result, source) in [
            (from_env, "DESCOPE_PUBLIC_KEY"),
            (keys_with_variable(config, &key("Kenv")), "publicKey"),
        ] {
            let error = result.err().unwrap().to_string();
            let problem = format!("`{source}` contains no supported signing key");
            assert!(error.starts_with(&problem), "{error}");
            assert!(!error.contains("S3cret"), "{error}");
        }
    }
}
