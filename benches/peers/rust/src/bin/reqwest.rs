//! reqwest's blocking client and serde_json. All threads share one client, as its documentation recommends.

use std::process::ExitCode;

use descope_ml_bench_peers::{PeerError, Settings, check, main as peer};
use reqwest::Certificate;
use reqwest::blocking::Client;
use serde::{Deserialize, Serialize};

/// The request document and the request body.
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
struct SignInResponse {
    masked_phone: String,
}

fn main() -> ExitCode {
    peer("reqwest", "signin", prepare)
}

fn prepare(
    settings: Settings,
) -> Result<impl FnMut() -> Result<(), PeerError> + Clone + Send + 'static, PeerError> {
    let mut client = Client::builder().tcp_nodelay(true);
    if !settings.ca.is_empty() {
        let ca_certificate = Certificate::from_pem(&std::fs::read(&settings.ca)?)?;
        client = client.tls_certs_only([ca_certificate]);
    }
    let client = client.build()?;
    let url = format!("{}/v1/auth/magiclink/signin/sms", settings.url);
    let url = reqwest::Url::parse(&url)?;
    let settings = std::sync::Arc::new(settings);
    Ok(move || {
        let request: Request = serde_json::from_str(&settings.request)?;
        let response: SignInResponse = client
            .post(url.clone())
            .bearer_auth(&settings.project)
            .json(&request)
            .send()?
            .error_for_status()?
            .json()?;
        check(&response.masked_phone, &settings.masked_phone)
    })
}
