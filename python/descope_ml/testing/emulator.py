"""The emulator, a local Descope, for the tests of an application."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any, Final

from descope_ml.annotations import Self
from descope_ml.replaced_clock import CHANGES, Change
from descope_ml.testing.control import ControlRoutes
from descope_ml.testing.environment import changed_environment
from descope_ml.testing.errors import EmulatorError
from descope_ml.testing.inbox import Inbox
from descope_ml.testing.process import EmulatorProcess
from descope_ml.testing.users import Users

_LOOPBACK_HOSTS: Final = "127.0.0.1,localhost,::1"


class Emulator:
    """A local Descope in a process of its own, on a free port.

    While it runs, the environment leads to it: a client that is made without arguments uses it, as
    do the functions without a client. Clients that were made before are not affected.

    Example:
        >>> from descope_ml import DeliveryMethod, DescopeClient
        >>> from descope_ml.testing import Emulator
        >>> with Emulator() as emulator:
        ...     client = DescopeClient()
        ...     masked = client.magiclink.sign_up_or_in(DeliveryMethod.EMAIL, "ada@example.com")
        ...     message = emulator.inbox.wait_for(to="ada@example.com")
        ...     client.magiclink.verify(message.token)["user"]["email"]
        'ada@example.com'
    """

    def __init__(self, *flags: str, set_environment: bool = True) -> None:
        """Makes an emulator. It runs from `start`, or in a `with` block.

        Args:
            *flags: Arguments for its command line, such as `--settings=settings.json`.
            set_environment: False: the environment leads to it only in `with
                emulator.environment():`.
        """
        self._flags = flags
        self._set_environment = set_environment
        self._running: _Running | None = None

    def start(self) -> Self:
        """Starts it and waits until it is ready.

        Raises:
            EmulatorError: It is not installed, or cannot be started.
        """
        if self._running is None:
            self._running = _Running(self._flags)
            if self._set_environment:
                self._running.at_end.enter_context(self.environment())
        return self

    def stop(self) -> None:
        """Ends it. The environment is again what it was."""
        running, self._running = self._running, None
        if running is not None:
            running.at_end.close()

    def __enter__(self) -> Self:
        """Starts it."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Ends it."""
        self.stop()

    @property
    def base_url(self) -> str:
        """Its URL, for `base_url` of a client. In a browser, it shows the inbox."""
        return self._ready("baseUrl")

    @property
    def project_id(self) -> str:
        """The ID of its project."""
        return self._ready("projectId")

    @property
    def management_key(self) -> str:
        """The management key of its project."""
        return self._ready("managementKey")

    @property
    def ca_file(self) -> str | None:
        """The file of its certificate authority, if it was started with `--tls`."""
        ca_file: str | None = self._get_running().process.ready.get("caFile")
        return ca_file

    @property
    def inbox(self) -> Inbox:
        """The messages that it has delivered."""
        return Inbox(self.routes)

    @property
    def users(self) -> Users:
        """Its users."""
        return self._get_running().users

    @property
    def routes(self) -> ControlRoutes:
        """All its control routes, which its documentation lists, as dictionaries."""
        return self._get_running().routes

    @contextmanager
    def environment(self) -> Iterator[None]:
        """Lets the environment lead to it in a `with` block, whose end turns back the clock."""
        clock = self._get_running().clock
        with changed_environment(self._variables()):
            try:
                yield
            finally:
                clock.turn_back()

    def reset(self) -> None:
        """Returns to the start: no links, messages, sessions and faults; the users of the start.

        The clock is again that of the machine.
        """
        self.routes.post("reset", {})
        self._get_running().clock.turn_back()

    def advance(self, duration: str | timedelta) -> None:
        """Lets time pass, so that links, sessions and refresh tokens expire.

        It moves the emulator's clock, and the clock by which all clients of this process validate
        sessions, until `reset` or the end of the test; see `clock`.

        Args:
            duration: Such as `"90s"`, `"5m"` or `"1h"`, or a timedelta.

        Raises:
            ValueError: It is not a duration, or is negative.
        """
        if isinstance(duration, timedelta):
            duration = f"{duration // timedelta(milliseconds=1)}ms"
        ahead = self.routes.post("clock", {"advance": duration})["ahead"]
        self._get_running().clock.set(ahead)

    def fail_next(
        self,
        path: str = "/v1/*",
        *,
        status: int | None = None,
        times: int = 1,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        delay: str | None = None,
        reset: bool = False,
        silent: bool = False,
        after: bool = False,
    ) -> None:
        """Lets the next request fail.

        A client repeats a request by itself if the status is 408, 503, 521, 522 or 530. For an
        error with one of these, set `times` to the number of its attempts, which is 3.

        Args:
            path: Which requests: a path of the API, or a prefix with `*` at the end.
            status: The status of the response. By default it is 500, or 200 with a `body`.
            times: How many requests fail.
            body: The body of the response. By default, an error document of the service.
            headers: Headers of the response.
            delay: How long the response is delayed, such as `"2s"`.
            reset: The connection is reset, without a response.
            silent: There is no response.
            after: The request is processed before it fails.

        Raises:
            ValueError: A value is invalid.
        """
        given = {
            "status": status,
            "body": body,
            "headers": dict(headers) if headers else None,
            "delay": delay,
            "reset": reset or None,
            "silent": silent or None,
        }
        fault = {name: value for name, value in given.items() if value is not None}
        fault = fault or {"status": 500}
        self.routes.post("faults", {**fault, "path": path, "times": times, "after": after})

    def requests(self, path: str = "*") -> list[dict[str, Any]]:
        """The requests that it got, oldest first, without secrets.

        Args:
            path: Which requests: a path of the API, or a prefix with `*` at the end.
        """
        query = {} if path == "*" else {"path": path}
        requests: list[dict[str, Any]] = self.routes.get("requests", query)["requests"]
        return requests

    def _variables(self) -> dict[str, str | None]:
        variables: dict[str, str | None] = {
            "DESCOPE_PROJECT_ID": self.project_id,
            "DESCOPE_BASE_URL": self.base_url,
            "DESCOPE_BASE_URI": self.base_url,
            "DESCOPE_MANAGEMENT_KEY": self.management_key,
            # They belong to another project.
            "DESCOPE_PUBLIC_KEY": None,
            "DESCOPE_AUTH_MANAGEMENT_KEY": None,
        }
        if self.ca_file is not None:
            variables["SSL_CERT_FILE"] = self.ca_file
        # For other programs and packages that the test runs: a proxy cannot reach this machine.
        for name in ("NO_PROXY", "no_proxy"):
            others = os.environ.get(name)
            variables[name] = f"{_LOOPBACK_HOSTS},{others}" if others else _LOOPBACK_HOSTS
        return variables

    def _ready(self, key: str) -> str:
        value: str = self._get_running().process.ready[key]
        return value

    def _get_running(self) -> _Running:
        if self._running is None:
            raise EmulatorError(
                "the emulator does not run: call `start`, or use it in a `with` block"
            )
        return self._running


class _Running:
    """What belongs to an emulator while it runs."""

    def __init__(self, flags: tuple[str, ...]) -> None:
        self.process: Final = EmulatorProcess(flags)
        with ExitStack() as stack:
            stack.callback(self.process.stop)
            ready = self.process.ready
            self.routes: Final = ControlRoutes(ready["baseUrl"], ready.get("caFile"))
            self.users: Final = Users(self.routes)
            self.clock: Final = _Clock(self.routes.get("clock")["ahead"])
            self.at_end: Final = stack.pop_all()


class _Clock:
    """How the clock for sessions follows that of an emulator."""

    def __init__(self, ahead_at_start: float) -> None:
        self._ahead_at_start = ahead_at_start
        self._change: Change | None = None

    def set(self, ahead: float) -> None:
        self.turn_back()
        self._change = Change(ahead - self._ahead_at_start, is_fixed=False)
        CHANGES.append(self._change)

    def turn_back(self) -> None:
        if self._change is not None:
            CHANGES.remove(self._change)
            self._change = None
