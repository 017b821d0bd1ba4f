//! What the emulator can be told, on the command line or by a test.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::key::Algorithm;
use crate::settings::Tokens;

/// The project that is played when none is named.
const PROJECT_ID: &str = "P2emuAAAABBBBCCCCDDDDEEEEFFF";

/// The cookies' names where a project has not chosen others.
const SESSION_COOKIE: &str = "DS";
const REFRESH_COOKIE: &str = "DSR";

/// How many requests are kept unless said otherwise.
const KEPT_REQUESTS: usize = 1000;

/// The settings of one emulator.
#[derive(Args, Clone)]
pub struct Options {
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    pub port: u16,

    /// Serve HTTPS, with a certificate from a throw-away authority
    #[arg(long)]
    pub tls: bool,

    /// Where the throw-away authority's certificate is written [default: a file that goes with the emulator]
    #[arg(long, value_name = "FILE", requires = "tls")]
    pub ca_file: Option<PathBuf>,

    /// How long a link is valid: 90s, 3m, 1h
    #[arg(long, value_name = "TIME", default_value = "3m", value_parser = duration)]
    pub link_ttl: Duration,

    /// How long everything is under way, in each direction: 40ms. A new connection costs two of these more,
    /// as its handshake would
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = duration)]
    pub latency: Duration,

    /// A domain that redirect URLs may lead to, with all below it; may be repeated [default: any]
    #[arg(long = "approved-domain", value_name = "DOMAIN")]
    pub approved_domains: Vec<String>,

    /// Where links lead when a request names no redirect URL [default: a page of the emulator]
    #[arg(long, value_name = "URL")]
    pub redirect_url: Option<String>,

    /// Where answers have their tokens
    #[arg(long, value_enum, default_value_t = Tokens::Body)]
    pub tokens: Tokens,

    /// What the cookie with the session token is called
    #[arg(long, value_name = "NAME", default_value = SESSION_COOKIE)]
    pub session_cookie: String,

    /// What the cookie with the refresh token is called
    #[arg(long, value_name = "NAME", default_value = REFRESH_COOKIE)]
    pub refresh_cookie: String,

    /// The domain of the cookies [default: that of the host]
    #[arg(long, value_name = "DOMAIN")]
    pub cookie_domain: Option<String>,

    /// What tokens are signed with
    #[arg(long, value_enum, default_value_t = Algorithm::Rs256)]
    pub algorithm: Algorithm,

    /// A URL that tokens name as their issuer, the project ID as its last part [default: the project ID alone]
    #[arg(long, value_name = "URL")]
    pub issuer_url: Option<String>,

    /// A JSON file with the users who exist from the start
    #[arg(long, value_name = "FILE")]
    pub seed: Option<PathBuf>,

    /// The project's ID
    #[arg(long, default_value = PROJECT_ID)]
    pub project_id: String,

    /// The management key [default: another one at each start]
    #[arg(long, value_name = "KEY")]
    pub management_key: Option<String>,

    /// How many requests are kept to be shown
    #[arg(long, value_name = "NUMBER", default_value_t = KEPT_REQUESTS)]
    pub keep_requests: usize,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            port: 0,
            tls: false,
            ca_file: None,
            link_ttl: Duration::from_secs(180),
            latency: Duration::ZERO,
            approved_domains: Vec::new(),
            redirect_url: None,
            tokens: Tokens::Body,
            session_cookie: SESSION_COOKIE.to_owned(),
            refresh_cookie: REFRESH_COOKIE.to_owned(),
            cookie_domain: None,
            algorithm: Algorithm::Rs256,
            issuer_url: None,
            seed: None,
            project_id: PROJECT_ID.to_owned(),
            management_key: None,
            keep_requests: KEPT_REQUESTS,
        }
    }
}

impl std::fmt::Debug for Options {
    /// Shows whether there is a management key, and not which.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("port", &self.port)
            .field("tls", &self.tls)
            .field("ca_file", &self.ca_file)
            .field("link_ttl", &self.link_ttl)
            .field("latency", &self.latency)
            .field("approved_domains", &self.approved_domains)
            .field("redirect_url", &self.redirect_url)
            .field("tokens", &self.tokens)
            .field("algorithm", &self.algorithm)
            .field("issuer_url", &self.issuer_url)
            .field("seed", &self.seed)
            .field("project_id", &self.project_id)
            .field("has_management_key", &self.management_key.is_some())
            .finish()
    }
}

/// Reads a time such as `500ms`, `90s`, `3m`, `1h` or `5` (seconds).
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit());
    let (number, unit) = text.split_at(digits.unwrap_or(text.len()));
    let number: u64 = number
        .parse()
        .map_err(|_| "a time looks like 500ms, 90s, 3m or 1h".to_owned())?;
    match unit {
        "ms" => Ok(Duration::from_millis(number)),
        "" | "s" => Ok(Duration::from_secs(number)),
        "m" => Ok(Duration::from_secs(number.saturating_mul(60))),
        "h" => Ok(Duration::from_secs(number.saturating_mul(3600))),
        _ => Err(format!("`{unit}` is no unit of time: use ms, s, m or h")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_their_units() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("3m"), Ok(Duration::from_secs(180)));
        assert_eq!(duration("5"), Ok(Duration::from_secs(5)));
        assert!(duration("3d").is_err());
        assert!(duration("").is_err());
    }
}
