//! The environment variables that are defaults of the configuration.

use crate::error::Error;

/// The variables that are set. An empty variable counts as not set.
#[derive(Default)]
pub(crate) struct Environment {
    pub(crate) project_id: Option<Variable>,
    pub(crate) base_url: Option<Variable>,
    pub(crate) auth_management_key: Option<Variable>,
    pub(crate) management_key: Option<Variable>,
    pub(crate) public_key: Option<Variable>,
    pub(crate) ssl_cert_file: Option<Variable>,
    pub(crate) ssl_cert_dir: Option<Variable>,
    pub(crate) ca_bundle: Option<Variable>,
    pub(crate) https_proxy: Option<Variable>,
    pub(crate) http_proxy: Option<Variable>,
    pub(crate) no_proxy: Option<Variable>,
}

pub(crate) struct Variable {
    pub(crate) name: &'static str,
    pub(crate) value: String,
}

impl Environment {
    /// Reads the variables of this process.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for a variable that is not UTF-8.
    pub(super) fn read() -> Result<Environment, Error> {
        // In a CGI program, HTTP_PROXY is the `Proxy` header of the incoming request: not trusted.
        let is_cgi = std::env::var_os("REQUEST_METHOD").is_some();
        let http_proxy: &[&str] = if is_cgi {
            &["http_proxy", "all_proxy", "ALL_PROXY"]
        } else {
            &["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]
        };
        Ok(Environment {
            project_id: first(&["DESCOPE_PROJECT_ID"])?,
            base_url: first(&["DESCOPE_BASE_URI", "DESCOPE_BASE_URL"])?,
            auth_management_key: first(&["DESCOPE_AUTH_MANAGEMENT_KEY"])?,
            management_key: first(&["DESCOPE_MANAGEMENT_KEY"])?,
            public_key: first(&["DESCOPE_PUBLIC_KEY"])?,
            ssl_cert_file: first(&["SSL_CERT_FILE"])?,
            ssl_cert_dir: first(&["SSL_CERT_DIR"])?,
            ca_bundle: first(&["REQUESTS_CA_BUNDLE"])?,
            https_proxy: first_lossy(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]),
            http_proxy: first_lossy(http_proxy),
            no_proxy: first_lossy(&["no_proxy", "NO_PROXY"]),
        })
    }
}

/// The first of these variables that is not empty. What is not UTF-8 in it makes a proxy URL or a rule
/// invalid, which does not concern all calls.
fn first_lossy(names: &[&'static str]) -> Option<Variable> {
    names.iter().find_map(|name| {
        let value = std::env::var_os(name).filter(|value| !value.is_empty())?;
        let value = value.to_string_lossy().into_owned();
        Some(Variable { name, value })
    })
}

/// The first of these variables that is not empty.
fn first(names: &[&'static str]) -> Result<Option<Variable>, Error> {
    for name in names {
        match std::env::var(name) {
            Ok(value) if !value.is_empty() => return Ok(Some(Variable { name, value })),
            Ok(_) | Err(std::env::VarError::NotPresent) => {}
            Err(std::env::VarError::NotUnicode(_)) => {
                return Err(Error::config(format!(
                    "the environment variable {name} is not valid UTF-8"
                )));
            }
        }
    }
    Ok(None)
}
