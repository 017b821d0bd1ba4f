"""One client of the native module, and how its calls are made: blocking, or awaited."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeVar

from descope_ml import _native, dispatch
from descope_ml.errors import ERROR_TYPE_INVALID_TOKEN, ArgumentError
from descope_ml.log_bridge import call_native
from descope_ml.operations import Operation

R = TypeVar("R")


class NotPicklable:
    """Base class of objects that hold keys and connections: they cannot be pickled or copied."""

    def __reduce__(self) -> NoReturn:
        """Raises a `TypeError`."""
        message = f"a {type(self).__name__} cannot be pickled or copied: make one in each process"
        raise TypeError(message)


class NativeClient(NotPicklable):
    """A native client. `DescopeClient` and its parts share one, so they are closed together."""

    def __init__(self, config_json: str) -> None:
        """Makes a client.

        Args:
            config_json: The configuration as JSON.

        Raises:
            ConfigError: The configuration is invalid, or has no project ID.
        """
        # Not as an attribute: the configuration has keys, which no report may show.
        self._make: Callable[[], _native.Client] = lambda: call_native(_native.Client, config_json)
        self._native: _native.Client | None = self._make()
        self._native.require_project_id()

    def call(self, operation: Operation[R], request: Mapping[str, Any]) -> R:
        """Makes a call. The thread waits for the response, without the GIL.

        On the main thread, signal handlers run while the call waits. If one raises an exception,
        such as `KeyboardInterrupt`, the call is cancelled; its outcome is in the log.

        Args:
            operation: One of `descope_ml.operations`.
            request: The request with the API's names. Members that are None are not sent.

        Returns:
            The result, as the operation converts it.

        Raises:
            DescopeError: The call failed.
        """
        try:
            response = dispatch.call(self._open(), operation.name, request, skip_none=True)
        except ArgumentError as error:
            _set_error_type(error, operation, request)
            raise
        return operation.to_result(response)

    async def call_async(self, operation: Operation[R], request: Mapping[str, Any]) -> R:
        """Makes a call without blocking the event loop, under asyncio or trio.

        A call that needs no network finishes at once. If the task is cancelled, the call is
        cancelled: its outcome is in the log.

        Args:
            operation: One of `descope_ml.operations`.
            request: The request with the API's names. Members that are None are not sent.

        Returns:
            The result, as the operation converts it.

        Raises:
            DescopeError: The call failed.
        """
        try:
            response = await dispatch.call_async(self._open(), operation.name, request)
        except ArgumentError as error:
            _set_error_type(error, operation, request)
            raise
        return operation.to_result(response)

    def warm_up(self) -> None:
        """Opens a connection in advance. The thread waits for it."""
        dispatch.warm_up(self._open())

    async def warm_up_async(self) -> None:
        """Opens a connection in advance, without blocking the event loop."""
        await dispatch.warm_up_async(self._open())

    def close(self) -> None:
        """Releases the native client. Calls in progress finish; later calls raise `ConfigError`."""
        self._native = None

    def reopen(self) -> None:
        """Makes the native client again if it was closed."""
        if self._native is None:
            self._native = self._make()

    @classmethod
    def closed(cls) -> NativeClient:
        """A client that is already closed."""
        client = cls.__new__(cls)
        client.close()
        return client

    def _open(self) -> _native.Client:
        native = self._native
        if native is None:
            raise _native.config_error("the client is closed: make a new one")
        return native


class ClientPart(NotPicklable):
    """Base class of the parts of a client that make calls, such as `DescopeClient.magiclink`."""

    def __init__(self, client: NativeClient) -> None:
        """Makes its calls with this client."""
        self._client = client

    def close(self) -> None:
        """Closes this part only: its later calls raise `ConfigError`. The client stays open."""
        self._client = NativeClient.closed()


def _set_error_type(
    error: ArgumentError, operation: Operation[Any], request: Mapping[str, Any]
) -> None:
    """Gives the error of a missing token the type that it has in the official package."""
    if operation.token_key is not None and not request[operation.token_key]:
        error.error_type = ERROR_TYPE_INVALID_TOKEN
