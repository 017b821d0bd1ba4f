"""One client of the native module, and how its calls are made: blocking, or awaited."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar, overload

from descope_ml import dispatch
from descope_ml.errors import ERROR_TYPE_INVALID_TOKEN, ArgumentError, config_error
from descope_ml.handles import Client, NotPicklable
from descope_ml.operations import Operation
from descope_ml.other_names import WithoutOtherNames

R = TypeVar("R")
P = TypeVar("P", bound="ClientPart")


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
        self._make: Callable[[], Client] = lambda: Client(config_json)
        self._native: Client | None = self._make()
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
            if _lacks_token(operation, request):
                raise _invalid_token_error(error) from None
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
            if _lacks_token(operation, request):
                raise _invalid_token_error(error) from None
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

    def _open(self) -> Client:
        native = self._native
        if native is None:
            raise config_error("the client is closed: make a new one")
        return native


class ClientOrPart(WithoutOtherNames, NotPicklable):
    """Base class of the clients and of their parts, which share a native client."""

    _client: NativeClient


class ClientPart(ClientOrPart):
    """Base class of the parts of a client, such as `DescopeClient.magiclink`."""

    def __init__(self, client: NativeClient) -> None:
        """Makes its calls with this client."""
        self._client = client

    def close(self) -> None:
        """Closes this part only: its later calls raise `ConfigError`. The client stays open."""
        self._client = NativeClient.closed()


class Part(Generic[P]):
    """The attribute that holds a part of a client, such as `DescopeClient.magiclink`.

    It is neither a property nor a cached one, for the mocks of users. On the class it is the class
    of the part, so `create_autospec(DescopeClient)` knows the methods of its parts. It can be
    replaced for the class, also if a client has been used before, and for one client.
    """

    def __init__(self, part_class: type[P], doc: str) -> None:
        """Takes the class of the part and the documentation of the attribute."""
        self._part_class = part_class
        self.__doc__ = doc

    def __set_name__(self, owner: type, name: str) -> None:
        """Takes the name of the attribute. The part itself is stored under another name."""
        self._stored = f"_{name}"

    @overload
    def __get__(self, client: None, owner: type) -> type[P]: ...

    @overload
    def __get__(self, client: ClientOrPart, owner: type) -> P: ...

    def __get__(self, client: ClientOrPart | None, owner: type) -> P | type[P]:
        """The part of a client, always the same one; or the class of the part."""
        if client is None:
            return self._part_class
        part: P | None = client.__dict__.get(self._stored)
        if part is None:
            new = self._part_class(client._client)  # noqa: SLF001 - shared with its parts
            # Another thread may have made one.
            part = client.__dict__.setdefault(self._stored, new)
        return part


def _lacks_token(operation: Operation[Any], request: Mapping[str, Any]) -> bool:
    return operation.token_key is not None and not request[operation.token_key]


def _invalid_token_error(error: ArgumentError) -> ArgumentError:
    """The error of a missing token, with the type that it has in the official package."""
    return ArgumentError(error_type=ERROR_TYPE_INVALID_TOKEN, document=error.document)
