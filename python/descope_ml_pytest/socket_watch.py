"""Blocks the network for clients wherever pytest-socket disables Python's sockets.

Clients do not use these sockets, so pytest-socket cannot stop them.
"""

from __future__ import annotations

import functools
import os
import socket
from collections.abc import Callable
from typing import Any

import pytest
import pytest_socket

from descope_ml_pytest.network_block import VARIABLE, set_network_block

# What changes the state of the sockets: the functions for users, and the end of a test.
_FUNCTIONS = ("disable_socket", "enable_socket", "socket_allow_hosts", "_remove_restrictions")

_REASON = (
    "pytest-socket has disabled sockets here. Use the fixture `descope_emulator` or a mock of the "
    "client, mark the test with `enable_socket`, or set `descope_block_network = false`"
)


class SocketWatch:
    """Follows the state of the sockets, as a plugin of pytest."""

    def __init__(self) -> None:
        """Follows them from now on."""
        self._before = os.environ.get(VARIABLE)
        self._is_blocked = False
        self._originals: dict[str, Callable[..., Any]] = {}
        for name in _FUNCTIONS:
            original = getattr(pytest_socket, name, None)
            if original is not None:
                self._originals[name] = original
                setattr(pytest_socket, name, self._followed(original))

    def end(self) -> None:
        """Ends it, and restores what was there before."""
        for name, original in self._originals.items():
            setattr(pytest_socket, name, original)
        self._block(is_blocked=False)

    # Somebody may have imported the functions before they were replaced.
    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self) -> None:
        """Looks after all fixtures of a test."""
        self._look()

    def pytest_runtest_logfinish(self) -> None:
        """Looks after a test."""
        self._look()

    def _followed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def followed(*arguments: Any, **options: Any) -> Any:
            try:
                return function(*arguments, **options)
            finally:
                self._look()

        return followed

    def _look(self) -> None:
        connect = getattr(socket.socket, "connect", None)
        guards = (socket.socket, connect)
        self._block(
            is_blocked=any(
                getattr(guard, "__module__", None) == pytest_socket.__name__ for guard in guards
            )
        )

    def _block(self, *, is_blocked: bool) -> None:
        if is_blocked != self._is_blocked:
            self._is_blocked = is_blocked
            set_network_block(_REASON if is_blocked else self._before)
