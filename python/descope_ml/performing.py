"""How a call is performed: described once, then waited for by a thread or by a coroutine."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable, Mapping
from types import FunctionType

from descope_ml import _native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any, Generic, NoReturn, TypeVar

    from typing_extensions import Concatenate, ParamSpec

    from descope_ml._native import Client

    P = ParamSpec("P")
    R = TypeVar("R")
else:
    # To load `typing` takes longer than to load all of this package.
    Any = object
    R = "R"
    Generic = {R: object}  # So that `Generic[R]` is a base class like any other.


# `descope_ml.logs`, which enters itself here when it is loaded: each call asks for it.
listener: Any = None


class Call(Generic[R]):
    """A call that is yet to be performed. `repr()` shows only which one."""

    __slots__ = ("error_type", "operation", "request", "shape")

    def __init__(
        self,
        operation: str,
        request: Mapping[str, Any],
        shape: Callable[[dict[str, Any]], R],
        error_type: str | None = None,
    ) -> None:
        """Describes a call.

        Args:
            operation: Its name, such as `magiclink/verify`.
            request: The request in the API's own names.
            shape: Makes the result of the service's answer.
            error_type: What it counts as that the request cannot be sent; else "invalid argument".
        """
        self.operation = operation
        self.request = request
        self.shape = shape
        self.error_type = error_type

    def __repr__(self) -> str:
        """The operation; nothing of the request."""
        return f"Call({self.operation!r})"

    def set_error_type(self, error: Exception) -> None:
        """Gives the error of a request that cannot be sent the type that this call has for it."""
        from descope_ml.errors import ArgumentError  # noqa: PLC0415 - only a call that fails loads it

        if isinstance(error, ArgumentError):
            error.error_type = self.error_type or error.error_type


class Face:
    """What shows calls to its users by one native client; it holds keys and does not travel."""

    _native: Client | None

    def __init__(self, native: Client) -> None:
        """Performs its calls with this client."""
        self._native = native

    def __reduce__(self) -> NoReturn:
        """Refuses: keys and connections do not travel."""
        message = f"a {type(self).__name__} cannot be pickled or copied: make one in each process"
        raise TypeError(message)

    def close(self) -> None:
        """Lets go of the native client, here and in the faces that this one has handed out."""
        self._native = None
        for face in list(vars(self).values()):  # Another thread may just be handed one.
            if isinstance(face, Face):
                face.close()

    def _perform(self, call: Call[R]) -> R:
        """Performs a call; the thread waits for it."""
        try:
            native = self._native or self._open()
            return call.shape(logged(native.call, call.operation, call.request, True))
        except Exception as error:
            call.set_error_type(error)
            raise

    async def _perform_async(self, call: Call[R]) -> R:
        """Performs a call; the event loop runs on meanwhile.

        What needs no network is done at once. The rest is done by a thread that lives as long as
        the call; when the caller is cancelled it runs to its end, and its result is dropped.
        """
        try:
            native = self._open()
            answer = logged(native.call_cached, call.operation, call.request, True)
            if isinstance(answer, str):  # The request document: it takes the network.
                from descope_ml.background import submitted  # noqa: PLC0415 - only who awaits loads it

                answer = _native.answer(await submitted(native, call.operation, answer))
            return call.shape(answer)
        except Exception as error:
            call.set_error_type(error)
            raise

    def _open(self) -> Client:
        if self._native is None:
            message = "the client is closed: make another one"
            raise _native.config_error(message)
        return self._native


def texts(value: str | Iterable[str] | None) -> str | Iterable[str] | None:
    """One or several texts as a request can hold them.

    Args:
        value: One, several in any collection, or None.

    Returns:
        One, a list, or None; what is neither as it is, for core to refuse.
    """
    if value is None or isinstance(value, str) or not isinstance(value, Iterable):
        return value
    return list(value)


def logged(work: Callable[..., R], *arguments: Any) -> R:
    """Calls a function of the native module, and tells the log what there is to tell of it.

    Where nobody has loaded `logging`, nobody listens.

    Args:
        work: The function.
        arguments: What it is called with.

    Returns:
        Its result.
    """
    if listener is None:
        if "logging" not in sys.modules:
            return work(*arguments)
        from descope_ml import logs  # noqa: F401, PLC0415 - only who listens loads it
    _native.set_log_level(listener.level())
    try:
        return work(*arguments)
    finally:
        lines = _native.log_lines()
        if lines is not None:
            listener.tell(lines)


def blocking(build: Callable[Concatenate[Any, P], Call[R]]) -> Callable[Concatenate[Any, P], R]:
    """Makes a method that performs what another one builds.

    Args:
        build: A method of a `Face` that takes the arguments and builds the call.

    Returns:
        A method that takes the same ones and returns the call's result.
    """

    def method(self: Face, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return self._perform(build(self, *args, **kwargs))

    # As `functools.wraps`, which takes twice as long: every import pays for it.
    shown = _shown(build)
    method.__module__ = build.__module__
    method.__name__ = build.__name__
    method.__qualname__ = build.__qualname__
    method.__doc__ = build.__doc__
    method.__annotations__ = shown.__annotations__
    vars(method).update(__wrapped__=shown, build=build)
    return method


def awaiting(
    method: Callable[Concatenate[Any, P], R],
) -> Callable[Concatenate[Any, P], Coroutine[Any, Any, R]]:
    """Makes a coroutine method of a `blocking` one, with the same parameters and result.

    Args:
        method: The method.

    Returns:
        A method that performs the same call and lets the event loop run on meanwhile.
    """
    build: Callable[Concatenate[Any, P], Call[R]] = method.build  # type: ignore[attr-defined]

    @functools.wraps(method)
    async def coroutine(self: Face, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return await self._perform_async(build(self, *args, **kwargs))

    return coroutine


def _shown(build: Any) -> FunctionType:
    """What `help()`, `inspect` and the like see of a method: `build`, with the call's result.

    A copy is quicker than a signature, for which `inspect` would have to be loaded.
    """
    names = _Names(build.__globals__)
    copy = FunctionType(build.__code__, names, build.__name__, build.__defaults__)
    copy.__kwdefaults__ = build.__kwdefaults__
    copy.__qualname__ = build.__qualname__
    annotations = build.__annotations__.copy()
    annotations["return"] = annotations["return"].removeprefix("Call[").removesuffix("]")
    copy.__annotations__ = annotations
    return copy


class _Names(dict[str, object]):
    """What a module's annotations name; who evaluates them has the rest loaded.

    `typing.get_type_hints()` asks for items. Where Python looks past that, it finds the module's.
    """

    def __getitem__(self, name: str) -> Any:
        import typing  # noqa: PLC0415 - only who evaluates annotations loads it

        from descope_ml import options, results  # noqa: PLC0415 - likewise

        return {**vars(options), **vars(results), **self, "Any": typing.Any}[name]
