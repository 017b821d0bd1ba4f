"""Finds secrets that the tests have planted, in places where no secret may appear.

A planted secret may appear in requests and responses, and in the texts of the service that an error
repeats. It may not appear in any other part of an error document, in the text of an exception, or
on stdout or stderr of a program.
"""

from __future__ import annotations

import base64
import json
import traceback
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

# Every planted secret contains this text.
MARK = "c4n4ry"

# A password in tests that does not contain the mark.
PASSWORD = "hunter2"

# The keys of an error that repeat the texts of the service. These may quote the request.
SERVICE_TEXT_KEYS = {"errorCode", "errorDescription", "errorMessage"}
SERVICE_TEXT_KEYS |= {"error_code", "error_description", "error_message", "status_code"}


def find_secrets(text: str) -> list[str]:
    """The planted secrets in a text: as they are, URL-encoded or in base64."""
    return [form for form in _FORMS if form in text]


def client_text(document: Mapping[str, Any]) -> str:
    """The text of an error document without the texts of the service."""
    error = {key: value for key, value in document["error"].items() if key not in SERVICE_TEXT_KEYS}
    return json.dumps({**document, "error": error}, ensure_ascii=False)


def exception_text(error: BaseException) -> str:
    """Everything that a program could print of an exception, except its error document."""
    texts = [str(error), repr(error), repr(error.args)]
    skipped = {"document", *SERVICE_TEXT_KEYS}
    texts.append(repr({key: value for key, value in vars(error).items() if key not in skipped}))
    texts.extend(traceback.format_exception(type(error), error, error.__traceback__))
    texts += getattr(error, "__notes__", [])
    for other in (error.__cause__, error.__context__):
        if other is not None:
            texts.append(exception_text(other))
    return "\n".join(texts)


def _forms(secret: str) -> Iterator[str]:
    """A secret as it is, URL-encoded, and in base64 at each of the three possible offsets."""
    yield secret
    yield quote(secret, safe="")
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + secret.encode())
        # Without the characters that also depend on the bytes before and after the secret.
        start, end = (offset * 8 + 5) // 6, (offset + len(secret)) * 8 // 6
        yield encoded[start:end].decode()


_FORMS = [form for secret in (MARK, PASSWORD) for form in _forms(secret)]
