//! reqwest's blocking client, one for all threads as its documentation asks for, and serde_json.

use std::process::ExitCode;

use descope_ml_bench_peers::{Failure, Settings, main as peer, same};
use reqwest::Certificate;
use reqwest::blocking::Client;
use serde::{Deserialize, Serialize};

/// The request document, and the body that is made of it.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Request<'a> {
    #[serde(borrow)]
    login_id: std::borrow::Cow<'a, str>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    redirect_url: Option<std::borrow::Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    masked_phone: String,
}

fn main() -> ExitCode {
    peer("reqwest", "signin", prepare)
}

fn prepare(
    settings: Settings,
) -> Result<impl FnMut() -> Result<(), Failure> + Clone + Send + 'static, Failure> {
    let mut client = Client::builder().tcp_nodelay(true);
    if !settings.ca.is_empty() {
        let authority = Certificate::from_pem(&std::fs::read(&settings.ca)?)?;
        client = client.tls_certs_only([authority]);
    }
    let client = client.build()?;
    let address = format!("{}/v1/auth/magiclink/signin/sms", settings.url);
    let address = reqwest::Url::parse(&address)?;
    let settings = std::sync::Arc::new(settings);
    Ok(move || {
        let request: Request = serde_json::from_str(&settings.request)?;
        let answer: Answer = client
            .post(address.clone())
            .bearer_auth(&settings.project)
            .json(&request)
            .send()?
            .error_for_status()?
            .json()?;
        same(&answer.masked_phone, &settings.masked_phone)
    })
}
