"""`DescopeResponse`, in the module where the official package has it."""

from __future__ import annotations

from descope_ml.results import DescopeResponse

__all__ = ["DescopeResponse"]
