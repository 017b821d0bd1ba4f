"""Names of `typing` that not every supported Python has, for annotations.

They exist at runtime, so that `typing.get_type_hints` can evaluate the annotations. The package
does not need `typing_extensions` for that.
"""

from __future__ import annotations

import typing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import ParamSpec, Self, Unpack
else:

    class _Unpack:
        """`Unpack[Config]` is `Config` before Python 3.11."""

        def __class_getitem__(cls, mapping: type) -> type:
            return mapping

    ParamSpec = getattr(typing, "ParamSpec", typing.TypeVar)
    Self = getattr(typing, "Self", typing.Any)
    Unpack = getattr(typing, "Unpack", _Unpack)

__all__ = ["ParamSpec", "Self", "Unpack"]
