"""An exception that leaves the package shows no login ID, token or key in its local variables."""

from __future__ import annotations

import asyncio
import inspect
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, NoReturn

import anyio
import pytest

import descope_ml
import descope_ml.functions
from descope_ml import (
    ConfigError,
    DeliveryMethod,
    DescopeClient,
    DescopeClientAsync,
    DescopeError,
    DescopeResponse,
)
from event_loops import Main, each_loop
from frame_locals import MARK, frames_of, package_frames, secrets_in_locals
from local_server import LocalServer

SECRET = f"{MARK}@example.com"
KEYS: dict[str, Any] = {"management_key": f"key-{MARK}", "auth_management_key": f"other-{MARK}"}
# A request that every function rejects or sends: core checks the names of the keys.
MEMBERS = ("loginId", "token", "sessionToken", "refreshToken", "accessKey")


class FailingMapping(dict[str, Any]):
    """A mapping of the program that fails when it is read."""

    def __iter__(self) -> NoReturn:
        """Fails."""
        raise LookupError

    keys = items = values = __iter__


def secrets(error: BaseException) -> list[str]:
    """The local variables outside of this file that show a secret."""
    return secrets_in_locals(error, own_module=__name__)


def methods_of(client: DescopeClient | DescopeClientAsync) -> Iterator[Callable[..., Any]]:
    """All methods of a client and of its parts that make calls."""
    for part in (client, client.magiclink, client.mgmt.user):
        for name, method in inspect.getmembers(part, inspect.ismethod):
            needs_arguments = len(inspect.signature(method).parameters) > 0
            if not name.startswith("_") and (needs_arguments or name == "delete_all_test_users"):
                yield method


def arguments_of(method: Callable[..., Any], value: object) -> dict[str, Any]:
    """All arguments that a method needs. Each of them is the value."""
    names = [
        name
        for name, parameter in inspect.signature(method).parameters.items()
        if parameter.default is parameter.empty
    ]
    return {name: DeliveryMethod.SMS if name == "method" else value for name in names}


def failing_calls(
    client: DescopeClient | DescopeClientAsync,
) -> Iterator[tuple[str, Callable[..., Any], dict[str, Any]]]:
    """Calls that fail, with the arguments that they fail with."""
    for method in methods_of(client):
        name = method.__name__
        yield name, method, {**arguments_of(method, SECRET), f"{MARK}_unknown": SECRET}
        if inspect.signature(method).parameters:
            yield name, method, arguments_of(method, [MARK, object()])
            yield name, method, arguments_of(method, [FailingMapping({MARK: SECRET})])
        if not name.startswith(("validate_", "get_matched_")) or "session" in name:
            yield name, method, arguments_of(method, SECRET)


def the_error_of(call: Callable[..., Any], **arguments: Any) -> BaseException:
    """The exception that a call raises."""
    try:
        call(**arguments)
    except Exception as error:  # noqa: BLE001 - whatever it raises
        return error
    message = f"{call.__name__} succeeds"
    raise AssertionError(message)


async def the_awaited_error_of(call: Callable[..., Any], **arguments: Any) -> BaseException:
    """The exception that a call of the client for event loops raises."""
    try:
        result = call(**arguments)
        # The checks of permissions and roles are no coroutines.
        if isinstance(result, Coroutine):
            await result
    except Exception as error:  # noqa: BLE001 - whatever it raises
        return error
    message = f"{call.__name__} succeeds"
    raise AssertionError(message)


def refuse(server: LocalServer) -> None:
    """Lets the service refuse all requests, and repeat the login ID."""
    server.respond_with(400, {"errorCode": "E062108", "errorDescription": f"no user {SECRET}"})


@pytest.mark.parametrize("state", ["refused", "unreachable", "closed"])
def test_no_blocking_method_shows_secrets(server: LocalServer, state: str) -> None:
    refuse(server)
    url = "http://127.0.0.1:1" if state == "unreachable" else server.url
    client = DescopeClient("P", base_url=url, max_attempts=1, **KEYS)
    calls = list(failing_calls(client))
    if state == "closed":
        client.close()
    assert len({name for name, *_ in calls}) > 25
    for name, method, arguments in calls:
        error = the_error_of(method, **arguments)
        assert secrets(error) == [], name
        assert package_frames(error), name


@each_loop
def test_no_coroutine_shows_secrets(run: Callable[[Main], None], server: LocalServer) -> None:
    refuse(server)
    client = DescopeClientAsync("P", base_url=server.url, max_attempts=1, **KEYS)

    async def main() -> None:
        for name, method, arguments in failing_calls(client):
            error = await the_awaited_error_of(method, **arguments)
            assert secrets(error) == [], name
            assert package_frames(error), name

    run(main)


@pytest.mark.parametrize(
    "config", [{}, {"timeout_ms": f"{MARK} s"}, {"public_key": {MARK: object()}}, {MARK: 1}]
)
def test_no_function_without_a_client_shows_secrets(
    server: LocalServer, config: dict[str, Any]
) -> None:
    refuse(server)
    functions = [
        function
        for name, function in vars(descope_ml.functions).items()
        if name in descope_ml.__all__ and inspect.isfunction(function)
    ]
    assert len(functions) > 25
    requests: list[Any] = [
        dict.fromkeys(MEMBERS, SECRET),
        json.dumps({"loginId": SECRET}),
        {"loginId": {MARK: object()}},
        FailingMapping({MARK: SECRET}),
        {"claims": {MARK: float("nan")}},
        *({key: SECRET} for key in MEMBERS),
    ]
    for function in functions:
        for request in requests:
            options = {"project_id": "P", "base_url": server.url, **KEYS, **config}
            error = the_error_of(function, request=request, **options)
            assert secrets(error) == [], function.__name__
            assert package_frames(error), function.__name__


@pytest.mark.parametrize(
    "arguments",
    [
        {"skip_verify": True},
        {"proxy": f"http://user:{MARK}@"},
        {"public_key": {MARK: object()}},
        {"public_key": FailingMapping({MARK: 1})},
        {"project_id": ""},
        {"unknown": SECRET},
    ],
)
def test_no_constructor_shows_keys(arguments: dict[str, Any]) -> None:
    for make in (DescopeClient, DescopeClientAsync):
        error = the_error_of(make, **{"project_id": "P", **KEYS, **arguments})
        assert secrets(error) == []
    error = the_error_of(descope_ml.configure, **{"timeout_ms": "1", **KEYS, **arguments})
    assert secrets(error) == []


def test_a_closed_client_shows_where_the_error_was_raised() -> None:
    client = DescopeClient("P")
    client.close()
    with pytest.raises(ConfigError, match="closed") as caught:
        client.magiclink.verify(SECRET)
    files = [Path(frame.f_code.co_filename).name for frame in package_frames(caught.value)]
    assert {"magiclink.py", "native_client.py"} <= set(files)
    # The frame of the program itself keeps its variables.
    own = [frame for frame in frames_of(caught.value) if frame.f_globals is globals()]
    assert own[0].f_locals["client"] is client


def test_the_exception_that_the_program_handles_keeps_its_variables() -> None:
    client = DescopeClient("P")
    client.close()
    try:
        json.loads("no JSON")
    except json.JSONDecodeError:
        error = the_error_of(client.magiclink.verify, token=SECRET)
    assert isinstance(error, ConfigError)
    assert isinstance(error.__context__, json.JSONDecodeError)
    assert "no JSON" in [frame.f_locals.get("s") for frame in frames_of(error.__context__)]
    assert secrets(error) == []


def test_a_refresh_after_a_failed_validation_shows_no_tokens(server: LocalServer) -> None:
    refuse(server)
    sync = DescopeClient("P", base_url=server.url, max_attempts=1)
    awaited = DescopeClientAsync("P", base_url=server.url, max_attempts=1)
    with pytest.raises(DescopeError) as caught:
        sync.validate_and_refresh_session(SECRET, f"r-{MARK}")
    with pytest.raises(DescopeError) as caught_in_loop:
        asyncio.run(awaited.validate_and_refresh_session(SECRET, f"r-{MARK}"))
    for error in (caught.value, caught_in_loop.value):
        assert secrets(error) == []


def test_a_response_with_tokens_shows_none_of_them(
    client: DescopeClient, server: LocalServer
) -> None:
    tokens = {"sessionJwt": f"a.{MARK}.b", "refreshJwt": f"c.{MARK}.d"}
    server.respond_with(200, {**tokens, "user": {"email": SECRET}})
    assert secrets(the_error_of(client.magiclink.verify, token=SECRET)) == []
    text = json.dumps(tokens)[:-1] + f', "x": {"[" * 200_000 + "]" * 200_000}}}'
    server.respond_with(200, text)
    error = the_error_of(client.logout, refresh_token=SECRET)
    assert secrets(error) == []
    with pytest.raises(KeyError) as caught:
        _ = DescopeResponse({"sessionJwt": SECRET})["nothing"]
    assert secrets(caught.value) == []


def test_a_signal_handler_that_ends_a_call_shows_no_secrets(
    client: DescopeClient, server: LocalServer
) -> None:
    answered = server.hold_responses()

    def end(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, end)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(KeyboardInterrupt) as caught:
            client.magiclink.sign_in(DeliveryMethod.EMAIL, SECRET)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        answered.set()
    assert secrets(caught.value) == []
    assert package_frames(caught.value)


@each_loop
def test_a_cancelled_call_shows_no_secrets(
    run: Callable[[Main], None], server: LocalServer
) -> None:
    client = DescopeClientAsync("P", base_url=server.url, max_attempts=1, **KEYS)
    answered = server.hold_responses()
    errors: list[BaseException] = []

    async def call() -> None:
        try:
            await client.magiclink.sign_in(DeliveryMethod.EMAIL, SECRET)
        except BaseException as error:
            errors.append(error)
            raise

    async def main() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(call)
            while not server.received:
                await anyio.sleep(0.005)
            group.cancel_scope.cancel()
        server.received.clear()
        coroutine = call()
        coroutine.send(None)  # It runs until it waits.
        coroutine.close()
        answered.set()

    run(main)
    cancelled, closed = errors
    assert isinstance(closed, GeneratorExit)
    assert package_frames(cancelled)
    assert secrets(cancelled) == secrets(closed) == []


class InterruptedFuture(asyncio.Future[Any]):
    """A signal handler raises an exception when its result is delivered."""

    def set_result(self, _: object) -> NoReturn:
        """Raises what Ctrl-C raises."""
        raise KeyboardInterrupt


class InterruptedLoop(asyncio.SelectorEventLoop):
    """A loop with such futures."""

    def create_future(self) -> asyncio.Future[Any]:
        """Such a future."""
        return InterruptedFuture(loop=self)


class InterruptedLoopWithoutReaders(InterruptedLoop):
    """Another one, which watches no descriptors for the program."""

    def add_reader(self, *_: object) -> NoReturn:
        """Raises what such a loop raises."""
        raise NotImplementedError


@pytest.mark.parametrize("loop_class", [InterruptedLoop, InterruptedLoopWithoutReaders])
def test_a_signal_handler_that_ends_the_event_loop_shows_no_secrets(
    server: LocalServer, loop_class: type[asyncio.SelectorEventLoop]
) -> None:
    server.respond_with(200, {"maskedEmail": SECRET})
    client = DescopeClientAsync("P", base_url=server.url, max_attempts=1)
    loop = loop_class()
    task = loop.create_task(client.magiclink.sign_in(DeliveryMethod.EMAIL, SECRET))
    with pytest.raises(KeyboardInterrupt) as caught:
        loop.run_until_complete(task)
    assert secrets(caught.value) == []
    assert "deliver_all" in {frame.f_code.co_name for frame in package_frames(caught.value)}
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(task)
    loop.close()


GREENLETS = """
import sys
sys.path.insert(0, sys.argv[2])
from descope_ml import DeliveryMethod, DescopeClient, DescopeError
from frame_locals import MARK, package_frames, secrets_in_locals
client = DescopeClient("P", base_url=sys.argv[1], max_attempts=1, management_key=MARK)
for login_id in (MARK, {MARK: object()}):
    try:
        client.magiclink.sign_in(DeliveryMethod.EMAIL, login_id)
    except DescopeError as error:
        files = {frame.f_globals["__name__"] for frame in package_frames(error)}
        print(error.name, "descope_ml.greenlet_queue" in files)
        print(secrets_in_locals(error, own_module="__main__"))
"""


PATCHES = {
    "gevent": "from gevent import monkey; monkey.patch_all()",
    "eventlet": (
        "import warnings; warnings.simplefilter('ignore'); import eventlet; eventlet.monkey_patch()"
    ),
}


@pytest.mark.parametrize("patch", PATCHES.values(), ids=PATCHES)
def test_no_call_in_a_greenlet_shows_secrets(server: LocalServer, patch: str) -> None:
    refuse(server)
    command = [sys.executable, "-c", patch + GREENLETS, server.url, str(Path(__file__).parent)]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert (done.stdout, done.stderr) == (
        "DESCOPE_E_API True\n[]\nDESCOPE_E_ARGUMENT False\n[]\n",
        "",
    )
