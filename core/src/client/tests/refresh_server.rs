//! A service whose refresh tokens work once. It answers when the test says so.

use std::collections::HashSet;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{Ed25519KeyPair, KeyPair};

use super::scripted_server::{REFRESH, Received, receive_request, respond};
use crate::client::Client;

/// The service.
pub(super) struct RefreshServer {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Whether requests are answered.
    is_open: bool,
    /// How many of the next requests lose their connection instead of an answer.
    failures: usize,
    /// The refresh tokens of the requests that have arrived.
    refreshes: Vec<String>,
    /// The number of other requests that have arrived.
    others: usize,
    used: HashSet<String>,
}

/// A token that the service has signed.
pub(super) fn token(kind: &str, number: usize) -> String {
    let header = r#"{"alg": "EdDSA", "kid": "K1"}"#;
    let claims = format!(
        r#"{{"iss": "P1", "sub": "U1", "exp": 9999999999, "drn": "{kind}", "number": {number}}}"#
    );
    let [header, claims] = [header, &claims].map(|part| URL_SAFE_NO_PAD.encode(part));
    let signed = format!("{header}.{claims}");
    let signature = URL_SAFE_NO_PAD.encode(key_pair().sign(signed.as_bytes()).as_ref());
    format!("{signed}.{signature}")
}

/// The body of a response with a session.
pub(super) fn session(number: usize) -> String {
    let [session, refresh] = ["DS", "DSR"].map(|kind| token(kind, number));
    format!(r#"{{"sessionJwt": "{session}", "refreshJwt": "{refresh}"}}"#)
}

pub(super) fn key_pair() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[9; 32]).unwrap()
}

impl RefreshServer {
    /// Starts a service that does not answer yet. It runs until the test program ends.
    pub(super) fn start() -> RefreshServer {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let for_thread = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, shared) = (stream.unwrap(), Arc::clone(&for_thread));
                thread::spawn(move || while serve(&stream, &shared).is_some() {});
            }
        });
        RefreshServer { address, shared }
    }

    /// A client with these further configuration keys: `, "key": value`.
    pub(super) fn client(&self, more: &str) -> Arc<Client> {
        client_of(self.address, more)
    }

    /// Answers the requests that wait, and all later ones.
    pub(super) fn open(&self) {
        self.change(|state| state.is_open = true);
    }

    pub(super) fn fail(&self, requests: usize) {
        self.change(|state| state.failures = requests);
    }

    pub(super) fn wait_for_refreshes(&self, count: usize) {
        self.wait_until(|state| state.refreshes.len() >= count);
    }

    /// How many refreshes have arrived.
    pub(super) fn refreshes(&self) -> usize {
        self.shared.state.lock().unwrap().refreshes.len()
    }

    /// How many other requests have arrived.
    pub(super) fn others(&self) -> usize {
        self.shared.state.lock().unwrap().others
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.shared.state.lock().unwrap());
        self.shared.changed.notify_all();
    }

    fn wait_until(&self, is_done: impl Fn(&State) -> bool) {
        let state = self.shared.state.lock().unwrap();
        let wait = self
            .shared
            .changed
            .wait_while(state, |state| !is_done(state));
        drop(wait.unwrap());
    }
}

/// A client of the project P1 at an address.
pub(super) fn client_of(address: SocketAddr, more: &str) -> Arc<Client> {
    let x = URL_SAFE_NO_PAD.encode(key_pair().public_key());
    let key =
        format!(r#"{{\"kty\": \"OKP\", \"crv\": \"Ed25519\", \"kid\": \"K1\", \"x\": \"{x}\"}}"#);
    let config = format!(
        r#"{{"projectId": "P1", "baseUrl": "http://{address}", "proxy": "none", "publicKey": "{key}"{more}}}"#
    );
    Arc::new(Client::from_json(Some(&config)).unwrap())
}

/// Receives and answers one request. `None` if the connection is closed.
fn serve(stream: &TcpStream, shared: &Shared) -> Option<()> {
    let Received { path, bearer } = receive_request(stream)?;
    let is_refresh = path.contains(REFRESH);
    let mut state = shared.state.lock().unwrap();
    if is_refresh {
        state.refreshes.push(bearer.clone());
    } else {
        state.others += 1;
    }
    shared.changed.notify_all();
    let mut state = shared
        .changed
        .wait_while(state, |state| !state.is_open)
        .unwrap();
    if let Some(left) = state.failures.checked_sub(1) {
        state.failures = left;
        return None;
    }
    let (status, body) = match (is_refresh, state.used.insert(bearer)) {
        (false, _) => ("200 OK", r#"{"maskedPhone": "+1*******23"}"#.to_owned()),
        (true, true) => ("200 OK", session(state.used.len())),
        (true, false) => ("401 Unauthorized", r#"{"errorCode": "E061005"}"#.to_owned()),
    };
    drop(state);
    respond(stream, &format!("{status}\r\ncf-ray: R1"), &body)
}
