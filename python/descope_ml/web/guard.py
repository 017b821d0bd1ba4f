"""Shared code of the helpers for web frameworks: who may see a page, and how a session lasts.

A guard makes calls, which block or are awaited. So it is written once, as a generator of calls:
`run` and `run_async` make them and send it their results. Exceptions that leave them show no token.
"""

from __future__ import annotations

import functools
import inspect
import logging
from collections.abc import Awaitable, Callable, Generator, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from descope_ml.constants import SESSION_TOKEN_NAME
from descope_ml.error_frames import hides_locals
from descope_ml.errors import DescopeError, TokenError
from descope_ml.refresh_store import RefreshStore
from descope_ml.web.cookie_settings import CookieSettings
from descope_ml.web.cookies import clearing_cookies, login_cookies
from descope_ml.web.errors import (
    UNAUTHENTICATED,
    AuthFailure,
    is_rejected,
    map_errors,
    not_authenticated,
    not_authorized,
    to_auth_failure,
)
from descope_ml.web.requests import FoundToken, WebRequest
from descope_ml.web.responses import ResponseChanges

T = TypeVar("T")

# A call of a client, without arguments. It returns its result, or an awaitable.
Call = Callable[[], Any]
Steps = Generator[Call, Any, T]

_log = logging.getLogger("descope_ml")


@dataclass(frozen=True)
class Requirements:
    """The permissions and roles that a session must have.

    Attributes:
        permissions: Required permissions; the session must have all of them.
        roles: Required roles; the session must have all of them.
        tenant: The tenant that the user must be in, and in which the session must have them. Empty:
            project-level permissions and roles.
    """

    permissions: str | Iterable[str] = ()
    roles: str | Iterable[str] = ()
    tenant: str = ""

    def __post_init__(self) -> None:
        """Stores the collections as tuples: an iterator could be read only once."""
        for name in ("permissions", "roles"):
            value = getattr(self, name)
            object.__setattr__(self, name, value if isinstance(value, str) else tuple(value))


@dataclass(frozen=True)
class Guard:
    """Who may see a page.

    Attributes:
        get_client: Returns the client that validates and refreshes sessions.
        required: What a session must have.
        cookies: The settings of the cookies.
        refresh: Whether a session that has expired is refreshed.
        optional: Whether the page is also for those who are not signed in.
        audience: Accepted audiences of the session token. Default: those of the client.
        remote: Whether the service is asked, which knows sessions that were ended.
        refresh_store: Where the processes of the application share a refresh, if they do.
    """

    get_client: Callable[[], Any] = field(repr=False)
    required: Requirements = field(default_factory=Requirements)
    cookies: CookieSettings = field(default_factory=CookieSettings)
    refresh: bool = True
    optional: bool = False
    audience: str | Iterable[str] | None = None
    remote: bool = False
    refresh_store: RefreshStore | None = None

    def check(self, request: WebRequest, changes: ResponseChanges) -> Steps[dict[str, Any] | None]:
        """Finds and checks the session of a request.

        Args:
            request: The request.
            changes: The changes to its response.

        Returns:
            The result of `validate_session`; None if there is no session and it is optional.

        Raises:
            AuthFailure: The request is refused.
            DescopeError: This server is at fault.
        """
        changes.is_guarded = True
        try:
            session = yield from self._session(request, changes)
            self._authorize(session)
        except AuthFailure as failure:
            if self.optional and failure.status == UNAUTHENTICATED:
                return None
            changes.is_refusal = True
            raise
        return session

    @property
    def client(self) -> Any:
        """The client that validates and refreshes sessions."""
        return self.get_client()

    def _session(self, request: WebRequest, changes: ResponseChanges) -> Steps[dict[str, Any]]:
        bearer = request.bearer()
        if bearer:
            # No cookie is tried: a client that names its token must not act as another user.
            with map_errors():
                return (yield from self._validated(bearer))
        found = request.session_tokens(self.cookies)
        unverifiable: TokenError | None = None
        for token in found:
            try:
                return (yield from self._validated(token.value))
            except DescopeError as error:  # noqa: PERF203 - each is tried
                if isinstance(error, TokenError) and error.retry_after is not None:
                    unverifiable = error  # Its key may be known later. A refresh may help now.
                else:
                    _raise_unless_refused(error)
        if self.refresh:
            session = yield from self._refreshed(request, changes)
            if session is not None:
                return session
        if unverifiable is not None:
            raise _failure(unverifiable) from unverifiable
        raise not_authenticated(is_invalid=bool(found))

    def _validated(self, token: str) -> Steps[dict[str, Any]]:
        session: dict[str, Any] = yield functools.partial(
            self.client.validate_session, token, self.audience
        )
        if self.remote:
            yield functools.partial(self.client.validate_session_remote, token)
        return session

    def _refreshed(
        self, request: WebRequest, changes: ResponseChanges
    ) -> Steps[dict[str, Any] | None]:
        """The session after a refresh; None if no refresh token is accepted."""
        refused: list[FoundToken] = []
        for token in request.refresh_tokens(self.cookies):
            try:
                login = yield from self._refresh(token.value)
            except DescopeError as error:
                if not _is_final(error):
                    failure = _failure(error)
                    if self.optional and isinstance(failure, AuthFailure):
                        return None
                    raise failure from error
                refused.append(token)
                continue
            changes.cookies = login_cookies(login, self.cookies)
            with map_errors():
                return (yield from self._validated(login[SESSION_TOKEN_NAME]["jwt"]))
        if refused:
            changes.cookies = _clearing(request, self.cookies, refused)
        return None

    def _refresh(self, token: str) -> Steps[dict[str, Any]]:
        """Makes the refresh. The client shares it with overlapping calls of this process."""
        client, store = self.client, self.refresh_store
        refresh = functools.partial(client.refresh_session, token, self.audience)
        if store is not None:
            share = store.refresh_async if is_async(client) else store.refresh
            validate = functools.partial(client.validate_session, audience=self.audience)
            refresh = functools.partial(share, token, refresh, validate)
        login: dict[str, Any] = yield refresh
        return login

    def _authorize(self, session: dict[str, Any]) -> None:
        """Raises 403 if the session lacks a permission, a role or the tenant."""
        required = self.required
        # This call also checks that the user is in the tenant, even if no permission is required.
        if not self.client.validate_tenant_permissions(
            session, required.tenant, required.permissions
        ):
            raise not_authorized("a permission or the tenant is missing")
        if not self.client.validate_tenant_roles(session, required.tenant, required.roles):
            raise not_authorized("a role is missing")


def is_async(client: Any) -> bool:
    """Whether the calls of a client are awaited."""
    return inspect.iscoroutinefunction(client.validate_session)


def sign_out(
    client: Any, cookies: CookieSettings, request: WebRequest, changes: ResponseChanges
) -> Steps[None]:
    """Ends the session of a request at the service, and clears its cookies in any case.

    Args:
        client: The client that ends the session.
        cookies: The settings of the cookies.
        request: The request.
        changes: The changes to its response.
    """
    found = request.refresh_tokens(cookies)
    for token in found:
        try:
            yield functools.partial(client.logout, token.value)
        except DescopeError as error:  # noqa: PERF203 - each is tried
            _log.warning("the session could not be ended at the service: %s", error)
    sessions = request.session_tokens(cookies)
    changes.cookies = _clearing(request, cookies, [*sessions, *found])


def _clearing(request: WebRequest, cookies: CookieSettings, found: list[FoundToken]) -> Any:
    """Cookies that delete those of a session, also old ones of another domain or path."""
    names = list(dict.fromkeys(token.cookie for token in found))
    return clearing_cookies(cookies, {}, names, request.other_scopes(cookies))


def _failure(error: DescopeError) -> Exception:
    """The HTTP response to an error; the error itself if this server is at fault."""
    return to_auth_failure(error) or error


def _raise_unless_refused(error: DescopeError) -> None:
    """Raises the HTTP response to an error, unless it is that the token is not valid."""
    failure = _failure(error)
    if not isinstance(failure, AuthFailure) or failure.status != UNAUTHENTICATED:
        raise failure from error


def _is_final(error: DescopeError) -> bool:
    """Whether a refresh token will never be accepted."""
    if isinstance(error, TokenError):
        # A key that is not known yet may be known later. A token in the response may be invalid
        # without the refresh token being so.
        return error.reason != "unknown_key" and error.outcome == "not_sent"
    return is_rejected(error)


@hides_locals
def run(steps: Steps[T], make_call: Callable[[Call], Any] = lambda call: call()) -> T:
    """Makes the calls of a generator and returns its result.

    Args:
        steps: The generator.
        make_call: Makes a call and waits for its result.
    """
    try:
        call = next(steps)
        while True:
            try:
                result = make_call(call)
            except Exception as error:  # noqa: BLE001, PERF203 - the generator handles it
                call = steps.throw(error)
            else:
                call = steps.send(result)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]


@hides_locals
async def run_async(steps: Steps[T], make_call: Callable[[Call], Awaitable[Any]]) -> T:
    """Makes the calls of a generator and returns its result.

    Args:
        steps: The generator.
        make_call: Awaits a call; if its client blocks, in another thread.
    """
    try:
        call = next(steps)
        while True:
            try:
                result = await make_call(call)
            except Exception as error:  # noqa: BLE001, PERF203 - the generator handles it
                call = steps.throw(error)
            else:
                call = steps.send(result)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]


async def await_call(call: Call) -> Any:
    """Awaits a call of a `DescopeClientAsync`."""
    return await call()
