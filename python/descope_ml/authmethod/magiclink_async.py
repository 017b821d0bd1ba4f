"""`MagicLinkAsync`, in the module where the official package has it."""

from __future__ import annotations

from descope_ml.magiclink_async import MagicLinkAsync

__all__ = ["MagicLinkAsync"]
