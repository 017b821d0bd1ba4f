//! The settings of the project. A test can change them while the emulator runs.
//!
//! Their names and their nesting are those of the resource `descope_project` of Descope's Terraform provider.

mod patch;
mod values;

use std::time::Duration;

use regex_lite::Regex;
use serde::{Deserialize, Serialize};

pub(crate) use patch::SettingsPatch;

use super::duration::{format_in_words, in_words};
use super::user::User;

const MINUTE: Duration = Duration::from_secs(60);
const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

/// Descope's default names of the cookies.
const SESSION_COOKIE: &str = "DS";
const REFRESH_COOKIE: &str = "DSR";

/// The shortest lifetime of a token.
const MIN_TOKEN_EXPIRATION: Duration = MINUTE.saturating_mul(3);

/// The longest lifetime of an access key's session token.
const MAX_ACCESS_KEY_EXPIRATION: Duration = WEEK.saturating_mul(4);

const MIN_INACTIVITY_TIME: Duration = MINUTE.saturating_mul(10);

/// The current settings.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) project_settings: ProjectSettings,
    pub(crate) authentication: Authentication,
    pub(crate) emulator: EmulatorSettings,
}

/// The section `project_settings`: sessions, tokens, cookies, domains and test users. Where Descope documents
/// no default, the emulator chooses one.
#[derive(Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ProjectSettings {
    /// Allowed hosts of redirect URLs, subdomains included. If empty, every host is allowed.
    #[serde(deserialize_with = "values::approved_domains")]
    pub(crate) approved_domains: Vec<String>,
    /// Whether each refresh gives a new refresh token and invalidates the old one.
    pub(crate) refresh_token_rotation: bool,
    #[serde(with = "in_words")]
    pub(crate) refresh_token_expiration: Duration,
    pub(crate) refresh_token_response_method: ResponseMethod,
    pub(crate) refresh_token_cookie_policy: CookiePolicy,
    /// If empty, browsers use the host of the response.
    #[serde(deserialize_with = "values::cookie_domain")]
    pub(crate) refresh_token_cookie_domain: String,
    #[serde(with = "in_words")]
    pub(crate) session_token_expiration: Duration,
    pub(crate) session_token_response_method: ResponseMethod,
    pub(crate) session_token_cookie_policy: CookiePolicy,
    /// If empty, browsers use the host of the response.
    #[serde(deserialize_with = "values::cookie_domain")]
    pub(crate) session_token_cookie_domain: String,
    /// How long the session tokens of a session are stepped up.
    #[serde(with = "in_words")]
    pub(crate) step_up_token_expiration: Duration,
    #[serde(with = "in_words")]
    pub(crate) access_key_session_token_expiration: Duration,
    /// Whether a session ends when it was not refreshed for `inactivity_time`.
    pub(crate) enable_inactivity: bool,
    #[serde(with = "in_words")]
    pub(crate) inactivity_time: Duration,
    /// A new user with a matching login ID is a test user. If empty, none is.
    #[serde(deserialize_with = "values::pattern")]
    pub(crate) test_users_loginid_regexp: String,
    /// Without effect, as it concerns one-time passwords.
    #[serde(deserialize_with = "values::pattern")]
    pub(crate) test_users_verifier_regexp: String,
    /// Without effect, as the emulator has no one-time passwords.
    #[serde(deserialize_with = "values::static_otp")]
    pub(crate) test_users_static_otp: String,
}

/// The section `authentication`: the methods that the emulator has.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Authentication {
    pub(crate) magic_link: MagicLinkSettings,
    pub(crate) embedded_link: EmbeddedLinkSettings,
}

/// Magic links.
#[derive(Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MagicLinkSettings {
    /// Whether calls of the API are rejected.
    pub(crate) disabled: bool,
    /// How long a link is valid.
    #[serde(with = "in_words")]
    pub(crate) expiration_time: Duration,
    /// The redirect URL of requests that have none. If empty, it is a page of the emulator.
    #[serde(deserialize_with = "values::redirect_url")]
    pub(crate) redirect_url: String,
}

/// Embedded links.
#[derive(Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct EmbeddedLinkSettings {
    /// Whether calls of the API are rejected.
    pub(crate) disabled: bool,
    /// How long a link is valid if the request does not say so.
    #[serde(with = "in_words")]
    pub(crate) expiration_time: Duration,
}

/// The section `emulator`: what the Terraform provider has no names for.
#[derive(Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct EmulatorSettings {
    #[serde(deserialize_with = "values::cookie_name")]
    pub(crate) session_token_cookie_name: String,
    #[serde(deserialize_with = "values::cookie_name")]
    pub(crate) refresh_token_cookie_name: String,
}

/// Where responses carry a token.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ResponseMethod {
    ResponseBody,
    /// In a cookie. The token's field of the body is empty.
    Cookies,
}

/// Which requests of other sites a cookie is sent with: its `SameSite`.
#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CookiePolicy {
    Strict,
    Lax,
    None,
}

impl CookiePolicy {
    /// The value of `SameSite`.
    pub(crate) fn same_site(self) -> &'static str {
        match self {
            CookiePolicy::Strict => "Strict",
            CookiePolicy::Lax => "Lax",
            CookiePolicy::None => "None",
        }
    }
}

impl Default for ProjectSettings {
    fn default() -> ProjectSettings {
        ProjectSettings {
            approved_domains: Vec::new(),
            refresh_token_rotation: false,
            refresh_token_expiration: WEEK * 4,
            refresh_token_response_method: ResponseMethod::ResponseBody,
            refresh_token_cookie_policy: CookiePolicy::None,
            refresh_token_cookie_domain: String::new(),
            session_token_expiration: MINUTE * 10,
            session_token_response_method: ResponseMethod::ResponseBody,
            session_token_cookie_policy: CookiePolicy::None,
            session_token_cookie_domain: String::new(),
            step_up_token_expiration: MINUTE * 10,
            access_key_session_token_expiration: MINUTE * 10,
            enable_inactivity: false,
            inactivity_time: MINUTE * 30,
            test_users_loginid_regexp: String::new(),
            test_users_verifier_regexp: String::new(),
            test_users_static_otp: String::new(),
        }
    }
}

impl Default for MagicLinkSettings {
    fn default() -> MagicLinkSettings {
        MagicLinkSettings {
            disabled: false,
            expiration_time: MINUTE * 3,
            redirect_url: String::new(),
        }
    }
}

impl Default for EmbeddedLinkSettings {
    fn default() -> EmbeddedLinkSettings {
        EmbeddedLinkSettings {
            disabled: false,
            expiration_time: MINUTE,
        }
    }
}

impl Default for EmulatorSettings {
    fn default() -> EmulatorSettings {
        EmulatorSettings {
            session_token_cookie_name: SESSION_COOKIE.to_owned(),
            refresh_token_cookie_name: REFRESH_COOKIE.to_owned(),
        }
    }
}

impl Settings {
    /// Makes a new user a test user if the pattern says so. It is not documented whether the pattern must
    /// match the whole login ID; here a part is enough, as usual in search.
    pub(crate) fn mark_test_user(&self, user: &mut User) {
        let pattern = self.project_settings.test_users_loginid_regexp.as_str();
        // Patterns are validated when they are set.
        if let (false, Ok(pattern)) = (pattern.is_empty(), Regex::new(pattern)) {
            user.test |= user.login_ids.iter().any(|id| pattern.is_match(id));
        }
    }

    /// Checks the lifetimes against the bounds that Descope documents. An error names the setting.
    pub(crate) fn check_bounds(&self) -> Result<(), String> {
        let settings = &self.project_settings;
        let refresh = settings.refresh_token_expiration;
        // Each with its minimum, and with its maximum and what that is called.
        for (key, value, min, max) in [
            (
                "refresh_token_expiration",
                refresh,
                MIN_TOKEN_EXPIRATION,
                None,
            ),
            (
                "session_token_expiration",
                settings.session_token_expiration,
                MIN_TOKEN_EXPIRATION,
                Some((refresh, "refresh_token_expiration, ")),
            ),
            (
                "access_key_session_token_expiration",
                settings.access_key_session_token_expiration,
                MIN_TOKEN_EXPIRATION,
                Some((MAX_ACCESS_KEY_EXPIRATION, "")),
            ),
            (
                "inactivity_time",
                settings.inactivity_time,
                MIN_INACTIVITY_TIME,
                None,
            ),
        ] {
            let bound = match max {
                _ if value < min => format!("at least {}", format_in_words(min)),
                Some((max, name)) if value > max => {
                    format!("at most {name}{}", format_in_words(max))
                }
                _ => continue,
            };
            let value = format_in_words(value);
            return Err(format!(
                "`project_settings.{key}`: must be {bound}, and not {value}"
            ));
        }
        Ok(())
    }
}
