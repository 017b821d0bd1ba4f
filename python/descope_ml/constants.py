"""Constants of the official package: delivery methods, paths, names of tokens and cookies."""

from __future__ import annotations

import enum

SESSION_COOKIE_NAME = "DS"
REFRESH_SESSION_COOKIE_NAME = "DSR"

SESSION_TOKEN_NAME = "sessionToken"  # noqa: S105 - a key of the returned dictionaries
REFRESH_SESSION_TOKEN_NAME = "refreshSessionToken"  # noqa: S105 - likewise
COOKIE_DATA_NAME = "cookieData"

REDIRECT_LOCATION_COOKIE_NAME = "Location"

DEFAULT_URL_PREFIX = "https://api"
DEFAULT_DOMAIN = "descope.com"
DEFAULT_BASE_URL = f"{DEFAULT_URL_PREFIX}.{DEFAULT_DOMAIN}"
"""The URL of the API, for a project whose ID names no region."""

DEFAULT_TIMEOUT_SECONDS = 10
"""The default of `timeout_seconds`, for a whole call. The official 60 s apply to each phase."""


class DeliveryMethod(enum.Enum):
    """How a link is delivered. Names and values are those of the official package.

    Example:
        >>> DeliveryMethod.SMS.value
        2
    """

    WHATSAPP = 1
    SMS = 2
    EMAIL = 3
    EMBEDDED = 4
    VOICE = 5


class EndpointsV1:
    """Paths of the API, with the official names: those of magic links and sessions.

    The library does not read them. They are for code that expects a path, such as a test server.
    """

    refresh_token_path = "/v1/auth/refresh"  # noqa: S105 - a path
    select_tenant_path = "/v1/auth/tenant/select"
    logout_path = "/v1/auth/logout"
    logout_all_path = "/v1/auth/logoutall"
    me_path = "/v1/auth/me"
    my_tenants_path = "/v1/auth/me/tenants"
    history_path = "/v1/auth/me/history"
    exchange_auth_access_key_path = "/v1/auth/accesskey/exchange"

    sign_up_auth_magiclink_path = "/v1/auth/magiclink/signup"
    sign_in_auth_magiclink_path = "/v1/auth/magiclink/signin"
    sign_up_or_in_auth_magiclink_path = "/v1/auth/magiclink/signup-in"
    verify_magiclink_auth_path = "/v1/auth/magiclink/verify"
    get_session_magiclink_auth_path = "/v1/auth/magiclink/pending-session"
    update_user_email_magiclink_path = "/v1/auth/magiclink/update/email"
    update_user_phone_magiclink_path = "/v1/auth/magiclink/update/phone"


class EndpointsV2:
    """Paths of the second version of the API. See `EndpointsV1`."""

    public_key_path = "/v2/keys"
