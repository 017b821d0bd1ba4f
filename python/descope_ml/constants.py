"""Constants of the official package: delivery methods, and the names of tokens and cookies."""

from __future__ import annotations

import enum

SESSION_COOKIE_NAME = "DS"
REFRESH_SESSION_COOKIE_NAME = "DSR"

SESSION_TOKEN_NAME = "sessionToken"  # noqa: S105 - a key of the returned dictionaries
REFRESH_SESSION_TOKEN_NAME = "refreshSessionToken"  # noqa: S105 - likewise
COOKIE_DATA_NAME = "cookieData"


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
