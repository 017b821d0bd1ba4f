"""What the official package has and this one has not: errors that say so."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

ADVICE = (
    "descope_ml has the magic links and sessions of the package `descope`, and nothing else. "
    "For the rest, install `descope` and do not call `descope_ml.install_as_descope()`"
)


class WithoutOtherNames:
    """Base class of what the official package has more members of: the error names the member."""

    # A type checker would otherwise accept every name.
    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            """Raises `AttributeError`."""
            message = f"`{type(self).__name__}` has no attribute `{name}`"
            if not name.startswith("_"):
                message += f": {ADVICE}"
            raise attribute_error(message, name, self)


def attribute_error(message: str, name: str, owner: object) -> AttributeError:
    """An error with the attributes that Python 3.10 and later use for suggestions.

    Args:
        message: What is wrong.
        name: The name of the attribute.
        owner: The object without it.

    Returns:
        The error.
    """
    error = AttributeError(message)
    error.name, error.obj = name, owner
    return error
