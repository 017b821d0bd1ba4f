"""The Python face: in this process, or as a program of its own that takes one call per line."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

import descope_ml
from support.canary import said_by

SIGN_IN_SMS = "magiclink/signin/sms"


@dataclass(frozen=True)
class Call:
    """A call to perform: the request as text and, unless a row breaks JSON, as a mapping."""

    config: Mapping[str, Any]
    text: str
    mapping: Optional[Mapping[str, Any]]
    config_text: Optional[str] = None
    operation: str = SIGN_IN_SMS

    @classmethod
    def of(cls, operation: str, config: Mapping[str, Any], request: Mapping[str, Any]) -> Call:
        """A call whose request is a mapping."""
        text = json.dumps(request, ensure_ascii=False, separators=(",", ":"))
        return cls(config, text, request, None, operation)

    def config_json(self) -> str:
        """The text of the configuration document."""
        return self.config_text or json.dumps(self.config, ensure_ascii=False)


@dataclass(frozen=True)
class Outcome:
    """How a call ended: the status and the answer or the error document.

    Where it is an exception, `said` is all that it says elsewhere than in its document.
    """

    status: int
    out: Mapping[str, Any]
    said: str = field(default="", compare=False)


class PythonFace:
    """The package, in this process."""

    def __init__(self, *, as_text: bool) -> None:
        """Passes requests as their text, or as mappings."""
        self._as_text = as_text

    def perform(self, call: Call) -> Outcome:
        """Calls the package."""
        config: Any = {_snake_case(name): value for name, value in call.config.items()}
        request = call.text if self._as_text else call.mapping
        assert request is not None
        try:
            function = getattr(descope_ml, call.operation.replace("/", "_").replace("-", "_"))
            return Outcome(0, function(request, **config))
        except descope_ml.DescopeError as error:
            failed = error
        told = failed.document["error"]["message"]
        assert str(failed) == told, "the exception's text is not the message of its document"
        return Outcome(failed.status, failed.document, said_by(failed))

    def close(self) -> None:
        """Nothing runs that could be ended."""


def _snake_case(key: str) -> str:
    return re.sub("[A-Z]", lambda capital: f"_{capital.group().lower()}", key)


def main() -> None:
    """Performs the calls that come in, as the drivers of the other faces do."""
    face = PythonFace(as_text="--as-text" in sys.argv)
    for line in sys.stdin:
        order = json.loads(line)
        config, text = json.loads(order["config"]), order["request"]
        mapping = None if "--as-text" in sys.argv else json.loads(text)
        outcome = face.perform(Call(config, text, mapping, None, order["operation"]))
        print(json.dumps(vars(outcome)), flush=True)


if __name__ == "__main__":
    main()
