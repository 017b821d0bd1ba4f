"""`install_as_descope`: this package under the name of the official one, for others' code."""

from __future__ import annotations

import importlib
import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

_PACKAGE = "descope"
_REPLACEMENT = "descope_ml"

# The modules that both packages have.
_MODULES = frozenset(
    {
        "",
        ".authmethod",
        ".authmethod.magiclink",
        ".authmethod.magiclink_async",
        ".common",
        ".descope_client",
        ".descope_client_async",
        ".exceptions",
        ".flask",
        ".http_client",
        ".management",
        ".management.common",
        ".management.user",
        ".management.user_async",
    }
)

_ADVICE = (
    "descope_ml has the magic links and sessions of the package `descope`, and nothing else. "
    "For the rest, install `descope` and do not call `descope_ml.install_as_descope()`"
)


def install_as_descope() -> None:
    """Makes `import descope` and imports of its modules give this package, in the whole process.

    For packages of other people that import `descope`, such as `django-descope`. Call it first, for
    example at the top of Django's settings or of `wsgi.py`. The official package need not be
    installed. What this package does not have raises `ImportError` or `AttributeError` with its
    name. Calling it twice does no harm.

    Raises:
        ImportError: The official package was imported before.

    Example:
        >>> import descope_ml
        >>> descope_ml.install_as_descope()
        >>> from descope import DescopeClient
        >>> DescopeClient is descope_ml.DescopeClient
        True
    """
    if isinstance(sys.modules.get(_PACKAGE), _Alias):
        return
    if _PACKAGE in sys.modules:
        message = "`descope` is imported already: call `install_as_descope()` before that"
        raise ImportError(message, name=_PACKAGE)
    sys.meta_path.insert(0, _Finder())
    importlib.import_module(_PACKAGE)


class WithoutOtherNames:
    """Base class of what the official package has more members of: the error names the member."""

    # A type checker would otherwise accept every name.
    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            """Raises `AttributeError`."""
            message = f"`{type(self).__name__}` has no attribute `{name}`"
            if not name.startswith("_"):
                message += f": {_ADVICE}"
            raise _attribute_error(message, name, self)


class _Alias(ModuleType):
    """A module of the official package, with the names of ours."""

    def __init__(self, name: str, module: ModuleType) -> None:
        super().__init__(name, module.__doc__)
        self._module = module
        if hasattr(module, "__all__"):
            self.__all__ = [one for one in module.__all__ if not one.startswith("_")]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise _attribute_error(
                f"module {self.__name__!r} has no attribute {name!r}", name, self
            )
        child = f"{self.__name__}.{name}"
        if child.removeprefix(_PACKAGE) in _MODULES:
            return importlib.import_module(child)
        try:
            return getattr(self._module, name)
        except AttributeError:
            raise _attribute_error(_missing(child), name, self) from None

    def __dir__(self) -> list[str]:
        return dir(self._module)


class _Finder:
    """Finds and loads the modules of the official package.

    `from descope import x` asks for a module `descope.x` if there is no such attribute. So this is
    the place where an import of a missing name can say why.
    """

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002 - these are the parameters of the protocol
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != _PACKAGE and not fullname.startswith(f"{_PACKAGE}."):
            return None
        if fullname.removeprefix(_PACKAGE) not in _MODULES:
            raise ImportError(_missing(fullname), name=fullname)
        # Every alias is a package, so that the import of a missing name comes here.
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        replacement = _REPLACEMENT + spec.name.removeprefix(_PACKAGE)
        return _Alias(spec.name, importlib.import_module(replacement))

    def exec_module(self, module: ModuleType) -> None:
        """Does nothing: the names are those of the other module."""


def _missing(name: str) -> str:
    return f"`{name}` is not here: {_ADVICE}"


def _attribute_error(message: str, name: str, owner: object) -> AttributeError:
    error = AttributeError(message)
    # For the suggestions of Python 3.10 and later.
    error.name, error.obj = name, owner
    return error
