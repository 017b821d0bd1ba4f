"""Shared code of the helpers for web frameworks: what an application settles once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from descope_ml.error_frames import hides_locals
from descope_ml.refresh_store import RefreshStore
from descope_ml.results import DescopeResponse
from descope_ml.web.cookie_settings import CookieSettings
from descope_ml.web.cookies import clear_cookies, set_cookies
from descope_ml.web.guard import Guard, Requirements, is_async
from descope_ml.web.responses import Response


class WebAuth:
    """The client, the cookies and the refusals of an application.

    Attributes:
        cookies: The settings of the cookies.
        refusal: What a refusal looks like. None: as the framework does it.
    """

    def __init__(
        self,
        client: Any = None,
        *,
        cookies: CookieSettings | None = None,
        refusal: Any = None,
        refresh_store: Any = None,
    ) -> None:
        """Takes the settings.

        Args:
            client: The client, as the module says. It can be given later.
            cookies: The settings of the cookies. Default: what the project says.
            refusal: What a refusal looks like. Default: as the framework does it.
            refresh_store: A `RefreshStore`, or what its constructor takes, such as a client of the
                package `redis`: then one refresh serves all processes of the application.
        """
        self._client: Any = None
        self._refresh_store = None if refresh_store is None else RefreshStore.of(refresh_store)
        self.cookies = cookies or CookieSettings()
        self.refusal = refusal
        if client is not None:
            self._set_client(client)

    def _set_client(self, client: Any) -> None:
        if not hasattr(client, "validate_session"):
            message = (
                f"a DescopeClient or DescopeClientAsync is needed, not {type(client).__name__}"
            )
            raise TypeError(message)
        if self._refresh_store is not None and not is_async(client):
            self._refresh_store.require_blocking()
        self._client = client

    @property
    def client(self) -> Any:
        """The client.

        Raises:
            RuntimeError: There is none yet.
        """
        if self._client is None:
            raise RuntimeError("no client was given yet")
        return self._client

    @hides_locals
    def set_cookies(self, response: Response, login: Mapping[str, Any]) -> None:
        """Sets the cookies of a session. See the function `set_cookies`."""
        set_cookies(response, login, cookies=self.cookies)

    def clear_cookies(self, response: Response, answer: DescopeResponse | None = None) -> None:
        """Deletes the cookies of a session. See the function `clear_cookies`."""
        clear_cookies(response, answer, cookies=self.cookies)

    def _guard(
        self,
        *,
        permissions: str | Iterable[str] = (),
        roles: str | Iterable[str] = (),
        tenant: str = "",
        session_cookie: str = "",
        refresh: bool = True,
        optional: bool = False,
        audience: str | Iterable[str] | None = None,
        remote: bool = False,
    ) -> Guard:
        cookies = self.cookies
        return Guard(
            lambda: self.client,
            Requirements(permissions, roles, tenant),
            cookies.replaced(session_name=session_cookie) if session_cookie else cookies,
            refresh=refresh,
            optional=optional,
            audience=audience if audience is None or isinstance(audience, str) else tuple(audience),
            remote=remote,
            refresh_store=self._refresh_store,
        )
