"""The official names of tokens, cookies and options, where the official package has them."""

from __future__ import annotations

import enum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from descope_ml.options import LoginOptions, SignUpOptions

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


class DeliveryMethod(enum.Enum):
    """By which way a link is delivered; names and numbers are the official package's.

    Example:
        >>> DeliveryMethod.SMS.value
        2
    """

    WHATSAPP = 1
    SMS = 2
    EMAIL = 3
    EMBEDDED = 4
    VOICE = 5


def __getattr__(name: str) -> object:
    """The options, which are loaded when they are asked for."""
    if name in ("LoginOptions", "SignUpOptions"):
        from descope_ml import options  # noqa: PLC0415 - it loads `dataclasses`, and that `inspect`

        return getattr(options, name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
