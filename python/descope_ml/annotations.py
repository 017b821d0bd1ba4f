"""`Self` and `Unpack` of `typing`, which Python has since 3.11, for annotations in any version.

They exist at runtime, so `typing.get_type_hints` can evaluate the annotations.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack
elif sys.version_info >= (3, 11):
    from typing import Self, Unpack
else:
    Self = Any

    class Unpack:
        """`Unpack[Config]` is `Config` for those who evaluate it."""

        def __class_getitem__(cls, mapping: type) -> type:
            """The mapping."""
            return mapping


__all__ = ["Self", "Unpack"]
