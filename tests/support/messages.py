"""Checks that an error message is one sentence in plain words, without internals of a program."""

from __future__ import annotations

import re

# Words with capital letters inside that users know.
KNOWN_WORDS = {"libdescope_ml", "IPv4", "IPv6", "OpenSSL", "JavaScript"}

# A word such as `BadSignature` or `loginId`: the name of a type or variable.
_CAMEL_CASE = re.compile(r"\b[A-Za-z]*[a-z][A-Z][A-Za-z]*\b")
# A key or a value of the caller in backticks may contain anything.
_QUOTED = re.compile(r"`[^`]*`")


def check_message(message: object) -> None:
    """Asserts that a message is printable, in one line, and has no text of `Debug` or a path.

    Braces, `::` and words in CamelCase are only allowed in backticks.
    """
    assert isinstance(message, str)
    assert message, "the message is empty"
    assert message.isprintable(), message
    plain = _QUOTED.sub("", message)
    assert not re.search(r"[{}]|::", plain), message
    found = set(_CAMEL_CASE.findall(plain)) - KNOWN_WORDS
    assert not found, f"{message}: internal names {sorted(found)}"
