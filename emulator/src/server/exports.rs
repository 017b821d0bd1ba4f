//! What the program prints for people: shell commands that make programs use the emulator, and warnings.

use std::fmt;
use std::net::IpAddr;
use std::path::Path;

use crate::net::loopback::LOOPBACK_HOSTS;
use crate::net::tls::Tls;

/// Variables that name a PEM file with the CA certificates to trust, and whose they are.
const CA_FILE_VARIABLES: [&str; 4] = [
    // OpenSSL, Go, Ruby, Rust, httpx.
    "SSL_CERT_FILE",
    "NODE_EXTRA_CA_CERTS",
    "CURL_CA_BUNDLE",
    // Python's requests.
    "REQUESTS_CA_BUNDLE",
];

/// A running emulator, as the commands describe it.
pub(super) struct Exports<'a> {
    pub(super) base_url: &'a str,
    pub(super) project_id: &'a str,
    pub(super) management_key: &'a str,
    pub(super) tls: Option<&'a Tls>,
    /// The address that it listens on, if it is not both loopback addresses.
    pub(super) host: Option<IpAddr>,
    /// Why it does not listen on `::1`, if it does not.
    pub(super) ipv6_problem: Option<&'a str>,
}

impl fmt::Display for Exports<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.base_url;
        writeln!(f, "# The inbox: {url}/")?;
        writeln!(f, "export DESCOPE_BASE_URL={url}")?;
        writeln!(f, "export DESCOPE_BASE_URI={url}")?;
        writeln!(f, "export DESCOPE_PROJECT_ID={}", self.project_id)?;
        writeln!(f, "export DESCOPE_MANAGEMENT_KEY={}", self.management_key)?;
        if let Some(tls) = self.tls {
            write_trust(f, tls)?;
        }
        // Programs connect to the emulator directly, even if their environment names a proxy. Some read only one
        // of the two spellings.
        let others =
            variable(&["no_proxy", "NO_PROXY"]).map(|list| format!(",{}", shell_quoted(&list)));
        let own = self.host.filter(|host| !host.is_unspecified());
        let own = own.map(|host| format!(",{host}")).unwrap_or_default();
        let hosts = format!("{LOOPBACK_HOSTS}{own}{}", others.unwrap_or_default());
        writeln!(f, "export NO_PROXY={hosts}\nexport no_proxy={hosts}")?;
        if let Some(problem) = self.ipv6_problem {
            writeln!(
                f,
                "# It listens on 127.0.0.1 only. ::1 is not available: {problem}"
            )?;
        }
        if let Some(address) = self.host.filter(|host| !host.is_loopback()) {
            writeln!(
                f,
                "# WARNING: it listens on {address}, not only on this machine. Everybody who can reach it can read its\n\
                 # WARNING: inbox, sign in as any user and change everything. Use it in networks that you trust, without\n\
                 # WARNING: data of real users."
            )?;
        }
        Ok(())
    }
}

/// Makes programs trust the CA. What the variables of Java and PHP contain already stays in them.
fn write_trust(f: &mut fmt::Formatter<'_>, tls: &Tls) -> fmt::Result {
    let ca_file = path(tls.ca_file());
    for name in CA_FILE_VARIABLES {
        writeln!(f, "export {name}={ca_file}")?;
    }
    let stores = tls.trust_stores();
    let trust = format!("-Djavax.net.ssl.trustStore={}", stores.java.display());
    let options = match variable(&["JAVA_TOOL_OPTIONS"]) {
        Some(options) => format!("{options} {trust}"),
        None => trust,
    };
    writeln!(f, "export JAVA_TOOL_OPTIONS={}", shell_quoted(&options))?;
    // An empty part stands for the folder that PHP was built with.
    let folders = variable(&["PHP_INI_SCAN_DIR"]).map(|folders| shell_quoted(&folders));
    writeln!(
        f,
        "export PHP_INI_SCAN_DIR={}:{}",
        folders.unwrap_or_default(),
        path(&stores.php)
    )
}

/// The first of these environment variables that is set and not empty.
fn variable(names: &[&str]) -> Option<String> {
    let mut values = names.iter().filter_map(|name| std::env::var(name).ok());
    values.find(|value| !value.is_empty())
}

fn path(path: &Path) -> String {
    shell_quoted(&path.display().to_string())
}

fn shell_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
