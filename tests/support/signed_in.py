"""A user who is signed in at the shared emulator, for the tests of web frameworks."""

from __future__ import annotations

from typing import Any

from descope_ml import DeliveryMethod, DescopeClient, DescopeClientAsync
from support.emulator import Emulator

EMAIL = "ada@habits.example.com"
URI = "https://app.example.com/verify"


def blocking_client(emulator: Emulator) -> DescopeClient:
    """A client that blocks."""
    return DescopeClient(emulator.project_id, base_url=emulator.base_url, max_attempts=1)


def awaited_client(emulator: Emulator) -> DescopeClientAsync:
    """A client whose calls are awaited."""
    return DescopeClientAsync(emulator.project_id, base_url=emulator.base_url, max_attempts=1)


def link_token(emulator: Emulator) -> str:
    """The token of a new link."""
    client = blocking_client(emulator)
    client.magiclink.sign_up_or_in(DeliveryMethod.EMAIL, EMAIL, URI)
    return str(emulator.messages(EMAIL)[0]["token"])


def sign_in(emulator: Emulator) -> dict[str, Any]:
    """A new login."""
    return blocking_client(emulator).magiclink.verify(link_token(emulator))


def bearer_headers(emulator: Emulator) -> dict[str, str]:
    """The headers of a user who is signed in."""
    return {"Authorization": f"Bearer {sign_in(emulator)['sessionToken']['jwt']}"}
