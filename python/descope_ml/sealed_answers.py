"""What a `RefreshStore` stores: documents that only the old refresh token opens."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from typing import Any

from descope_ml import _native
from descope_ml.errors import value_of

# They name the format as well: with another format, a program would find other names.
_NAME_LABEL = b"descope_ml refresh store v1: name"
_KEY_LABEL = b"descope_ml refresh store v1: key"

_PREFIX = "sealed "


class RefreshSecret:
    """What is derived from a refresh token: HMAC-SHA-256 of two labels, keyed with the token.

    Attributes:
        name: The name in the store. Neither the token nor the key can be derived from it.
    """

    def __init__(self, refresh_token: str) -> None:
        """Derives name and key."""
        token = refresh_token.encode("utf-8", "surrogatepass")
        self.name = "descope_ml:refresh:" + hmac.digest(token, _NAME_LABEL, "sha256").hex()
        self._key = hmac.digest(token, _KEY_LABEL, "sha256")

    def seal(self, document: dict[str, Any]) -> str:
        """Encrypts a JSON document. It can be opened only under the same name.

        Args:
            document: The document.

        Returns:
            A line of ASCII.
        """
        plaintext = json.dumps(document).encode()
        sealed = value_of(_native.seal(self._key, self.name.encode(), plaintext))
        return _PREFIX + base64.b64encode(sealed).decode()

    def open(self, text: str) -> dict[str, Any] | None:
        """Decrypts what `seal` has returned.

        Args:
            text: The text from the store.

        Returns:
            The document; None if the text was not sealed with this token, or was changed.
        """
        if not is_sealed(text):
            return None
        try:
            sealed = base64.b64decode(text[len(_PREFIX) :], validate=True)
        except binascii.Error:
            return None
        plaintext = _native.open_sealed(self._key, self.name.encode(), sealed)
        return None if plaintext is None else dict(json.loads(plaintext))


def is_sealed(text: str) -> bool:
    """Whether a text looks like the result of `RefreshSecret.seal`."""
    return text.startswith(_PREFIX)
