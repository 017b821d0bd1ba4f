"""The modules of the official package as aliases of ours. Loaded by `install_as_descope` only."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from descope_ml.other_names import ADVICE, attribute_error

PACKAGE = "descope"
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


class Alias(ModuleType):
    """A module of the official package, with the names of ours."""

    def __init__(self, name: str, module: ModuleType) -> None:
        """Takes the official name, and our module."""
        super().__init__(name, module.__doc__)
        self._module = module
        if hasattr(module, "__all__"):
            self.__all__ = [one for one in module.__all__ if not one.startswith("_")]

    def __getattr__(self, name: str) -> Any:
        """A name of our module, or a module below this one."""
        if name.startswith("_"):
            raise attribute_error(f"module {self.__name__!r} has no attribute {name!r}", name, self)
        child = f"{self.__name__}.{name}"
        if child.removeprefix(PACKAGE) in _MODULES:
            return importlib.import_module(child)
        try:
            return getattr(self._module, name)
        except AttributeError:
            raise attribute_error(_missing(child), name, self) from None

    def __dir__(self) -> list[str]:
        """The names of our module."""
        return dir(self._module)


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
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
        """The module with an official name; None for modules of others."""
        if fullname != PACKAGE and not fullname.startswith(f"{PACKAGE}."):
            return None
        if fullname.removeprefix(PACKAGE) not in _MODULES:
            raise ImportError(_missing(fullname), name=fullname)
        # Every alias is a package, so that the import of a missing name comes here.
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """Makes an alias of our module."""
        replacement = _REPLACEMENT + spec.name.removeprefix(PACKAGE)
        return Alias(spec.name, importlib.import_module(replacement))

    def exec_module(self, module: ModuleType) -> None:
        """Does nothing: the names are those of the other module."""


def _missing(name: str) -> str:
    return f"`{name}` is not here: {ADVICE}"
