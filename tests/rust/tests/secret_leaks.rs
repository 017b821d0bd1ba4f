//! Plants secrets in every public type of the Rust face; `Debug` and `Display` must not show them.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::Arc;

use descope_ml_core::{
    AccessKeyLoginOptions, Client, Config, CreateUserRequest, DeleteUserRequest,
    EmbeddedLinkRequest, Error, ExchangeAccessKeyRequest, GenerateMagicLinkRequest, HistoryRequest,
    LoginOptions, LogoutRequest, MatchRequest, MatchResult, MeRequest, Next, Queue, RefreshRequest,
    SelectTenantRequest, SignInRequest, SignUpEmbeddedLinkRequest, SignUpOptions, SignUpRequest,
    TenantsRequest, UpdateEmailRequest, UpdatePhoneRequest, User, ValidateRemoteRequest,
    ValidateRequest, VerifyRequest, remove_event_handler, set_event_handler,
};
use descope_ml_emulator::{Emulator, Options};
use serde_json::{Value, json};

/// Every planted secret contains this text.
const MARK: &str = "c4n4ry";

/// Types without a value of a caller.
const PLAIN: [&str; 5] = ["Outcome", "Readiness", "Reason", "Status", "TlsRoots"];

/// The names of the types that were inspected.
#[derive(Default)]
struct Inspected(BTreeSet<String>);

impl Inspected {
    /// Prints a value in every way, and checks that no secret is in the output.
    #[track_caller]
    fn inspect<T: Debug>(&mut self, value: &T) {
        let name = std::any::type_name::<T>();
        let shown = format!("{value:?} {value:#?}");
        assert!(!shown.contains(MARK), "{name}: {shown}");
        let name = name.split('<').next().unwrap_or_default();
        self.0
            .insert(name.rsplit("::").next().unwrap_or_default().to_owned());
    }

    #[track_caller]
    fn inspect_error(&mut self, error: &Error) {
        self.inspect(error);
        let shown = error.to_string();
        assert!(!shown.contains(MARK), "{shown}");
        let mut cause = std::error::Error::source(error);
        while let Some(one) = cause {
            assert!(!format!("{one} {one:?}").contains(MARK));
            cause = one.source();
        }
        match error {
            Error::Api(details) | Error::RateLimited(details) => self.inspect(&**details),
            Error::Network(details) | Error::Protocol(details) | Error::Token(details) => {
                self.inspect(&**details);
            }
            _ => {}
        }
    }
}

/// Starts a server for one request. Returns its URL, and receives the request.
fn respond_once(status: u16, body: &Value) -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let body = body.to_string();
    let served = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let (mut head, mut length) = (String::new(), 0);
        while !head.ends_with("\r\n\r\n") {
            let start = head.len();
            reader.read_line(&mut head).unwrap();
            let line = head[start..].to_lowercase();
            length = line
                .strip_prefix("content-length: ")
                .map_or(length, |text| text.trim().parse().unwrap());
        }
        let mut sent = vec![0; length];
        reader.read_exact(&mut sent).unwrap();
        write!(
            stream,
            "HTTP/1.1 {status} Because\r\nSet-Cookie: DS={MARK}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        head + &String::from_utf8(sent).unwrap()
    });
    (url, served)
}

fn config(base_url: &str) -> String {
    json!({
        "projectId": "P2test",
        "baseUrl": base_url,
        "proxy": "none",
        "maxAttempts": 1,
        "userAgent": format!("shop/{MARK}"),
        "authManagementKey": format!("K2auth{MARK}"),
        "managementKey": format!("K2mgmt{MARK}"),
        "tlsRoots": "bundled",
    })
    .to_string()
}

#[test]
fn debug_and_display_of_public_types_show_no_secret() {
    let mut inspected = Inspected::default();
    let (sender, events) = std::sync::mpsc::channel();
    set_event_handler(move |event| sender.send(event.clone()).unwrap());
    requests(&mut inspected);
    configurations(&mut inspected);
    responses_and_errors(&mut inspected);
    sessions(&mut inspected);
    remove_event_handler();
    for event in events {
        assert!(!event.to_json().contains(MARK), "{}", event.to_json());
        inspected.inspect(&event);
        inspected.inspect(&event.phases);
        event
            .requests
            .iter()
            .for_each(|request| inspected.inspect(request));
    }
    let exported = include_str!("../../../core/src/lib.rs");
    for statement in exported.split("pub use ").skip(1) {
        let statement = statement.split(';').next().unwrap_or_default();
        let names = statement.split("::").nth(1).unwrap_or_default();
        for name in names.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
            // Constants and modules contain no value of a caller.
            let is_type = name.starts_with(|c: char| c.is_ascii_uppercase())
                && name.contains(|c: char| c.is_ascii_lowercase());
            let known = !is_type || PLAIN.contains(&name) || inspected.0.contains(name);
            assert!(
                known,
                "{name} is a public type that this test does not inspect"
            );
        }
    }
}

/// Every key of every request, each with a secret.
fn requests(inspected: &mut Inspected) {
    let id = format!("ada+{MARK}@example.com");
    let claims = json!({ "note": MARK }).to_string();
    let options = LoginOptions::new().custom_claims(&claims).unwrap();
    let options = options
        .pkce_challenge(MARK)
        .template_options([(MARK, MARK)]);
    inspected.inspect(&options);
    let sign_up = SignUpOptions::new().custom_claims(&claims).unwrap();
    inspected.inspect(&sign_up);
    let user = User::new().name(MARK).phone(MARK).email(&id);
    inspected.inspect(&user);
    let extra = json!({"otp": MARK}).to_string();
    let sign_in = SignInRequest::new(&id).redirect_url(format!("https://a.example/?t={MARK}"));
    let sign_in = sign_in.refresh_token(MARK).login_options(options);
    inspected.inspect(&sign_in.extra(&extra).unwrap());
    inspected.inspect(&SignUpRequest::new(&id).user(user).login_options(sign_up));
    let all = json!({
        "loginId": id, "email": id, "phone": id, "refreshToken": MARK, "redirectUrl": MARK,
        "templateOptions": {MARK: MARK}, "extra": {"otp": MARK},
    });
    let all = all.to_string();
    inspected
        .inspect(&UpdateEmailRequest::from_json(&all.replace("\"phone\"", "\"locale\"")).unwrap());
    inspected
        .inspect(&UpdatePhoneRequest::from_json(&all.replace("\"email\"", "\"locale\"")).unwrap());
    let token = json!({"token": MARK, "audience": [MARK], "extra": {"otp": MARK}}).to_string();
    inspected.inspect(&VerifyRequest::from_json(&token).unwrap());
    let session = json!({"sessionToken": MARK, "audience": MARK}).to_string();
    inspected.inspect(&ValidateRequest::from_json(&session).unwrap());
    let remote = json!({"sessionToken": MARK, "extra": {"otp": MARK}}).to_string();
    inspected.inspect(&ValidateRemoteRequest::from_json(&remote).unwrap());
    let refresh = json!({"refreshToken": MARK, "externalToken": MARK}).to_string();
    inspected.inspect(&RefreshRequest::from_json(&refresh).unwrap());
    let own = json!({ "refreshToken": MARK }).to_string();
    inspected.inspect(&LogoutRequest::from_json(&own).unwrap());
    inspected.inspect(&MeRequest::from_json(&own).unwrap());
    inspected.inspect(&HistoryRequest::from_json(&own).unwrap());
    let tenant = json!({"tenant": MARK, "refreshToken": MARK}).to_string();
    inspected.inspect(&SelectTenantRequest::from_json(&tenant).unwrap());
    inspected.inspect(&TenantsRequest::with_ids(MARK, [MARK]));
    let options = AccessKeyLoginOptions::new().selected_tenant(MARK);
    let options = options.custom_claims(&claims).unwrap();
    inspected.inspect(&options);
    inspected.inspect(&ExchangeAccessKeyRequest::new(MARK).login_options(options));
    inspected.inspect(
        &EmbeddedLinkRequest::new(&id)
            .custom_claims(&claims)
            .unwrap(),
    );
    let user = User::new().name(MARK);
    inspected.inspect(&SignUpEmbeddedLinkRequest::new(&id).user(user));
    inspected.inspect(&DeleteUserRequest::new(&id));
    inspected.inspect(&MatchRequest::new(&claims, [MARK]).tenant(MARK));
    let new_user = json!({
        "loginId": id, "password": MARK, "hashedPassword": {"bcrypt": {"hash": MARK}},
        "customAttributes": {"note": MARK}, "userTenants": [{"tenantId": MARK}],
    });
    inspected.inspect(&CreateUserRequest::from_json(&new_user.to_string()).unwrap());
    let link = json!({"loginId": id, "deliveryMethod": "sms", "redirectUrl": MARK}).to_string();
    inspected.inspect(&GenerateMagicLinkRequest::from_json(&link).unwrap());
}

/// Valid and invalid configurations.
fn configurations(inspected: &mut Inspected) {
    let good = config("https://api.example.com");
    inspected.inspect(&Config::from_json(&good).unwrap());
    inspected.inspect(&Client::from_json(Some(&good)).unwrap());
    let proxied = json!({"projectId": "P2test", "proxy": format!("http://ada:{MARK}@127.0.0.1:1")});
    let proxied = proxied.to_string();
    inspected.inspect(&Config::from_json(&proxied).unwrap());
    inspected.inspect(&Client::from_json(Some(&proxied)).unwrap());
    for bad in [
        json!({"baseUrl": format!("https://ada:{MARK}@api.example.com")}),
        json!({"baseUrl": format!("https://api.example.com/?key={MARK}")}),
        json!({"proxy": format!("socks4://ada:{MARK}@127.0.0.1:1")}),
        json!({"proxy": format!("http://ada:{MARK}@[")}),
        json!({"authManagementKey": format!("K2 {MARK}")}),
        json!({"managementKey": format!("K2:{MARK}")}),
        json!({"managementKey": [MARK]}),
        json!({ "publicKey": MARK }),
        json!({"userAgent": format!("{MARK}\n")}),
        json!({"projectId": format!("P2 {MARK}")}),
        json!(MARK),
    ] {
        inspected.inspect_error(&Client::from_json(Some(&bad.to_string())).unwrap_err());
    }
}

/// Responses and errors.
fn responses_and_errors(inspected: &mut Inspected) {
    let id = format!("ada+{MARK}@example.com");
    let request = SignInRequest::new(&id).refresh_token(format!("a.{MARK}.c"));
    let (url, served) = respond_once(200, &json!({"maskedPhone": "+1", "later": MARK}));
    let client = Client::from_json(Some(&config(&url))).unwrap();
    let sent = client.sign_in_sms(&request).unwrap();
    inspected.inspect(&sent);
    assert!(sent.json().contains(MARK));
    let wire = served.join().unwrap();
    for secret in [
        format!("a.{MARK}.c:K2auth{MARK}"),
        format!("shop/{MARK}"),
        id.clone(),
    ] {
        assert!(wire.contains(&secret), "{secret} was never sent");
    }
    let quoting = json!({"errorCode": "E011003", "errorDescription": MARK, "errorMessage": MARK});
    for (status, body) in [
        (400, &quoting),
        (401, &quoting),
        (429, &quoting),
        (500, &json!(MARK)),
        (403, &json!({ "errorCode": MARK })),
        (302, &json!({ "token": MARK })),
        (200, &json!(MARK)),
        (200, &json!({ "maskedEmail": MARK })),
    ] {
        let (url, served) = respond_once(status, body);
        let client = Client::from_json(Some(&config(&url))).unwrap();
        inspected.inspect_error(&client.sign_in_sms(&request).unwrap_err());
        served.join().unwrap();
    }
    let client = Client::from_json(Some(&config("http://127.0.0.1:1"))).unwrap();
    inspected.inspect_error(&client.sign_in_sms(&request).unwrap_err());
    for (operation, request) in [
        (MARK, json!({})),
        ("magiclink/signin/sms", json!({"loginId": [id]})),
        ("magiclink/signin/sms", json!(id)),
        ("magiclink/verify", json!({"token": {"t": MARK}})),
        ("session/me", json!({"refreshToken": format!("a {MARK}")})),
        (
            "session/refresh",
            json!({"refreshToken": format!("a.{MARK}.c")}),
        ),
        (
            "session/validate",
            json!({"sessionToken": format!("a.{MARK}.c")}),
        ),
        (
            "session/exchange_access_key",
            json!({"accessKey": format!("K2 {MARK}")}),
        ),
        (
            "session/tenants",
            json!({"refreshToken": MARK, "dct": true, "ids": [MARK]}),
        ),
    ] {
        inspected.inspect_error(&client.call(operation, &request.to_string()).unwrap_err());
    }
}

/// Sessions of the emulator.
fn sessions(inspected: &mut Inspected) {
    let emulator = Emulator::start(Options::default()).unwrap();
    let config = Config::new()
        .project_id(emulator.project_id())
        .base_url(emulator.base_url())
        .management_key(emulator.management_key());
    let client = Client::new(config.clone()).unwrap();
    let id = format!("ada+{MARK}@example.com");
    let user = User::new().name(MARK);
    let claims = json!({ "note": MARK }).to_string();
    let options = SignUpOptions::new().custom_claims(&claims).unwrap();
    let request = SignUpRequest::new(&id).user(user).login_options(options);
    inspected.inspect(&client.sign_up_email(&request).unwrap());
    let message = emulator.messages(&id).remove(0);
    let shown = format!("{message:?} {emulator:?}");
    assert!(!shown.contains(MARK) && !shown.contains(&message.token));
    assert!(!shown.contains(emulator.management_key()));
    let signed_in = client.verify(&VerifyRequest::new(&message.token)).unwrap();
    inspected.inspect(&signed_in);
    let session = signed_in.session().unwrap();
    inspected.inspect(&session);
    assert!(session.claims().contains(MARK));
    queued_call(inspected, config, session.jwt());
    let shown = format!("{session:?} {signed_in:?}");
    let refresh_jwt = signed_in.refresh_jwt().unwrap();
    assert!(!shown.contains(session.jwt()) && !shown.contains(&refresh_jwt));
    let granted = MatchRequest::new(session.claims(), ["read"]);
    inspected.inspect::<MatchResult>(&client.match_permissions(granted).unwrap());
    client.logout(&LogoutRequest::new(&refresh_jwt)).unwrap();
    let ended = client
        .refresh(&RefreshRequest::new(&refresh_jwt))
        .unwrap_err();
    assert!(!format!("{ended} {ended:?}").contains(&refresh_jwt));
    let mut cut = session.jwt().to_owned();
    cut.truncate(cut.len() - 20);
    let refused = client.validate(&ValidateRequest::new(&cut)).unwrap_err();
    assert!(!format!("{refused} {refused:?} {}", refused.to_json()).contains(&cut[..40]));
    inspected.inspect_error(&ended);
    inspected.inspect_error(&refused);
}

/// A call of a queue whose response contains a secret.
fn queued_call(inspected: &mut Inspected, config: Config<'_>, session_jwt: &str) {
    let queue = Queue::new().unwrap();
    inspected.inspect(&queue);
    let client = Arc::new(Client::new(config).unwrap());
    let request = json!({ "sessionToken": session_jwt }).to_string();
    queue
        .submit(&client, "session/validate", request, 1)
        .unwrap();
    let next = queue.next(None).unwrap();
    inspected.inspect(&next);
    let Next::Finished(completion) = next else {
        unreachable!("{next:?}");
    };
    inspected.inspect(&completion);
    assert!(completion.result.unwrap().contains(MARK));
}
