//! The environment variables that a client takes its defaults from, read once.

use crate::error::Error;

/// What the environment says; an empty variable counts as unset.
#[derive(Default)]
pub(super) struct Environment {
    pub(super) project_id: Option<String>,
    pub(super) base_url: Option<String>,
    pub(super) auth_management_key: Option<String>,
    pub(super) management_key: Option<String>,
    pub(super) public_key: Option<String>,
    pub(super) ssl_cert_file: Option<String>,
    pub(super) ssl_cert_dir: Option<String>,
    pub(super) ca_bundle: Option<String>,
    pub(super) https_proxy: Option<String>,
    pub(super) http_proxy: Option<String>,
    pub(super) no_proxy: Option<String>,
}

impl Environment {
    /// Reads the variables of this process.
    pub(super) fn read() -> Result<Environment, Error> {
        // In a CGI program a client's `Proxy:` header arrives as HTTP_PROXY, so there it is not believed.
        let cgi = std::env::var_os("REQUEST_METHOD").is_some();
        let http_proxy: &[&str] = match cgi {
            true => &["http_proxy"],
            false => &["http_proxy", "HTTP_PROXY"],
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
            https_proxy: first(&["https_proxy", "HTTPS_PROXY"])?,
            http_proxy: first(http_proxy)?,
            no_proxy: first(&["no_proxy", "NO_PROXY"])?,
        })
    }
}

/// The first of these variables that is set to something.
fn first(names: &[&str]) -> Result<Option<String>, Error> {
    for name in names {
        match std::env::var(name) {
            Ok(value) if !value.is_empty() => return Ok(Some(value)),
            Ok(_) | Err(std::env::VarError::NotPresent) => {}
            Err(std::env::VarError::NotUnicode(_)) => {
                return Err(Error::config(format!(
                    "the environment variable {name} is not UTF-8"
                )));
            }
        }
    }
    Ok(None)
}
