//! The environment variables that are defaults of the configuration. Each is read when its value is needed, and
//! only then.

use std::ffi::OsString;

use crate::error::Error;
use crate::logging::{self, Log};
use crate::os;

/// Where variables are read. An empty variable counts as not set.
pub(crate) enum Environment {
    /// The environment of this process.
    Process,
    /// Nowhere.
    None,
    #[cfg(test)]
    Test(Vec<(&'static str, OsString)>),
}

/// A variable that is set.
pub(crate) struct Variable {
    pub(crate) name: &'static str,
    pub(crate) value: String,
}

pub(super) const PROJECT_ID: &[&str] = &["DESCOPE_PROJECT_ID"];
pub(super) const BASE_URL: &[&str] = &["DESCOPE_BASE_URI", "DESCOPE_BASE_URL"];
pub(super) const AUTH_MANAGEMENT_KEY: &[&str] = &["DESCOPE_AUTH_MANAGEMENT_KEY"];
pub(super) const MANAGEMENT_KEY: &[&str] = &["DESCOPE_MANAGEMENT_KEY"];
pub(super) const PUBLIC_KEY: &[&str] = &["DESCOPE_PUBLIC_KEY"];
pub(super) const CERT_FILE: &[&str] = &["SSL_CERT_FILE"];
pub(super) const CERT_DIR: &[&str] = &["SSL_CERT_DIR"];
pub(super) const CA_BUNDLE: &[&str] = &["REQUESTS_CA_BUNDLE"];
const HTTPS_PROXY: &[&str] = &["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
const HTTP_PROXY: &[&str] = &["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];
const HTTP_PROXY_OF_CGI: &[&str] = &["http_proxy", "all_proxy", "ALL_PROXY"];
const NO_PROXY: &[&str] = &["no_proxy", "NO_PROXY"];

impl Environment {
    /// The environment of this process. A program that has more privileges than its user does without: that user
    /// has chosen the variables, and could direct requests elsewhere or make the program trust other keys.
    pub(super) fn of_process() -> Environment {
        if os::is_secure_execution() {
            logging::log_ignored_environment(Log::of_process());
            return Environment::None;
        }
        Environment::Process
    }

    #[cfg(test)]
    pub(crate) fn of(variables: &[(&'static str, &str)]) -> Environment {
        let variables = variables.iter();
        Environment::Test(
            variables
                .map(|(name, value)| (*name, value.into()))
                .collect(),
        )
    }

    /// The first of these variables that is not empty.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if it is not UTF-8.
    pub(super) fn first(&self, names: &[&'static str]) -> Result<Option<Variable>, Error> {
        let Some((name, value)) = self.first_set(names) else {
            return Ok(None);
        };
        match value.into_string() {
            Ok(value) => Ok(Some(Variable { name, value })),
            Err(_) => Err(Error::config(format!(
                "the environment variable {name} is not valid UTF-8"
            ))),
        }
    }

    pub(super) fn https_proxy(&self) -> Option<Variable> {
        self.first_lossy(HTTPS_PROXY)
    }

    pub(super) fn http_proxy(&self) -> Option<Variable> {
        // In a CGI program, HTTP_PROXY is the `Proxy` header of the incoming request: not trusted.
        let is_cgi = self.get("REQUEST_METHOD").is_some();
        self.first_lossy(if is_cgi {
            HTTP_PROXY_OF_CGI
        } else {
            HTTP_PROXY
        })
    }

    pub(super) fn no_proxy(&self) -> Option<Variable> {
        self.first_lossy(NO_PROXY)
    }

    /// The first of these variables that is not empty. What is not UTF-8 in it makes a proxy URL or a rule
    /// invalid, which does not concern all calls.
    fn first_lossy(&self, names: &[&'static str]) -> Option<Variable> {
        let (name, value) = self.first_set(names)?;
        let value = value.to_string_lossy().into_owned();
        Some(Variable { name, value })
    }

    fn first_set(&self, names: &[&'static str]) -> Option<(&'static str, OsString)> {
        let mut names = names.iter().filter(|name| is_distinct(name));
        names.find_map(|name| {
            let value = self.get(name).filter(|value| !value.is_empty())?;
            Some((*name, value))
        })
    }

    fn get(&self, name: &str) -> Option<OsString> {
        match self {
            Environment::Process => std::env::var_os(name),
            Environment::None => None,
            #[cfg(test)]
            Environment::Test(variables) => {
                let found = variables.iter().find(|(other, _)| *other == name);
                found.map(|(_, value)| value.clone())
            }
        }
    }
}

/// Whether a name stands for a variable that no other name of a list stands for. Where the system does not
/// distinguish capitals, a name in small letters is that in capitals: in a CGI program, `http_proxy` would be the
/// `Proxy` header as well.
fn is_distinct(name: &str) -> bool {
    os::ENVIRONMENT_HAS_CASES || name.starts_with(|first: char| first.is_ascii_uppercase())
}
