"""`MagicLink`, in the module where the official package has it."""

from __future__ import annotations

from descope_ml.magiclink import MagicLink

__all__ = ["MagicLink"]
