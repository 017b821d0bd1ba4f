"""What the emulator raises."""

from __future__ import annotations


class EmulatorError(RuntimeError):
    """The emulator is not installed, did not start, or does not run."""
