"""The official names of tokens, cookies and options, where the official package has them."""

from __future__ import annotations

from descope_ml.options import DeliveryMethod, LoginOptions, SignUpOptions

__all__ = [
    "COOKIE_DATA_NAME",
    "REFRESH_SESSION_COOKIE_NAME",
    "REFRESH_SESSION_TOKEN_NAME",
    "SESSION_COOKIE_NAME",
    "SESSION_TOKEN_NAME",
    "DeliveryMethod",
    "LoginOptions",
    "SignUpOptions",
]

SESSION_COOKIE_NAME = "DS"
REFRESH_SESSION_COOKIE_NAME = "DSR"

SESSION_TOKEN_NAME = "sessionToken"  # noqa: S105 - a key of the returned dictionaries
REFRESH_SESSION_TOKEN_NAME = "refreshSessionToken"  # noqa: S105 - likewise
COOKIE_DATA_NAME = "cookieData"
