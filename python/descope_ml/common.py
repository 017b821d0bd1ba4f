"""Tokens, cookies and options, in the module where the official package has them."""

from __future__ import annotations

from descope_ml.constants import (
    COOKIE_DATA_NAME,
    REFRESH_SESSION_COOKIE_NAME,
    REFRESH_SESSION_TOKEN_NAME,
    SESSION_COOKIE_NAME,
    SESSION_TOKEN_NAME,
    DeliveryMethod,
)
from descope_ml.options import AccessKeyLoginOptions, LoginOptions, SignUpOptions

__all__ = [
    "COOKIE_DATA_NAME",
    "REFRESH_SESSION_COOKIE_NAME",
    "REFRESH_SESSION_TOKEN_NAME",
    "SESSION_COOKIE_NAME",
    "SESSION_TOKEN_NAME",
    "AccessKeyLoginOptions",
    "DeliveryMethod",
    "LoginOptions",
    "SignUpOptions",
]
