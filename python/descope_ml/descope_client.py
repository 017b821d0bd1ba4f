"""`DescopeClient`, in the module where the official package has it."""

from __future__ import annotations

from descope_ml.client import DescopeClient

__all__ = ["DescopeClient"]
