"""The Python face: in this process, or as a separate program that reads one call per line."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

import descope_ml
from support.secret_leaks import exception_text

SIGN_IN_SMS = "magiclink/signin/sms"


@dataclass(frozen=True)
class Call:
    """A call of the library.

    Attributes:
        config: The configuration of the client.
        text: The request as JSON text.
        mapping: The request as a mapping; None if the text is not the JSON of a mapping.
        config_text: The configuration as JSON text, which is used instead of `config`.
        operation: The name of the operation.
    """

    config: Mapping[str, Any]
    text: str
    mapping: Optional[Mapping[str, Any]]
    config_text: Optional[str] = None
    operation: str = SIGN_IN_SMS

    @classmethod
    def of(cls, operation: str, config: Mapping[str, Any], request: Mapping[str, Any]) -> Call:
        """A call with a mapping as its request."""
        text = json.dumps(request, ensure_ascii=False, separators=(",", ":"))
        return cls(config, text, request, None, operation)

    def config_json(self) -> str:
        """The configuration as JSON text."""
        return self.config_text or json.dumps(self.config, ensure_ascii=False)


@dataclass(frozen=True)
class Result:
    """The result of a call.

    Attributes:
        status: The status code, 0 for success.
        document: The response document or the error document.
        exception_text: Of an exception, everything that it prints besides its document.
    """

    status: int
    document: Mapping[str, Any]
    exception_text: str = field(default="", compare=False)


class PythonFace:
    """The package `descope_ml`, in this process."""

    def __init__(self, *, as_text: bool) -> None:
        """Passes requests as JSON text or as mappings."""
        self._as_text = as_text

    def execute(self, call: Call) -> Result:
        """Makes the call."""
        config: Any = {_snake_case(name): value for name, value in call.config.items()}
        request = call.text if self._as_text else call.mapping
        assert request is not None
        try:
            function = getattr(descope_ml, call.operation.replace("/", "_").replace("-", "_"))
            return Result(0, function(request, **config))
        except descope_ml.DescopeError as error:
            caught = error
        message = caught.document["error"]["message"]
        assert str(caught) == message, "the text of the exception is not the message of its error"
        return Result(caught.status, caught.document, exception_text(caught))

    def close(self) -> None:
        """Does nothing, because there is no process to end."""


def _snake_case(key: str) -> str:
    return re.sub("[A-Z]", lambda capital: f"_{capital.group().lower()}", key)


def main() -> None:
    """Reads calls from stdin and writes their results to stdout, as the other drivers do."""
    as_text = "--as-text" in sys.argv
    face = PythonFace(as_text=as_text)
    for line in sys.stdin:
        order = json.loads(line)
        config, text = json.loads(order["config"]), order["request"]
        mapping = None if as_text else json.loads(text)
        result = face.execute(Call(config, text, mapping, None, order["operation"]))
        answer = {"status": result.status, "out": result.document}
        print(json.dumps({**answer, "exceptionText": result.exception_text}), flush=True)


if __name__ == "__main__":
    main()
