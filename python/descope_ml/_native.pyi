"""The native module. It raises no error of its own: see `_Outcome`.

It holds no Python object, so that several interpreters of one process can share it.
"""

from collections.abc import Mapping
from typing import Any, Final, overload

from typing_extensions import TypeAlias

__all__ = [
    "VERSION",
    "argument_error",
    "block_network",
    "call",
    "camel_case",
    "client_free",
    "client_new",
    "config_error",
    "config_json",
    "fast_json_loads",
    "open_sealed",
    "queue_belongs_to_this_process",
    "queue_cancel",
    "queue_fileno",
    "queue_free",
    "queue_new",
    "queue_submit",
    "queue_submit_warm_up",
    "queue_take",
    "queue_wait",
    "queue_wake",
    "request_text",
    "require_project_id",
    "seal",
    "set_events_enabled",
    "start_recording",
    "take_recorded",
    "try_call_local",
    "warm_up",
    "write_unraisable",
]

VERSION: Final[str]

# A status, and the value if it is 0, else the error document, which `descope_ml.errors.value_of`
# raises. Documents are dictionaries, or JSON text if they are outside of the fast path.
_Outcome: TypeAlias = tuple[int, Any]

# Clients, by number.
def client_new(config: str | None) -> _Outcome: ...
def client_free(client: int) -> None: ...
@overload
def call(
    client: int, operation: str, request: str, skip_none: bool, at: float | None
) -> _Outcome: ...
@overload
def call(
    client: int,
    operation: str,
    request: Mapping[str, Any] | str,
    skip_none: bool,
    at: float | None,
) -> _Outcome | None: ...
def try_call_local(
    client: int, operation: str, request_json: str, at: float | None
) -> _Outcome: ...
def warm_up(client: int) -> _Outcome: ...
def require_project_id(client: int) -> _Outcome: ...

# Queues, by number.
def queue_new() -> _Outcome: ...
def queue_free(queue: int) -> None: ...
def queue_fileno(queue: int) -> _Outcome: ...
def queue_belongs_to_this_process(queue: int) -> bool: ...
def queue_submit(
    queue: int,
    client: int,
    operation: str,
    request_json: str,
    ticket: int,
    at: float | None,
) -> _Outcome: ...
def queue_submit_warm_up(queue: int, client: int, ticket: int) -> _Outcome: ...
def queue_cancel(queue: int, ticket: int) -> _Outcome: ...
def queue_take(queue: int, finished: list[tuple[int, int, Any]]) -> _Outcome: ...
def queue_wait(queue: int, finished: list[tuple[int, int, Any]]) -> _Outcome: ...
def queue_wake(queue: int) -> _Outcome: ...

# JSON and text.
def request_text(request: Mapping[str, Any] | str, skip_none: bool) -> _Outcome: ...
def config_json(arguments: Mapping[str, object]) -> _Outcome: ...
def fast_json_loads(text: str) -> object: ...
def camel_case(name: str) -> str: ...
def argument_error(message: str) -> dict[str, Any] | str: ...
def config_error(message: str) -> dict[str, Any] | str: ...

# Encryption.
def seal(key: bytes, context: bytes, plaintext: bytes) -> _Outcome: ...
def open_sealed(key: bytes, context: bytes, sealed: bytes) -> bytes | None: ...

# Tests.
def block_network(reason: str | None) -> None: ...

# Log lines and events.
def set_events_enabled(is_enabled: bool) -> None: ...
def start_recording(level: int) -> None: ...
def take_recorded() -> tuple[list[tuple[int, str]], list[str]] | None: ...
def write_unraisable(error: BaseException) -> None: ...
