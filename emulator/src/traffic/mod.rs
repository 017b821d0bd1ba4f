//! What happens around the API: requests are recorded, faults are injected, changes are saved, responses get
//! a date. And which requests of web pages are served.

pub(crate) mod control_access;
pub(crate) mod cors;
mod date_header;
mod fault;
pub(crate) mod fault_queue;
pub(crate) mod middleware;
pub(crate) mod persistence;
mod random_faults;
mod redact;
pub(crate) mod request_log;
mod request_pattern;
mod scanner;
pub(crate) mod webhook;

use std::sync::Arc;

use crate::domain::project::Project;
use crate::state_file::StateFile;
pub(crate) use fault::FaultSpec;
use fault_queue::FaultQueue;
pub(crate) use random_faults::RandomFaultsSpec;
use request_log::RequestLog;
pub(crate) use request_pattern::{PathPattern, is_api_path};
use scanner::Scanner;
pub(crate) use scanner::ScannerSpec;
use webhook::Webhook;

/// All state of a running emulator.
#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) project: Arc<Project>,
    pub(crate) faults: Arc<FaultQueue>,
    pub(crate) requests: Arc<RequestLog>,
    pub(crate) scanner: Arc<Scanner>,
    /// Where the project is kept, if it is.
    pub(crate) state_file: Option<Arc<StateFile>>,
}

impl AppState {
    /// `keep_requests` is how many requests the log keeps.
    pub(crate) fn new(
        project: Project,
        state_file: Option<StateFile>,
        keep_requests: usize,
        webhook: Option<Webhook>,
    ) -> AppState {
        let scanner: Arc<Scanner> = Arc::default();
        let scanning = scanner.clone();
        let project_id = project.id().to_owned();
        project.on_delivery(move |message| {
            scanning.scan(message);
            if let Some(webhook) = &webhook {
                webhook.post(&project_id, message);
            }
        });
        AppState {
            project: Arc::new(project),
            faults: Arc::default(),
            requests: Arc::new(RequestLog::new(keep_requests)),
            scanner,
            state_file: state_file.map(Arc::new),
        }
    }
}
