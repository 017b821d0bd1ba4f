"""The Python faces: in this process, or as a separate program that reads one call per line."""

from __future__ import annotations

import inspect
import json
import re
import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

import anyio

import descope_ml
from descope_ml import DescopeClientAsync
from descope_ml.operations import Operation
from support.events import check_event_of
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


_CONSTRUCTOR_PARAMETERS = set(inspect.signature(DescopeClientAsync).parameters)

# Makes a call and returns its response.
MakeCall = Callable[[Call], Mapping[str, Any]]


class PythonFace:
    """The package `descope_ml`, in this process."""

    def __init__(self, make_call: MakeCall) -> None:
        """Makes all calls in this way."""
        self._make_call = make_call

    def execute(self, call: Call) -> Result:
        """Makes the call. Its event must say the same as its result."""
        events: list[Mapping[str, Any]] = []
        descope_ml.set_event_handler(events.append)
        try:
            result = self._execute(call)
        finally:
            descope_ml.set_event_handler(None)
        check_event_of(result.status, result.document, events)
        return result

    def _execute(self, call: Call) -> Result:
        try:
            return Result(0, self._make_call(call))
        except descope_ml.DescopeError as error:
            caught = error
        message = caught.document["error"]["message"]
        assert str(caught) == message, "the text of the exception is not the message of its error"
        return Result(caught.status, caught.document, exception_text(caught))

    def close(self) -> None:
        """Does nothing, because there is no process to end."""


class FunctionCalls:
    """Calls of the module-level functions, such as `descope_ml.magiclink_signin_sms`."""

    def __init__(self, *, as_text: bool) -> None:
        """Passes requests as JSON text or as mappings."""
        self._as_text = as_text

    def __call__(self, call: Call) -> Mapping[str, Any]:
        """Makes the call."""
        config: Any = {_snake_case(name): value for name, value in call.config.items()}
        request = call.text if self._as_text else call.mapping
        assert request is not None
        function = getattr(descope_ml, call.operation.replace("/", "_").replace("-", "_"))
        response: Mapping[str, Any] = function(request, **config)
        return response


class AwaitedCalls:
    """Calls of a `DescopeClientAsync`, each awaited in a new event loop."""

    def __init__(self, loop: str) -> None:
        """Takes the kind of event loop: `asyncio` or `trio`."""
        self._loop = loop
        self._config: Mapping[str, Any] = {}
        self._client: Optional[DescopeClientAsync] = None

    def __call__(self, call: Call) -> Mapping[str, Any]:
        """Makes the call, below the methods of the client, which have arguments of their own."""
        if self._client is None or self._config != call.config:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "skip_verify")
                self._client = DescopeClientAsync(**constructor_arguments(call.config))
            self._config = call.config
        operation = Operation(call.operation, dict)
        call_async = self._client._client.call_async
        assert call.mapping is not None
        return anyio.run(call_async, operation, call.mapping, backend=self._loop)


def constructor_arguments(config: Mapping[str, Any]) -> Any:
    """The keyword arguments of a client for a configuration. The client has times in seconds."""
    return dict(_constructor_argument(*item) for item in config.items())


def _constructor_argument(key: str, value: Any) -> tuple[str, Any]:
    if key == "jwtLeewaySeconds":
        return "jwt_validation_leeway", value
    if key.endswith("Ms"):
        seconds = value / 1000 if isinstance(value, int) else value
        return f"{_snake_case(key[:-2])}_seconds", seconds
    return _snake_case(key), value


def _snake_case(key: str) -> str:
    return re.sub("[A-Z]", lambda capital: f"_{capital.group().lower()}", key)


# The Python faces by their names: how each makes a call.
PYTHON_FACES: Mapping[str, MakeCall] = {
    "python": FunctionCalls(as_text=False),
    "python-text": FunctionCalls(as_text=True),
    "python-asyncio": AwaitedCalls("asyncio"),
    "python-trio": AwaitedCalls("trio"),
}


def can_express(name: str, call: Call) -> bool:
    """Whether a Python face can make a call at all.

    Keyword arguments cannot be invalid JSON, and a mapping cannot hold every JSON text.
    """
    if call.config_text is not None:
        return False
    if name == "python-text":
        return True
    is_awaited = isinstance(PYTHON_FACES[name], AwaitedCalls)
    return call.mapping is not None and (not is_awaited or _can_await(call, call.mapping))


def _can_await(call: Call, request: Mapping[str, Any]) -> bool:
    """Whether a `DescopeClientAsync` can make a call.

    It has no other options than those of its constructor, and needs a project ID. It leaves out
    members of a request that are None.
    """
    times = [value for key, value in call.config.items() if key.endswith("Ms")]
    return (
        set(constructor_arguments(call.config)) <= _CONSTRUCTOR_PARAMETERS
        and not any(isinstance(time, str) for time in times)
        and not (call.config.get("projectId") is None and "projectId" in request)
        and None not in request.values()
    )


def main() -> None:
    """Reads calls from stdin and writes their results to stdout, as the other drivers do.

    The argument is the name of the face.
    """
    name = sys.argv[1]
    face = PythonFace(PYTHON_FACES[name])
    for line in sys.stdin:
        order = json.loads(line)
        config, text = json.loads(order["config"]), order["request"]
        mapping = None if name == "python-text" else json.loads(text)
        result = face.execute(Call(config, text, mapping, None, order["operation"]))
        answer = {"status": result.status, "out": result.document}
        print(json.dumps({**answer, "exceptionText": result.exception_text}), flush=True)


if __name__ == "__main__":
    main()
