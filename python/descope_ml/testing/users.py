"""The users of an emulator."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

from descope_ml._native import camel_case
from descope_ml.testing.control import ControlRoutes


class Users:
    """The users of an emulator. Iterate over them, or add some."""

    def __init__(self, routes: ControlRoutes) -> None:
        """Reads and changes the users of this emulator."""
        self._routes = routes
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """All users, as the API returns them, in any order."""
        return iter(self._read())

    def __len__(self) -> int:
        """The number of users."""
        return len(self._read())

    def get(self, login_id: str) -> dict[str, Any] | None:
        """The user with a login ID, as the API returns it; None if there is none."""
        return next((user for user in self if login_id in user["loginIds"]), None)

    def add(self, login_id: str, **fields: Any) -> dict[str, Any]:
        """Adds a user who can sign in.

        Args:
            login_id: A telephone number, an email address, or any other name.
            **fields: Fields of the API, in Python's or the API's spelling: `name`, `email`,
                `phone`, `role_names`, `permissions`, `user_tenants`, `custom_attributes`, …

        Returns:
            The user, as the API returns it.

        Raises:
            ValueError: A field is unknown or invalid, or a user has this login ID.

        Example:
            >>> from descope_ml.testing import Emulator
            >>> with Emulator() as emulator:
            ...     emulator.users.add("ada@example.com", role_names=["reader"])["roleNames"]
            ['reader']
        """
        user = {camel_case(name): value for name, value in fields.items()}
        with self._lock:
            before = self._read()
            users = [*before, {**user, "loginId": login_id}]
            after: list[dict[str, Any]] = self._routes.put("state", {"users": users})["users"]
        known = {user["userId"] for user in before}
        return next(user for user in after if user["userId"] not in known)

    def _read(self) -> list[dict[str, Any]]:
        users: list[dict[str, Any]] = self._routes.get("state")["users"]
        return users
