"""Blocks the network for the native clients of this process and of its children."""

from __future__ import annotations

import os
import sys

VARIABLE = "DESCOPE_ML_BLOCK_NETWORK"
"""The native module reads it when it is loaded: the reason of the block."""


def set_network_block(reason: str | None) -> None:
    """From now on, clients reach only servers on this machine. None ends that.

    Child processes that start from now on inherit it. The native module is not loaded for that.
    """
    if reason is None:
        os.environ.pop(VARIABLE, None)
    else:
        os.environ[VARIABLE] = reason
    native = sys.modules.get("descope_ml._native")
    if native is not None:
        native.block_network(reason)
