"""The official names of tokens and cookies."""

from __future__ import annotations

SESSION_COOKIE_NAME = "DS"
REFRESH_SESSION_COOKIE_NAME = "DSR"

SESSION_TOKEN_NAME = "sessionToken"  # noqa: S105 - a key of the returned dictionaries
REFRESH_SESSION_TOKEN_NAME = "refreshSessionToken"  # noqa: S105 - likewise
COOKIE_DATA_NAME = "cookieData"
