"""Environment variables and a default client, for as long as a test takes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from descope_ml.default_client import replace_default_client


@contextmanager
def changed_environment(variables: Mapping[str, str | None]) -> Iterator[None]:
    """Sets environment variables in a `with` block. None stands for a variable that is not set.

    Functions without a client, such as `magiclink_signin_sms`, use the new environment too.
    Afterwards, the variables and the default client are what they were. One block at a time: both
    belong to the process.
    """
    before = {name: os.environ.get(name) for name in variables}
    _apply(variables)
    default_client = replace_default_client(None)
    try:
        yield
    finally:
        _apply(before)
        replace_default_client(default_client)


def _apply(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
