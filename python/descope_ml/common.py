"""Tokens, cookies, paths and options, in the module where the official package has them."""

from __future__ import annotations

from descope_ml.constants import (
    COOKIE_DATA_NAME,
    DEFAULT_BASE_URL,
    DEFAULT_DOMAIN,
    DEFAULT_TIMEOUT_SECONDS,
    DEFAULT_URL_PREFIX,
    REDIRECT_LOCATION_COOKIE_NAME,
    REFRESH_SESSION_COOKIE_NAME,
    REFRESH_SESSION_TOKEN_NAME,
    SESSION_COOKIE_NAME,
    SESSION_TOKEN_NAME,
    DeliveryMethod,
    EndpointsV1,
    EndpointsV2,
)
from descope_ml.options import AccessKeyLoginOptions, LoginOptions, SignUpOptions

__all__ = [
    "COOKIE_DATA_NAME",
    "DEFAULT_BASE_URL",
    "DEFAULT_DOMAIN",
    "DEFAULT_TIMEOUT_SECONDS",
    "DEFAULT_URL_PREFIX",
    "REDIRECT_LOCATION_COOKIE_NAME",
    "REFRESH_SESSION_COOKIE_NAME",
    "REFRESH_SESSION_TOKEN_NAME",
    "SESSION_COOKIE_NAME",
    "SESSION_TOKEN_NAME",
    "AccessKeyLoginOptions",
    "DeliveryMethod",
    "EndpointsV1",
    "EndpointsV2",
    "LoginOptions",
    "SignUpOptions",
]
