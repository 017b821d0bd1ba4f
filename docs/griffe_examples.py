"""Lets mkdocstrings show the section "Example" of a docstring as code, as it does "Examples"."""

from __future__ import annotations

import re
from typing import Any

import griffe


class Examples(griffe.Extension):
    """Changes the docstrings that griffe has read."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Renames the section of a module, class or function."""
        if obj.docstring:
            obj.docstring.value = re.sub(
                r"^Example:$", "Examples:", obj.docstring.value, flags=re.M
            )
