//! Performs calls through the Rust face: one call per line of stdin, one answer per line of stdout.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::{self, BufRead, Write};

use descope_ml_core::{Client, Error, SignInRequest};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The operation that has a typed method.
const SIGN_IN_SMS: &str = "magiclink/signin/sms";

/// A call to perform.
#[derive(Deserialize)]
struct Order {
    /// The text of the client's configuration; orders with the same text share a client.
    config: Option<String>,
    operation: String,
    /// The text of the request document.
    request: String,
}

/// How a call ended.
#[derive(Serialize)]
struct Report {
    status: i32,
    /// The answer or the error document, as the library wrote it.
    out: Box<RawValue>,
}

/// The clients made so far, by their configuration.
type Clients = HashMap<Option<String>, Client>;

fn main() -> io::Result<()> {
    let mut clients = Clients::new();
    let mut stdout = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let order = serde_json::from_str(&line?)?;
        let (status, out) = match perform(&mut clients, order) {
            Ok(answer) => (0, answer),
            Err(error) => (error.status().code(), error.to_json()),
        };
        let out = RawValue::from_string(one_line(&out))?;
        serde_json::to_writer(&mut stdout, &Report { status, out })?;
        stdout.write_all(b"\n")?;
        stdout.flush()?;
    }
    Ok(())
}

fn perform(clients: &mut Clients, order: Order) -> Result<String, Error> {
    let client = match clients.entry(order.config) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(new) => {
            let client = Client::from_json(new.key().as_deref())?;
            new.insert(client)
        }
    };
    if order.operation != SIGN_IN_SMS {
        return client.call(&order.operation, &order.request);
    }
    let request = SignInRequest::from_json(&order.request)?;
    Ok(client.sign_in_sms(&request)?.json().to_owned())
}

/// A JSON text on one line: outside strings line ends are white space, inside they are escaped.
fn one_line(json: &str) -> String {
    json.trim().replace(['\r', '\n'], " ")
}
