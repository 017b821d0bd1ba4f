//! The Rust face with an emulator that is restarted and continues from its state file.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::path::Path;

use descope_ml_core::{
    Client, Config, RefreshRequest, SignInRequest, SignedIn, ValidateRequest, VerifyRequest,
};
use descope_ml_emulator::{Emulator, Options};
use serde_json::Value;

const PHONE: &str = "+14155550123";

/// An emulator with a state file. Port 0 stands for any free one.
fn emulator(state: &Path, port: u16) -> Emulator {
    Emulator::start(Options {
        port,
        state: Some(state.to_owned()),
        ..Options::default()
    })
    .unwrap()
}

fn client(emulator: &Emulator) -> Client {
    let config = Config::new()
        .project_id(emulator.project_id())
        .base_url(emulator.base_url());
    Client::new(config).unwrap()
}

fn session_token(signed_in: &SignedIn) -> String {
    let response: Value = serde_json::from_str(signed_in.json()).unwrap();
    response["sessionJwt"].as_str().unwrap().to_owned()
}

#[test]
fn after_a_restart_a_session_still_validates_and_refreshes() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state.json");
    let before = emulator(&state, 0);
    let port = before.base_url().rsplit(':').next().unwrap();
    let port: u16 = port.parse().unwrap();
    let old_client = client(&before);
    old_client
        .sign_up_or_in_sms(&SignInRequest::new(PHONE))
        .unwrap();
    let token = before.messages(PHONE)[0].token.clone();
    let signed_in = old_client.verify(&VerifyRequest::new(&token)).unwrap();
    let first_token = session_token(&signed_in);
    let refresh_token = signed_in.refresh_jwt().unwrap();
    drop(before);

    let after = emulator(&state, port);
    // The new client has no keys yet, so it gets those of the restarted emulator.
    for client in [&old_client, &client(&after)] {
        let validate = ValidateRequest::new(&first_token);
        assert!(client.validate(&validate).is_ok());
        let refreshed = client.refresh(&RefreshRequest::new(&refresh_token));
        let new_token = session_token(&refreshed.unwrap());
        let validate = ValidateRequest::new(&new_token);
        assert!(client.validate(&validate).is_ok());
    }
}
