//! Runs calls through the Rust face: one call per line of stdin, one result per line of stdout.

use std::io::{self, BufRead, Write};

use descope_ml_core::{
    Client, CreateUserRequest, Error, ExchangeAccessKeyRequest, HistoryRequest, LogoutRequest,
    MeRequest, RefreshRequest, SelectTenantRequest, Session, SignInRequest, SignUpRequest,
    TenantsRequest, UpdateEmailRequest, UpdatePhoneRequest, ValidateRemoteRequest, ValidateRequest,
    VerifyRequest,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A call to run.
#[derive(Deserialize)]
struct CallOrder {
    /// The configuration of the client as JSON text. Successive calls with the same text share a
    /// client.
    config: Option<String>,
    operation: String,
    /// The request document as JSON text.
    request: String,
}

/// The result of a call.
#[derive(Serialize)]
struct CallResult {
    status: i32,
    /// The response document or the error document, as the library wrote it.
    out: Box<RawValue>,
}

/// The latest client with its configuration. Earlier clients are dropped: the server of a later row
/// may have the same address as an earlier one, but other keys than those in the cache of a client.
type LatestClient = Option<(Option<String>, Client)>;

/// The operations whose typed method returns only a part of the response.
const WITHOUT_COMPLETE_RESULT: [&str; 7] = [
    "management/embedded_link",
    "management/embedded_link_signup",
    "management/delete_user",
    "session/match_permissions",
    "session/match_roles",
    "test/delete_all_users",
    "test/generate_magiclink",
];

fn main() -> io::Result<()> {
    let mut latest = None;
    let mut stdout = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let order = serde_json::from_str(&line?)?;
        let (status, out) = match run_call(&mut latest, order)? {
            Ok(response) => (0, response),
            Err(error) => (error.status().code(), error.to_json()),
        };
        let out = RawValue::from_string(one_line(&out))?;
        serde_json::to_writer(&mut stdout, &CallResult { status, out })?;
        stdout.write_all(b"\n")?;
        stdout.flush()?;
    }
    Ok(())
}

/// The result of a call. The outer error is one of the test itself.
fn run_call(latest: &mut LatestClient, order: CallOrder) -> io::Result<Result<String, Error>> {
    let known = latest.take().filter(|(config, _)| *config == order.config);
    let (_, client) = match known {
        Some(known) => latest.insert(known),
        None => match Client::from_json(order.config.as_deref()) {
            Ok(client) => latest.insert((order.config, client)),
            Err(error) => return Ok(Err(error)),
        },
    };
    let (operation, json) = (order.operation.as_str(), order.request.as_str());
    match call_typed_method(client, operation, json) {
        Some(result) => Ok(result),
        None if WITHOUT_COMPLETE_RESULT.contains(&operation) => Ok(client.call(operation, json)),
        None => Err(io::Error::other(format!(
            "case_driver.rs has no typed method for `{operation}`: add it to `call_typed_method`"
        ))),
    }
}

/// Calls the typed method of an operation, if its result contains the complete response.
fn call_typed_method(
    client: &Client,
    operation: &str,
    json: &str,
) -> Option<Result<String, Error>> {
    macro_rules! match_operation {
        ($($name:literal $request:ident $method:ident $to_json:ident;)*) => {
            match operation {
                $($name => $request::from_json(json)
                    .and_then(|request| client.$method(&request))
                    .and_then($to_json),)*
                _ => return None,
            }
        };
    }
    let sent = |sent: descope_ml_core::LinkSent| Ok(sent.json().to_owned());
    let signed_in = |signed_in: descope_ml_core::SignedIn| Ok(signed_in.json().to_owned());
    Some(match_operation! {
        "magiclink/signin/sms" SignInRequest sign_in_sms sent;
        "magiclink/signin/email" SignInRequest sign_in_email sent;
        "magiclink/signin/whatsapp" SignInRequest sign_in_whatsapp sent;
        "magiclink/signup/sms" SignUpRequest sign_up_sms sent;
        "magiclink/signup/email" SignUpRequest sign_up_email sent;
        "magiclink/signup/whatsapp" SignUpRequest sign_up_whatsapp sent;
        "magiclink/signup-in/sms" SignInRequest sign_up_or_in_sms sent;
        "magiclink/signup-in/email" SignInRequest sign_up_or_in_email sent;
        "magiclink/signup-in/whatsapp" SignInRequest sign_up_or_in_whatsapp sent;
        "magiclink/verify" VerifyRequest verify signed_in;
        "magiclink/update/email" UpdateEmailRequest update_email sent;
        "magiclink/update/phone/sms" UpdatePhoneRequest update_phone_sms sent;
        "magiclink/update/phone/whatsapp" UpdatePhoneRequest update_phone_whatsapp sent;
        "session/validate" ValidateRequest validate session_json;
        "session/refresh" RefreshRequest refresh signed_in;
        "session/select_tenant" SelectTenantRequest select_tenant signed_in;
        "session/tenants" TenantsRequest tenants Ok;
        "session/exchange_access_key" ExchangeAccessKeyRequest exchange_access_key signed_in;
        "session/me" MeRequest me Ok;
        "session/history" HistoryRequest history Ok;
        "session/validate_remote" ValidateRemoteRequest validate_remote Ok;
        "session/logout" LogoutRequest logout Ok;
        "session/logout_all" LogoutRequest logout_all Ok;
        "test/create_user" CreateUserRequest create_test_user Ok;
    })
}

/// The document that other faces return for a session.
fn session_json(session: Session) -> Result<String, Error> {
    let raw = |json: &str| RawValue::from_string(json.to_owned());
    let document = (|| {
        serde_json::to_string(&serde_json::json!({
            "jwt": session.jwt(),
            "claims": raw(session.claims())?,
            "userId": session.user_id(),
            "projectId": session.project_id(),
            "permissions": session.permissions(),
            "roles": session.roles(),
            "tenants": raw(session.tenants())?,
        }))
    })();
    document.map_err(|error| Error::argument(error.to_string()))
}

/// A JSON text on one line. Line breaks in it are white space: those in strings are escaped.
fn one_line(json: &str) -> String {
    json.trim().replace(['\r', '\n'], " ")
}
