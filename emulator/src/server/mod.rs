//! A running emulator: its listener, its routes, its thread, and what it prints when it is ready.

mod input_files;
mod project_config;
mod projects;
mod routes;

use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use futures_util::future::try_join_all;
use serde_json::json;
use tokio::sync::oneshot;

use crate::domain::messages::Message;
use crate::domain::project::{Project, ProjectConfig};
use crate::error::Error;
use crate::net::connection::Connections;
use crate::net::loopback::{LOOPBACK_HOSTS, LoopbackListeners};
use crate::net::serve::ConnectionServer;
use crate::net::tls::Tls;
use crate::options::Options;
use crate::state_file::StateFile;
use crate::traffic::AppState;
use crate::traffic::control_access::AllowedHosts;
use crate::traffic::webhook::Webhook;
use project_config::project_config;
use projects::{Projects, Shared};

/// A running emulator. It stops when this is dropped.
pub struct Emulator {
    base_url: String,
    /// Why it does not listen on `::1`, if it does not.
    ipv6_problem: Option<String>,
    tls: Option<Tls>,
    app: AppState,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Emulator {
    /// Starts an emulator on a thread of its own. It accepts connections when this returns.
    ///
    /// # Errors
    ///
    /// [`Error`] if an option or a file that it names is invalid, or if the operating system fails.
    pub fn start(options: Options) -> Result<Emulator, Error> {
        let listeners = LoopbackListeners::bind(options.port)
            .map_err(|e| Error::Option(format!("cannot listen on port {}: {e}", options.port)))?;
        let ipv6_problem = listeners.ipv6_problem();
        let tls = options
            .tls
            .then(|| Tls::new(options.ca_file.as_deref()))
            .transpose()?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let base_url = format!("{scheme}://127.0.0.1:{}", listeners.port()?);
        let latency = options.latency;
        if options.any_project && options.state.is_some() {
            let problem = "--any-project cannot be combined with --state, which keeps one project";
            return Err(Error::Option(problem.to_owned()));
        }
        let state_file = options.state.clone().map(StateFile::new);
        let (project, config) = project(&options, &base_url, state_file.as_ref())?;
        let (webhook, webhook_worker) = match &options.on_message {
            Some(url) => {
                let (webhook, worker) = Webhook::new(url)
                    .map_err(|problem| Error::Option(format!("--on-message {problem}")))?;
                (Some(webhook), Some(worker))
            }
            None => (None, None),
        };
        let shared = Shared {
            allowed_hosts: AllowedHosts::parse(&options.allowed_hosts)
                .map_err(|problem| Error::Option(format!("--allow-host {problem}")))?
                .into(),
            webhook,
            keep_requests: options.keep_requests,
        };
        let app = AppState::new(
            project,
            state_file,
            shared.keep_requests,
            shared.webhook.clone(),
        );
        let projects = Projects::new(&app, shared, options.any_project.then_some(config));
        let server = ConnectionServer {
            router_for: Arc::new(move |request| projects.router_for(request)),
            tls: tls.as_ref().map(Tls::acceptor),
            latency,
            connections: Connections::default(),
        };
        let (stop, stopped) = oneshot::channel();
        // A runtime of its own on a thread of its own: a caller may run in a tokio runtime already.
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        if let Some(worker) = webhook_worker {
            runtime.spawn(worker.run());
        }
        let serve = move || runtime.block_on(serve(listeners, server, stopped));
        let thread = std::thread::Builder::new().name("emulator".to_owned());
        Ok(Emulator {
            base_url,
            ipv6_problem,
            tls,
            app,
            stop: Some(stop),
            thread: Some(thread.spawn(serve)?),
        })
    }

    /// The base URL, for example `http://127.0.0.1:34567`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The ID of the emulated project.
    #[must_use]
    pub fn project_id(&self) -> &str {
        self.app.project.id()
    }

    /// The management key of the emulated project.
    #[must_use]
    pub fn management_key(&self) -> &str {
        self.app.project.management_key()
    }

    /// The PEM file with the CA certificate, if the emulator serves HTTPS.
    #[must_use]
    pub fn ca_file(&self) -> Option<&Path> {
        self.tls.as_ref().map(Tls::ca_file)
    }

    /// The messages to an address, newest first.
    #[must_use]
    pub fn messages(&self, to: &str) -> Vec<Message> {
        self.app.project.messages_to(Some(to))
    }

    /// One line of JSON that tells a program the base URL, the project and its management key.
    #[must_use]
    pub fn ready_line(&self) -> String {
        let mut ready = json!({
            "ready": true,
            "baseUrl": self.base_url,
            "projectId": self.project_id(),
            "managementKey": self.management_key(),
        });
        if let Some(path) = self.ca_file() {
            ready["caFile"] = json!(path);
        }
        ready.to_string()
    }

    /// Shell commands that make programs use this emulator.
    #[must_use]
    pub fn exports(&self) -> String {
        let mut lines = format!(
            "# The inbox: {0}/\nexport DESCOPE_BASE_URL={0}\nexport DESCOPE_BASE_URI={0}\n\
             export DESCOPE_PROJECT_ID={1}\nexport DESCOPE_MANAGEMENT_KEY={2}\n",
            self.base_url,
            self.project_id(),
            self.management_key()
        );
        if let Some(path) = self.ca_file() {
            let path = shell_quoted(&path.display().to_string());
            lines.push_str(&format!("export SSL_CERT_FILE={path}\n"));
        }
        lines.push_str(&no_proxy_exports());
        if let Some(problem) = &self.ipv6_problem {
            lines.push_str(&format!(
                "# It listens on 127.0.0.1 only. ::1 is not available: {problem}\n"
            ));
        }
        lines
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // This fails only if the server has ended already.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl std::fmt::Debug for Emulator {
    /// Omits the management key and the state of the project.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Emulator")
            .field("base_url", &self.base_url)
            .field("project_id", &self.project_id())
            .field("ca_file", &self.ca_file())
            .finish_non_exhaustive()
    }
}

/// The saved project, or a new one, with its configuration. It is saved. So its keys stay, even if nothing else changes.
fn project(
    options: &Options,
    base_url: &str,
    state_file: Option<&StateFile>,
) -> Result<(Project, ProjectConfig), Error> {
    let saved = match state_file {
        Some(file) => file.load(&options.project_id)?,
        None => None,
    };
    let saved_key = saved.as_ref().map(|saved| saved.management_key.clone());
    let config = project_config(options, base_url, saved_key)?;
    let project = match saved {
        Some(saved) => Project::resume(config.clone(), saved),
        None => Project::new(config.clone())?,
    };
    if let Some(file) = state_file {
        file.save(&project)?;
    }
    Ok((project, config))
}

/// Makes programs connect to the emulator directly, even if their environment names a proxy. What this
/// process finds in `NO_PROXY` stays in it. Some programs read only one of the two spellings.
fn no_proxy_exports() -> String {
    let variables = ["no_proxy", "NO_PROXY"].iter();
    let mut present = variables.filter_map(|name| std::env::var(name).ok());
    let present = present.find(|list| !list.is_empty());
    let others = present.map_or_else(String::new, |list| format!(",{}", shell_quoted(&list)));
    format!("export NO_PROXY={LOOPBACK_HOSTS}{others}\nexport no_proxy={LOOPBACK_HOSTS}{others}\n")
}

fn shell_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Serves until it is stopped, or until a listener cannot be used.
async fn serve(
    listeners: LoopbackListeners,
    server: ConnectionServer,
    stopped: oneshot::Receiver<()>,
) {
    let listeners = listeners.into_vec().into_iter();
    let serve = try_join_all(listeners.map(|tcp| server.clone().serve(tcp)));
    // A graceful shutdown would wait for connections that clients keep alive, so they are dropped.
    tokio::select! {
        _ = serve => {}
        _ = stopped => {}
    }
}
