"""For the tests of your application: a local Descope, a clock that you set, and no network.

With pytest, use the fixture `descope_emulator`, which is there as soon as this package is
installed; with unittest, `Emulator`. `docs/python-testing.md` has the whole picture.
"""

from __future__ import annotations

from descope_ml.testing.clock import clock
from descope_ml.testing.emulator import Emulator
from descope_ml.testing.errors import EmulatorError
from descope_ml.testing.inbox import Inbox, Message
from descope_ml.testing.network import block_network
from descope_ml.testing.users import Users

__all__ = ["Emulator", "EmulatorError", "Inbox", "Message", "Users", "block_network", "clock"]
