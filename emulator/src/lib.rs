//! A local Descope: a real HTTP server that plays the part of the service that magic links need, so
//! that programs and tests run without an account, a network or a phone.
//!
//! Facts about the service come from its published OpenAPI document, its documentation and the
//! behaviour of its SDKs; where none of them says, the emulator chooses, and the choice is noted where
//! it is made. It serves 127.0.0.1 only.

mod api;
mod clock;
mod control;
mod error;
mod id;
mod inbox;
mod key;
mod latency;
mod link;
mod method;
mod options;
mod service;
mod settings;
mod store;
mod tls;
mod token;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use clock::Clock;
use control::{Control, Line, PlainListener};
pub use error::Error;
pub use key::Algorithm;
pub use options::Options;
use service::Service;
pub use settings::Tokens;
use settings::{Current, Settings};
pub use store::Message;
use store::{Store, Users};
use tls::Tls;
use token::Signer;

/// How much of a request body is read, in bytes. This is more than is accepted: a client that is still
/// sending when the connection ends is told of a reset, and never sees why it was refused.
const READ_BODY: usize = 16 << 20;

/// A running emulator; it stops when this is dropped.
pub struct Emulator {
    base_url: String,
    project_id: String,
    management_key: String,
    ca_file: Option<PathBuf>,
    service: Arc<Service>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Emulator {
    /// Starts an emulator on a thread of its own; it serves when this returns.
    ///
    /// # Errors
    ///
    /// [`Error`] when an option, the seed file or the system does not allow it.
    pub fn start(options: Options) -> Result<Emulator, Error> {
        let tcp = std::net::TcpListener::bind(("127.0.0.1", options.port))
            .map_err(|e| Error::Option(format!("port {}: {e}", options.port)))?;
        tcp.set_nonblocking(true)?;
        let tls = options
            .tls
            .then(|| Tls::new(options.ca_file.as_deref()))
            .transpose()?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let base_url = format!("{scheme}://127.0.0.1:{}", tcp.local_addr()?.port());
        let latency = options.latency;
        let service = Arc::new(service(options, &base_url)?);
        let router = router(Arc::clone(&service));
        let (stop, stopped) = oneshot::channel();
        let ca_file = tls.as_ref().map(|tls| tls.ca_file().to_owned());
        // Nothing blocks on it here, so that a test which has a runtime of its own can call this too.
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        let serve = move || runtime.block_on(serve(tcp, latency, tls, router, stopped));
        let thread = std::thread::Builder::new().name("emulator".to_owned());
        Ok(Emulator {
            base_url,
            project_id: service.project_id.clone(),
            management_key: service.management_key.clone(),
            ca_file,
            service,
            stop: Some(stop),
            thread: Some(thread.spawn(serve)?),
        })
    }

    /// Where it serves, e.g. `http://127.0.0.1:34567`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The ID of the project that it plays.
    #[must_use]
    pub fn project_id(&self) -> &str {
        &self.project_id
    }

    /// The project's management key.
    #[must_use]
    pub fn management_key(&self) -> &str {
        &self.management_key
    }

    /// The file with the throw-away authority's certificate, when it serves HTTPS.
    #[must_use]
    pub fn ca_file(&self) -> Option<&Path> {
        self.ca_file.as_deref()
    }

    /// The messages that were delivered to an address, newest first.
    #[must_use]
    pub fn messages(&self, to: &str) -> Vec<Message> {
        self.service.store.lock().messages.to(Some(to))
    }

    /// The line that tells a program where and what is served.
    #[must_use]
    pub fn ready_line(&self) -> String {
        let mut ready = json!({
            "ready": true,
            "baseUrl": self.base_url,
            "projectId": self.project_id,
            "managementKey": self.management_key,
        });
        if let Some(path) = &self.ca_file {
            ready["caFile"] = json!(path);
        }
        ready.to_string()
    }

    /// The lines to paste into a shell whose programs are to use this emulator.
    #[must_use]
    pub fn exports(&self) -> String {
        let mut lines = format!(
            "# The inbox: {0}/\nexport DESCOPE_BASE_URL={0}\nexport DESCOPE_BASE_URI={0}\n\
             export DESCOPE_PROJECT_ID={1}\nexport DESCOPE_MANAGEMENT_KEY={2}\n",
            self.base_url, self.project_id, self.management_key
        );
        if let Some(path) = &self.ca_file {
            let path = path.display().to_string().replace('\'', r"'\''");
            lines.push_str(&format!("export SSL_CERT_FILE='{path}'\n"));
        }
        lines
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // Both are gone already only if the server ended by itself.
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl std::fmt::Debug for Emulator {
    /// Shows all but the management key and what the project remembers.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Emulator")
            .field("base_url", &self.base_url)
            .field("project_id", &self.project_id)
            .field("ca_file", &self.ca_file)
            .finish_non_exhaustive()
    }
}

fn service(options: Options, base_url: &str) -> Result<Service, Error> {
    let clock = Clock::default();
    bearer_part("--project-id", &options.project_id)?;
    let settings = Settings::new(&options, format!("{base_url}{}", inbox::LANDING))?;
    let management_key = options.management_key.unwrap_or_else(id::management_key);
    bearer_part("--management-key", &management_key)?;
    let users = match &options.seed {
        Some(path) => Users::read(path, clock.seconds())?,
        None => Users::default(),
    };
    let issuer = match &options.issuer_url {
        Some(url) => link::issuer(url, &options.project_id)
            .map_err(|problem| Error::Option(format!("--issuer-url {problem}")))?,
        None => options.project_id.clone(),
    };
    Ok(Service {
        signer: Signer::new(issuer, options.algorithm)?,
        project_id: options.project_id,
        management_key,
        settings: Current::new(settings.clone()),
        clock,
        control: Control::new(users.clone(), settings, options.keep_requests),
        store: Store::new(users),
    })
}

/// Refuses what could not stand in a bearer between colons, or would need quotes in a shell.
fn bearer_part(flag: &str, value: &str) -> Result<(), Error> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    match !value.is_empty() && value.chars().all(plain) {
        true => Ok(()),
        false => Err(Error::Option(format!(
            "{flag} must be letters, digits, `-` and `_`, at least one of them"
        ))),
    }
}

fn router(service: Arc<Service>) -> Router {
    let watch = axum::middleware::from_fn_with_state(Arc::clone(&service), control::watch);
    api::routes()
        .layer(watch)
        .merge(control::routes())
        .layer(axum::extract::DefaultBodyLimit::max(READ_BODY))
        .with_state(service)
}

async fn serve(
    tcp: std::net::TcpListener,
    latency: Duration,
    tls: Option<Tls>,
    router: Router,
    stopped: oneshot::Receiver<()>,
) {
    let serve = async {
        let tcp = match latency.is_zero() {
            true => TcpListener::from_std(tcp)?,
            false => latency::behind(TcpListener::from_std(tcp)?, latency).await?,
        };
        let router = router.into_make_service_with_connect_info::<Line>();
        match &tls {
            Some(tls) => axum::serve(tls.listen(tcp)?, router).await,
            None => axum::serve(PlainListener(tcp), router).await,
        }
    };
    // Connections that clients keep would hold up a graceful end, so they are dropped.
    tokio::select! {
        _ = serve => {}
        _ = stopped => {}
    }
}
