//! Turns options into the configuration of the project. Errors name the flag.

use super::seed_file::read_seed_file;
use crate::domain::clock::Clock;
use crate::domain::ids;
use crate::domain::issuer::issuer_from_url;
use crate::domain::project::ProjectConfig;
use crate::domain::settings::{
    Settings, parse_approved_domains, validate_cookie_part, validate_redirect_url,
};
use crate::domain::users::Users;
use crate::error::Error;
use crate::inbox::LANDING_PATH;
use crate::options::Options;

pub(super) fn project_config(options: Options, base_url: &str) -> Result<ProjectConfig, Error> {
    validate_bearer_part("--project-id", &options.project_id)?;
    let settings = settings(&options, base_url)?;
    let management_key = options.management_key.unwrap_or_else(ids::management_key);
    validate_bearer_part("--management-key", &management_key)?;
    let clock =
        Clock::with_offset(options.clock_offset).map_err(invalid_flag("--clock-offset:"))?;
    let users = match &options.seed {
        Some(path) => read_seed_file(path, clock.seconds())?,
        None => Users::default(),
    };
    let issuer = match &options.issuer_url {
        Some(url) => {
            issuer_from_url(url, &options.project_id).map_err(invalid_flag("--issuer-url"))?
        }
        None => options.project_id.clone(),
    };
    Ok(ProjectConfig {
        id: options.project_id,
        management_key,
        issuer,
        algorithm: options.algorithm,
        clock,
        settings,
        users,
    })
}

fn settings(options: &Options, base_url: &str) -> Result<Settings, Error> {
    Ok(Settings {
        approved_domains: parse_approved_domains(&options.approved_domains)
            .map_err(invalid_flag("--approved-domain"))?,
        redirect_url: match &options.redirect_url {
            Some(url) => validate_redirect_url(url).map_err(invalid_flag("--redirect-url"))?,
            None => format!("{base_url}{LANDING_PATH}"),
        },
        link_ttl: options.link_ttl,
        token_response_method: options.token_response_method,
        session_cookie: validate_cookie_part(&options.session_cookie)
            .map_err(invalid_flag("--session-cookie"))?,
        refresh_cookie: validate_cookie_part(&options.refresh_cookie)
            .map_err(invalid_flag("--refresh-cookie"))?,
        cookie_domain: match &options.cookie_domain {
            Some(domain) => {
                validate_cookie_part(domain).map_err(invalid_flag("--cookie-domain"))?
            }
            None => String::new(),
        },
    })
}

fn invalid_flag(flag: &'static str) -> impl Fn(String) -> Error {
    move |problem| Error::Option(format!("{flag} {problem}"))
}

/// Rejects a project ID or key that is ambiguous in a bearer, whose parts are separated by colons, or
/// that needs quotes in a shell.
fn validate_bearer_part(flag: &str, value: &str) -> Result<(), Error> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    match !value.is_empty() && value.chars().all(is_allowed) {
        true => Ok(()),
        false => Err(Error::Option(format!(
            "{flag} must not be empty and may contain only letters, digits, `-` and `_`"
        ))),
    }
}
