"""Clients and queues of the native module. It knows them by numbers, which these objects own.

They are classes of Python, since a class of the native module would be shared by all interpreters
of the process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from descope_ml import _native
from descope_ml.errors import value_of
from descope_ml.json_codec import dump_request, load_response
from descope_ml.log_bridge import call_native

FinishedCall = tuple[int, int, Any]
"""The ticket and the status of a call, and the response or the error document."""


class NotPicklable:
    """Base class of objects that hold keys and connections: they cannot be pickled or copied."""

    __slots__ = ()

    def __reduce__(self) -> NoReturn:
        """Raises a `TypeError`."""
        message = f"a {type(self).__name__} cannot be pickled or copied: make one in each process"
        raise TypeError(message)


class Client(NotPicklable):
    """A client. All methods can run at the same time on several threads.

    Attributes:
        number: Its number in the native module.
    """

    __slots__ = ("__weakref__", "number")

    def __init__(self, config_json: str | None) -> None:
        """Makes a client.

        Args:
            config_json: The configuration as JSON. None: all values come from the environment.

        Raises:
            ConfigError: The configuration is invalid.
        """
        self.number = 0
        self.number = value_of(call_native(_native.client_new, config_json))

    # Bound here: at the end of the interpreter the names of a module can be gone.
    def __del__(self, _free: Callable[[int], None] = _native.client_free) -> None:
        """Releases the client. Calls in progress finish."""
        _free(self.number)

    def call(
        self,
        operation: str,
        request: Mapping[str, Any] | str,
        skip_none: bool = False,
        at: float | None = None,
    ) -> dict[str, Any]:
        """Performs an operation.

        Args:
            operation: The name of the operation, such as `magiclink/verify`.
            request: The request with the API's names, as a mapping or as JSON text.
            skip_none: Whether members that are None may be left out.
            at: The time of day, if a test has replaced it.

        Returns:
            The response of the service.

        Raises:
            DescopeError: The call failed.
        """
        outcome = _native.call(self.number, operation, request, skip_none, at)
        if outcome is None:
            # Nothing has happened yet.
            outcome = _native.call(self.number, operation, dump_request(request), skip_none, at)
        return load_response(value_of(outcome))

    def try_call_local(
        self, operation: str, request_json: str, at: float | None = None
    ) -> dict[str, Any] | None:
        """Performs an operation if it needs no network. Else the result is None."""
        response: dict[str, Any] | str | None = value_of(
            _native.try_call_local(self.number, operation, request_json, at)
        )
        return None if response is None else load_response(response)

    def warm_up(self) -> None:
        """Opens a connection in advance."""
        value_of(_native.warm_up(self.number))

    def require_project_id(self) -> None:
        """Raises a `ConfigError` if the client has no project ID."""
        value_of(_native.require_project_id(self.number))


class Queue(NotPicklable):
    """Calls in progress. A ticket is a number that the caller chooses for a call.

    Attributes:
        number: Its number in the native module.
    """

    __slots__ = ("number",)

    def __init__(self) -> None:
        """Makes an empty queue."""
        self.number = 0
        self.number = value_of(_native.queue_new())

    def __del__(self, _free: Callable[[int], None] = _native.queue_free) -> None:
        """Cancels what is in progress."""
        _free(self.number)

    def fileno(self) -> int:
        """The descriptor that is readable while `take` has something to do."""
        descriptor: int = value_of(_native.queue_fileno(self.number))
        return descriptor

    def belongs_to_this_process(self) -> bool:
        """False in a forked child of the process that made the queue. It cannot be used there."""
        return _native.queue_belongs_to_this_process(self.number)

    def submit(
        self,
        client: Client,
        operation: str,
        request_json: str,
        ticket: int,
        at: float | None = None,
    ) -> None:
        """Starts an operation. Raises what is wrong with the request."""
        number = client.number
        value_of(_native.queue_submit(self.number, number, operation, request_json, ticket, at))

    def submit_warm_up(self, client: Client, ticket: int) -> None:
        """Starts to open a connection in advance. The response is an empty dictionary."""
        value_of(_native.queue_submit_warm_up(self.number, client.number, ticket))

    def cancel(self, ticket: int) -> None:
        """Cancels a call, if `take` has not reported it yet. `take` reports it all the same."""
        value_of(_native.queue_cancel(self.number, ticket))

    def take(self, finished: list[FinishedCall]) -> None:
        """Continues the calls without waiting, and appends those that have finished to a list."""
        value_of(_native.queue_take(self.number, finished))

    def wait(self, finished: list[FinishedCall]) -> list[str]:
        """Like `take`, but waits until a call has finished. Appends nothing if there is none.

        Returns:
            The events of these calls as JSON text. Other threads report them.
        """
        events: list[str] = value_of(_native.queue_wait(self.number, finished))
        return events

    def wake(self) -> None:
        """Makes the descriptor readable until the next `take`."""
        value_of(_native.queue_wake(self.number))
