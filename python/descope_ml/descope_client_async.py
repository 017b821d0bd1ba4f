"""`DescopeClientAsync`, in the module where the official package has it."""

from __future__ import annotations

from descope_ml.client_async import DescopeClientAsync

__all__ = ["DescopeClientAsync"]
