"""`install_as_descope`: this package under the name of the official one, for others' code."""

from __future__ import annotations

import sys


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
    # It loads modules that nobody else needs.
    from descope_ml.official_package import PACKAGE, Alias, Finder  # noqa: PLC0415

    if isinstance(sys.modules.get(PACKAGE), Alias):
        return
    if PACKAGE in sys.modules:
        message = "`descope` is imported already: call `install_as_descope()` before that"
        raise ImportError(message, name=PACKAGE)
    sys.meta_path.insert(0, Finder())
    __import__(PACKAGE)
