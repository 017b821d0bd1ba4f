"""Tests without the network, for runners other than pytest."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from descope_ml_pytest.network_block import VARIABLE, set_network_block

_REASON = (
    "`descope_ml.testing.block_network` is in effect. Use `descope_ml.testing.Emulator` or a mock "
    "of the client"
)


@contextmanager
def block_network() -> Iterator[None]:
    """In a `with` block, calls of all clients to anything but this machine raise `ConfigError`.

    It counts for all threads of this process, and for child processes that start in the block. With
    pytest, set `descope_block_network = true` instead.

    Example:
        >>> from descope_ml import ConfigError, DeliveryMethod, DescopeClient
        >>> from descope_ml.testing import block_network
        >>> with block_network():
        ...     try:
        ...         DescopeClient("P2test").magiclink.sign_in(DeliveryMethod.SMS, "+14155550123")
        ...     except ConfigError as error:
        ...         print(error.outcome)
        not_sent
    """
    with _blocks:
        yield


class _Blocks:
    """The blocks that are in effect, perhaps in several threads. The last one unblocks."""

    def __init__(self) -> None:
        self._lock: Final = threading.Lock()
        self._count = 0
        self._before: str | None = None

    def __enter__(self) -> None:
        with self._lock:
            if self._count == 0:
                self._before = os.environ.get(VARIABLE)
                set_network_block(_REASON)
            self._count += 1

    def __exit__(self, *exception: object) -> None:
        with self._lock:
            self._count -= 1
            if self._count == 0:
                set_network_block(self._before)


_blocks: Final = _Blocks()
