//! The options of the emulator: flags on the command line, or fields that a Rust test sets.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser};

use crate::domain::duration::{parse_duration, parse_signed_duration};
use crate::domain::signing_key::Algorithm;

/// The default project ID.
const PROJECT_ID: &str = "P2emuAAAABBBBCCCCDDDDEEEEFFF";

/// The default size of the request log.
const KEEP_REQUESTS: usize = 1000;

/// The default size of the inbox.
const KEEP_MESSAGES: usize = 10_000;

/// The options of one emulator.
#[derive(Args, Clone)]
pub struct Options {
    /// The port; 0 for any free port
    #[arg(long, default_value_t = 0)]
    pub port: u16,

    /// The address to listen on, instead of 127.0.0.1 and ::1; 0.0.0.0 for all of this machine, such as in a
    /// container. Whoever can reach it can read the inbox and sign in as anybody
    #[arg(long, value_name = "ADDRESS")]
    pub host: Option<IpAddr>,

    /// Host name by which the control routes and the inbox may be addressed, besides localhost and loopback
    /// addresses (repeatable). All others are rejected, since they may be the names of web pages
    #[arg(long = "allow-host", value_name = "NAME")]
    pub allowed_hosts: Vec<String>,

    /// Serve HTTPS, with a certificate of a new CA
    #[arg(long)]
    pub tls: bool,

    /// Where to write the CA certificate [default: a temporary file]
    #[arg(long, value_name = "FILE", requires = "tls")]
    pub ca_file: Option<PathBuf>,

    /// Host name or address to add to the certificate, besides localhost, 127.0.0.1 and ::1 (repeatable)
    #[arg(long = "tls-name", value_name = "NAME", requires = "tls")]
    pub tls_names: Vec<String>,

    /// JSON file with settings of the project, named and nested as in Descope's Terraform provider. Flags
    /// replace what it says
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,

    /// JSON file that keeps the state: keys, users, settings, sessions, links, access keys, messages and the
    /// clock. It is written after each change. If it exists, the emulator continues from there, and ignores
    /// --seed, --clock-offset and all flags for settings. It contains secrets
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,

    /// How far the emulator's clock is ahead of the machine's clock; -12m if it is behind
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = parse_signed_duration, allow_hyphen_values = true)]
    pub clock_offset: i64,

    /// How long a link is valid, such as 90s, 3m or 1h [default: 3m]
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub link_ttl: Option<Duration>,

    /// Lifetime of session tokens, such as 10m; at least 3m [default: 10m]
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub session_ttl: Option<Duration>,

    /// Lifetime of refresh tokens, such as 4w; at least 3m [default: 4w]
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub refresh_ttl: Option<Duration>,

    /// Whether each refresh returns a new refresh token and invalidates the old one: on or off [default: off]
    #[arg(long, value_name = "on|off", value_parser = parse_switch)]
    pub refresh_rotation: Option<bool>,

    /// Delay added in each direction, such as 40ms. A new connection is delayed by one extra round trip,
    /// as for a TCP handshake
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = parse_duration)]
    pub latency: Duration,

    /// Allowed domain for redirect URLs, including subdomains (repeatable) [default: any]
    #[arg(long = "approved-domain", value_name = "DOMAIN")]
    pub approved_domains: Vec<String>,

    /// Default redirect URL [default: a page of the emulator]
    #[arg(long, value_name = "URL")]
    pub redirect_url: Option<String>,

    /// Return both tokens in the response body or in cookies (Descope's token response methods) [default:
    /// body]
    #[arg(long = "tokens", value_name = "TOKENS", value_enum)]
    pub token_response_method: Option<TokenResponseMethod>,

    /// Name of the session cookie [default: DS]
    #[arg(long, value_name = "NAME")]
    pub session_cookie: Option<String>,

    /// Name of the refresh cookie [default: DSR]
    #[arg(long, value_name = "NAME")]
    pub refresh_cookie: Option<String>,

    /// Domain of both cookies [default: the host of the request]
    #[arg(long, value_name = "DOMAIN")]
    pub cookie_domain: Option<String>,

    /// Signing algorithm of tokens
    #[arg(long, value_enum, default_value_t = Algorithm::Rs256)]
    pub algorithm: Algorithm,

    /// Issuer URL of tokens; the project ID is appended [default: the issuer is the project ID]
    #[arg(long, value_name = "URL")]
    pub issuer_url: Option<String>,

    /// JSON file with initial users
    #[arg(long, value_name = "FILE")]
    pub seed: Option<PathBuf>,

    /// The project ID
    #[arg(long, default_value = PROJECT_ID)]
    pub project_id: String,

    /// Also emulate every other project that a request names, each with a state of its own and the same keys
    /// and settings: for tests that run in parallel
    #[arg(long, conflicts_with = "state")]
    pub any_project: bool,

    /// URL of a server on this machine that gets each delivered message by POST
    #[arg(long, value_name = "URL")]
    pub on_message: Option<String>,

    /// The management key [default: that of the state file, or a random one]
    #[arg(long, value_name = "KEY")]
    pub management_key: Option<String>,

    /// Number of requests to keep in the request log
    #[arg(long, value_name = "NUMBER", default_value_t = KEEP_REQUESTS)]
    pub keep_requests: usize,

    /// Number of messages to keep in the inbox; the links of older ones stay valid
    #[arg(long, value_name = "NUMBER", default_value_t = KEEP_MESSAGES)]
    pub keep_messages: usize,
}

/// Where responses carry both tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum TokenResponseMethod {
    /// In the response body.
    Body,
    /// In cookies. The token fields of the body are empty.
    Cookies,
}

fn parse_switch(text: &str) -> Result<bool, &'static str> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("must be on or off"),
    }
}

impl Default for Options {
    /// The defaults of the command line.
    fn default() -> Self {
        #[derive(Parser)]
        #[command(no_binary_name = true)]
        struct NoFlags {
            #[command(flatten)]
            options: Options,
        }
        NoFlags::parse_from(std::iter::empty::<&str>()).options
    }
}

impl std::fmt::Debug for Options {
    /// Omits the management key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("port", &self.port)
            .field("tls", &self.tls)
            .field("project_id", &self.project_id)
            .finish_non_exhaustive()
    }
}
