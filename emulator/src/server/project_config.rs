//! Turns options into the configuration of the project. Errors name the flag.

use std::time::Duration;

use serde_json::{Value, json};

use super::input_files::{invalid, read_seed_file, read_settings_file};
use crate::domain::clock::Clock;
use crate::domain::duration::format_in_words;
use crate::domain::ids;
use crate::domain::issuer::issuer_from_url;
use crate::domain::project::ProjectConfig;
use crate::domain::settings::{ResponseMethod, Settings};
use crate::domain::users::Users;
use crate::error::Error;
use crate::options::{Options, TokenResponseMethod};
use crate::traffic::control_access::LANDING_PATH;

/// `saved_management_key` is that of the state file.
pub(super) fn project_config(
    options: &Options,
    base_url: &str,
    saved_management_key: Option<String>,
) -> Result<ProjectConfig, Error> {
    validate_bearer_part("--project-id", &options.project_id)?;
    let management_key = options
        .management_key
        .clone()
        .or(saved_management_key)
        .unwrap_or_else(ids::management_key);
    validate_bearer_part("--management-key", &management_key)?;
    let clock =
        Clock::with_offset(options.clock_offset).map_err(invalid_flag("--clock-offset:"))?;
    let settings = settings(options)?;
    let users = users(options, &settings, clock.seconds())?;
    let issuer = match &options.issuer_url {
        Some(url) => {
            issuer_from_url(url, &options.project_id).map_err(invalid_flag("--issuer-url"))?
        }
        None => options.project_id.clone(),
    };
    Ok(ProjectConfig {
        id: options.project_id.clone(),
        management_key,
        issuer,
        landing_url: format!("{base_url}{LANDING_PATH}"),
        algorithm: options.algorithm,
        clock,
        settings,
        users,
        keep_messages: options.keep_messages,
    })
}

/// The users of the seed file. `now` is in seconds since 1970.
fn users(options: &Options, settings: &Settings, now: u64) -> Result<Users, Error> {
    let Some(path) = &options.seed else {
        return Ok(Users::default());
    };
    let mut users = read_seed_file(path)?;
    for user in &mut users {
        settings.mark_test_user(user);
    }
    Users::new(users, now).map_err(|problem| invalid("seed", path, problem))
}

/// The settings of the settings file, and of the flags, which take precedence.
fn settings(options: &Options) -> Result<Settings, Error> {
    let mut settings = match &options.settings {
        Some(path) => read_settings_file(path)?,
        None => Settings::default(),
    };
    let project = |setting: &str| format!("/project_settings/{setting}");
    let magic_link = |setting: &str| format!("/authentication/magic_link/{setting}");
    let cookie_name = |token: &str| format!("/emulator/{token}_token_cookie_name");
    let text = |option: &Option<String>| option.as_ref().map(|text| json!(text));
    let domains = &options.approved_domains;
    let domains = (!domains.is_empty()).then(|| json!(domains));
    let method = options.token_response_method.map(response_method);
    let lifetime = |ttl: Option<Duration>| ttl.map(|ttl| json!(format_in_words(ttl)));
    let rotation = options.refresh_rotation.map(|is_on| json!(is_on));
    let cookie_domain = text(&options.cookie_domain);
    for (flag, pointer, value) in [
        ("--approved-domain", project("approved_domains"), domains),
        (
            "--tokens",
            project("session_token_response_method"),
            method.clone(),
        ),
        ("--tokens", project("refresh_token_response_method"), method),
        (
            "--cookie-domain",
            project("session_token_cookie_domain"),
            cookie_domain.clone(),
        ),
        (
            "--cookie-domain",
            project("refresh_token_cookie_domain"),
            cookie_domain,
        ),
        (
            "--session-cookie",
            cookie_name("session"),
            text(&options.session_cookie),
        ),
        (
            "--refresh-cookie",
            cookie_name("refresh"),
            text(&options.refresh_cookie),
        ),
        (
            "--redirect-url",
            magic_link("redirect_url"),
            text(&options.redirect_url),
        ),
        (
            "--link-ttl",
            magic_link("expiration_time"),
            lifetime(options.link_ttl),
        ),
        (
            "--session-ttl",
            project("session_token_expiration"),
            lifetime(options.session_ttl),
        ),
        (
            "--refresh-ttl",
            project("refresh_token_expiration"),
            lifetime(options.refresh_ttl),
        ),
        (
            "--refresh-rotation",
            project("refresh_token_rotation"),
            rotation,
        ),
    ] {
        if let Some(value) = value {
            settings.set(&pointer, value).map_err(invalid_flag(flag))?;
        }
    }
    settings
        .check_bounds()
        .map_err(invalid_flag("--session-ttl or --refresh-ttl:"))?;
    Ok(settings)
}

/// The setting for a value of `--tokens`.
fn response_method(method: TokenResponseMethod) -> Value {
    json!(match method {
        TokenResponseMethod::Body => ResponseMethod::ResponseBody,
        TokenResponseMethod::Cookies => ResponseMethod::Cookies,
    })
}

fn invalid_flag(flag: &'static str) -> impl Fn(String) -> Error {
    move |problem| Error::Option(format!("{flag} {problem}"))
}

/// Whether a project ID or key can be used, see [`validate_bearer_part`].
pub(super) fn is_bearer_part(value: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    !value.is_empty() && value.chars().all(is_allowed)
}

/// Rejects a project ID or key that is ambiguous in a bearer, whose parts are separated by colons, or
/// that needs quotes in a shell.
fn validate_bearer_part(flag: &str, value: &str) -> Result<(), Error> {
    match is_bearer_part(value) {
        true => Ok(()),
        false => Err(Error::Option(format!(
            "{flag} must not be empty and may contain only letters, digits, `-` and `_`"
        ))),
    }
}
