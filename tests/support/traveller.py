"""A user of the emulator, seen through one face of the library."""

from __future__ import annotations

import itertools
from typing import Any, Optional

from support.emulator import Emulator
from support.faces import Call, Face

_people = itertools.count(5_000_000)


class Traveller:
    """A user who makes the journey through one face."""

    def __init__(self, face: Face, emulator: Emulator, **config: Any) -> None:
        """Gives the user addresses that nobody else has, and the client this configuration."""
        number = next(_people)
        self.phone = f"+1415{number}"
        self.email = f"traveller{number}@example.com"
        self._face = face
        self._own_config = config
        self._emulator = emulator
        self._config = {
            "projectId": emulator.project_id,
            "baseUrl": emulator.base_url,
            "managementKey": emulator.management_key,
            **config,
        }

    def another(self) -> Traveller:
        """Another user of the same client."""
        return Traveller(self._face, self._emulator, **self._own_config)

    def does(self, operation: str, **request: Any) -> dict[str, Any]:
        """Performs an operation that must succeed; its answer."""
        status, out = self.tries(operation, **request)
        assert status == 0, out
        return out

    def fails(self, operation: str, **request: Any) -> dict[str, Any]:
        """Performs an operation that must fail; its error."""
        status, out = self.tries(operation, **request)
        assert status != 0, out
        error: dict[str, Any] = out["error"]
        return error

    def tries(self, operation: str, **request: Any) -> tuple[int, dict[str, Any]]:
        """Performs an operation; its status and document."""
        outcome = self._face.perform(Call.of(operation, self._config, request))
        return outcome.status, dict(outcome.out)

    def token(self, to: Optional[str] = None) -> str:
        """The token of the newest link that was sent to an address."""
        return str(self._emulator.messages(to or self.phone)[0]["token"])

    def signs_up(self, **options: Any) -> dict[str, Any]:
        """Signs up by SMS and follows the link."""
        user = {"phone": self.phone, "name": "Ada"}
        self.does("magiclink/signup/sms", loginId=self.phone, user=user, **options)
        return self.does("magiclink/verify", token=self.token())
