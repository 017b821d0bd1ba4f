"""A user of the emulator who calls the library through one face."""

from __future__ import annotations

import itertools
from typing import Any, Optional

from support.emulator import Emulator
from support.faces import Call, Face

_numbers = itertools.count(5_000_000)


class User:
    """A user with a phone number and an email address of its own, and a client configuration."""

    def __init__(self, face: Face, emulator: Emulator, **config: Any) -> None:
        """Creates a user.

        Args:
            face: The face through which all calls go.
            emulator: The emulator that receives the calls.
            config: More keys for the configuration of the client.
        """
        number = next(_numbers)
        self.phone = f"+1415{number}"
        self.email = f"user{number}@example.com"
        self._face = face
        self._extra_config = config
        self._emulator = emulator
        self._config = {
            "projectId": emulator.project_id,
            "baseUrl": emulator.base_url,
            "managementKey": emulator.management_key,
            **config,
        }

    def other_user(self) -> User:
        """Another user of the same client."""
        return User(self._face, self._emulator, **self._extra_config)

    def call_ok(self, operation: str, **request: Any) -> dict[str, Any]:
        """Makes a call that must succeed, and returns its response."""
        status, document = self.call(operation, **request)
        assert status == 0, document
        return document

    def call_error(self, operation: str, **request: Any) -> dict[str, Any]:
        """Makes a call that must fail, and returns its error."""
        status, document = self.call(operation, **request)
        assert status != 0, document
        error: dict[str, Any] = document["error"]
        return error

    def call(self, operation: str, **request: Any) -> tuple[int, dict[str, Any]]:
        """Makes a call, and returns its status and its document."""
        result = self._face.execute(Call.of(operation, self._config, request))
        return result.status, dict(result.document)

    def link_token(self, to: Optional[str] = None) -> str:
        """The token of the newest link that was sent to an address, by default to the phone."""
        return str(self._emulator.messages(to or self.phone)[0]["token"])

    def sign_up(self, **options: Any) -> dict[str, Any]:
        """Signs up by SMS and verifies the link."""
        user = {"phone": self.phone, "name": "Ada"}
        self.call_ok("magiclink/signup/sms", loginId=self.phone, user=user, **options)
        return self.call_ok("magiclink/verify", token=self.link_token())
