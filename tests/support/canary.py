"""Secrets that are planted in the tests, and the places where none of them may show.

They may show on the wire, in an answer that a caller has asked for, and where an error repeats the
service's own words. Nowhere else: not in the rest of an error document, not in what an exception
says, not on stdout or stderr of any program.
"""

from __future__ import annotations

import base64
import json
import traceback
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

# What every planted secret holds.
MARK = "c4n4ry"

# A password that tests use without a mark.
PASSWORD = "hunter2"

# What an error repeats of the service's own words, which may quote the request.
QUOTING = {"errorCode", "errorDescription", "errorMessage"}
QUOTING |= {"error_code", "error_description", "error_message", "status_code"}


def planted_in(text: str) -> list[str]:
    """The planted secrets that a text shows, as they are or encoded."""
    return [form for form in _FORMS if form in text]


def told_in(document: Mapping[str, Any]) -> str:
    """An error document as text, without the service's own words."""
    error = {key: value for key, value in document["error"].items() if key not in QUOTING}
    return json.dumps({**document, "error": error}, ensure_ascii=False)


def said_by(error: BaseException) -> str:
    """All that an exception says, wherever a program might print it, but its document."""
    told = [str(error), repr(error), repr(error.args)]
    own = vars(error).items()
    told.append(repr({key: value for key, value in own if key not in {"document", *QUOTING}}))
    told.extend(traceback.format_exception(type(error), error, error.__traceback__))
    told += getattr(error, "__notes__", [])
    for other in (error.__cause__, error.__context__):
        if other is not None:
            told.append(said_by(other))
    return "\n".join(told)


def _forms(secret: str) -> Iterator[str]:
    """A secret as it is, in a URL, and in base64 wherever it begins there."""
    yield secret
    yield quote(secret, safe="")
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + secret.encode())
        # Without what the bytes before and after have a part in.
        start, end = (before * 8 + 5) // 6, (before + len(secret)) * 8 // 6
        yield encoded[start:end].decode()


_FORMS = [form for secret in (MARK, PASSWORD) for form in _forms(secret)]
