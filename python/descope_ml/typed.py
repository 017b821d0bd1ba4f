"""Names for annotations, without `typing`, which takes longer to load than all of this package."""

from __future__ import annotations

__all__ = ["TYPE_CHECKING", "Any", "Generic", "R"]

TYPE_CHECKING = False  # To type checkers it is True, whatever stands here.

if TYPE_CHECKING:
    from typing import Any, Generic, TypeVar

    R = TypeVar("R")
else:
    Any = object
    R = "R"
    Generic = {R: object}  # So that `Generic[R]` is a base class like any other.
