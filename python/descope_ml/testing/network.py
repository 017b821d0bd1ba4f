"""Tests without the network, for runners other than pytest."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

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
    before = os.environ.get(VARIABLE)
    set_network_block(_REASON)
    try:
        yield
    finally:
        set_network_block(before)
