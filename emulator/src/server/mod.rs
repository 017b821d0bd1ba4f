//! A running emulator: its listener, its routes, its thread, and what it prints when it is ready.

mod exports;
mod input_files;
mod project_config;
mod projects;
mod recently_used;
mod routes;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use futures_util::future::try_join_all;
use serde_json::json;
use tokio::sync::oneshot;
use url::Host;

use crate::domain::messages::Message;
use crate::domain::project::{Project, ProjectConfig};
use crate::error::Error;
use crate::net::connection::Connections;
use crate::net::listeners::Listeners;
use crate::net::serve::ConnectionServer;
use crate::net::tls::Tls;
use crate::options::Options;
use crate::state_file::StateFile;
use crate::traffic::AppState;
use crate::traffic::control_access::AllowedHosts;
use crate::traffic::webhook::Webhook;
use exports::Exports;
use project_config::project_config;
use projects::{Projects, Shared};

/// A running emulator. It stops when this is dropped.
pub struct Emulator {
    base_url: String,
    /// Why it does not listen on `::1`, if it does not.
    ipv6_problem: Option<String>,
    /// The address that it listens on, if it is not both loopback addresses.
    host: Option<IpAddr>,
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
        let (host, port) = (options.host, options.port);
        let listeners = Listeners::bind(host, port).map_err(|e| {
            let host = host.map_or_else(String::new, |host| format!(" of {host}"));
            Error::Option(format!("cannot listen on port {port}{host}: {e}"))
        })?;
        let ipv6_problem = listeners.ipv6_problem();
        let is_exposed = host.is_some_and(|host| !host.is_loopback());
        let tls = match options.tls {
            true => Some(tls(&options)?),
            false => None,
        };
        let scheme = if tls.is_some() { "https" } else { "http" };
        let address = SocketAddr::new(own_address(host), listeners.port()?);
        let base_url = format!("{scheme}://{address}");
        let latency = options.latency;
        if options.any_project && options.state.is_some() {
            let problem = "--any-project cannot be combined with --state, which keeps one project";
            return Err(Error::Option(problem.to_owned()));
        }
        let state_file = options.state.clone().map(StateFile::new);
        let (project, config) = project(&options, &base_url, state_file.as_ref())?;
        let (webhook, webhook_worker) = match &options.on_message {
            Some(url) => {
                Webhook::new(url).map(|(webhook, worker)| (Some(webhook), Some(worker)))?
            }
            None => (None, None),
        };
        let shared = Shared {
            allowed_hosts: AllowedHosts::parse(&options.allowed_hosts, is_exposed)
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
            host,
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
        Exports {
            base_url: &self.base_url,
            project_id: self.project_id(),
            management_key: self.management_key(),
            tls: self.tls.as_ref(),
            host: self.host,
            ipv6_problem: self.ipv6_problem.as_deref(),
        }
        .to_string()
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

/// The address by which programs on this machine reach an emulator that listens on `host`.
fn own_address(host: Option<IpAddr>) -> IpAddr {
    match host {
        Some(host) if !host.is_unspecified() => host,
        Some(IpAddr::V6(_)) => Ipv6Addr::LOCALHOST.into(),
        _ => Ipv4Addr::LOCALHOST.into(),
    }
}

/// The certificates, also for the names of `--tls-name` and the address of `--host`.
fn tls(options: &Options) -> Result<Tls, Error> {
    for name in &options.tls_names {
        Host::parse(name).map_err(|_| {
            Error::Option(format!(
                "--tls-name must be a host name or address, without scheme and port: `{name}` is not"
            ))
        })?;
    }
    let host = options.host.filter(|host| !host.is_unspecified());
    let mut names = options.tls_names.clone();
    names.extend(host.map(|host| host.to_string()));
    Tls::new(options.ca_file.as_deref(), &names)
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

/// Serves until it is stopped, or until a listener cannot be used.
async fn serve(listeners: Listeners, server: ConnectionServer, stopped: oneshot::Receiver<()>) {
    let listeners = listeners.into_vec().into_iter();
    let serve = try_join_all(listeners.map(|tcp| server.clone().serve(tcp)));
    // A graceful shutdown would wait for connections that clients keep alive, so they are dropped.
    tokio::select! {
        _ = serve => {}
        _ = stopped => {}
    }
}
