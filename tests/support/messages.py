"""Checks that an error message is one sentence in plain words, without internals of a program."""

from __future__ import annotations

import re

# Words with capitals inside that are units, or keys of the error document.
KNOWN_WORDS = {"KiB", "MiB", "errorMessage"}

# A word such as `BadSignature` or `loginId`: the name of a type or variable.
_CAMEL_CASE = re.compile(r"\b[A-Za-z]*[a-z][A-Z][A-Za-z]*\b")
# Names in backticks, and the list of the keys that a document may have.
_QUOTED = re.compile(r"`[^`]*`|(?<=allowed keys: )[\w, ]+")


def check_message(message: object) -> str:
    """Asserts that a message is printable, in one line, and has no text of `Debug` or a path.

    Braces, `::` and words in CamelCase are only allowed in backticks and in a list of allowed keys.

    Returns:
        The message.
    """
    assert isinstance(message, str)
    assert message, "the message is empty"
    assert message.isprintable(), message
    plain = _QUOTED.sub("", message)
    assert not re.search(r"[{}]|::", plain), message
    found = set(_CAMEL_CASE.findall(plain)) - KNOWN_WORDS
    assert not found, f"{message}: internal names {sorted(found)}"
    return message
