"""`DescopeClientAsync`, the client for asyncio and trio, with the names of the official package."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from descope_ml import operations, request_builders
from descope_ml.annotations import Self
from descope_ml.client_base import ClientBase
from descope_ml.error_frames import methods_hide_locals
from descope_ml.errors import AuthException
from descope_ml.magiclink_async import MagicLinkAsync
from descope_ml.management import ManagementAsync
from descope_ml.native_client import Part
from descope_ml.options import AccessKeyLoginOptions
from descope_ml.results import DescopeResponse


@methods_hide_locals
class DescopeClientAsync(ClientBase):
    """A client of one Descope project for asyncio and trio, with the methods of `DescopeClient`.

    It never blocks the event loop, and has no event loop and no thread of its own. A call that
    needs no network finishes at once, for example `validate_session` with cached keys. One client
    serves any number of tasks and event loops. An event loop that cannot watch descriptors, such
    as the proactor loop of Windows, gets one thread for all calls, which ends with them.

    If the awaiting task is cancelled, the call is cancelled too. The log has its outcome:
    `not_sent`, or `unknown` if the message may have been sent.

    Differs from the official one: it keeps no cookies, so one user's token is never sent with the
    call of another user.

    Example:
        >>> import asyncio
        >>> from descope_ml import DeliveryMethod, DescopeClientAsync
        >>> async def main() -> None:
        ...     async with DescopeClientAsync() as client:
        ...         print(await client.magiclink.sign_in(DeliveryMethod.SMS, "+14155550123"))
        >>> asyncio.run(main())
        +1********23
    """

    magiclink = Part(MagicLinkAsync, "Sign-in by magic link.")
    mgmt = Part(
        ManagementAsync,
        "Test users and embedded links. Nothing else of the management API is here.",
    )

    async def warm_up(self) -> None:
        """Opens a connection in advance. See `DescopeClient.warm_up`."""
        await self._client.warm_up_async()

    async def validate_session(
        self, session_token: str, audience: str | Iterable[str] | None = None
    ) -> dict[str, Any]:
        """Validates a session token locally. See `DescopeClient.validate_session`."""
        request = request_builders.validate_session(session_token, audience)
        return await self._client.call_async(operations.SESSION_VALIDATE, request)

    async def validate_session_remote(self, session_token: str) -> dict[str, Any]:
        """Asks the service about a session token. See `DescopeClient.validate_session_remote`."""
        request = {"sessionToken": session_token}
        return await self._client.call_async(operations.SESSION_VALIDATE_REMOTE, request)

    async def refresh_session(
        self,
        refresh_token: str,
        audience: str | Iterable[str] | None = None,
        *,
        external_token: str | None = None,
    ) -> dict[str, Any]:
        """Gets a new session token. See `DescopeClient.refresh_session`."""
        request = request_builders.refresh_session(refresh_token, audience, external_token)
        return await self._client.call_async(operations.SESSION_REFRESH, request)

    async def validate_and_refresh_session(
        self,
        session_token: str,
        refresh_token: str,
        audience: str | Iterable[str] | None = None,
    ) -> dict[str, Any]:
        """Validates a session token; if it is invalid, refreshes the session.

        See `DescopeClient.validate_and_refresh_session`.
        """
        try:
            return await self.validate_session(session_token, audience)
        except AuthException:
            if not session_token:
                raise
            return await self.refresh_session(refresh_token, audience)

    async def select_tenant(
        self,
        tenant_id: str,
        refresh_token: str,
        *,
        audience: str | Iterable[str] | None = None,
    ) -> dict[str, Any]:
        """Gets a session in one of the user's tenants. See `DescopeClient.select_tenant`."""
        request = request_builders.select_tenant(tenant_id, refresh_token, audience)
        return await self._client.call_async(operations.SESSION_SELECT_TENANT, request)

    async def logout(
        self, refresh_token: str, *, logout_type: Sequence[str] | None = None
    ) -> DescopeResponse:
        """Ends a session. See `DescopeClient.logout`."""
        request = request_builders.logout(refresh_token, logout_type)
        return await self._client.call_async(operations.SESSION_LOGOUT, request)

    async def logout_all(
        self, refresh_token: str, *, logout_type: Sequence[str] | None = None
    ) -> DescopeResponse:
        """Ends all sessions of the user. See `DescopeClient.logout_all`."""
        request = request_builders.logout(refresh_token, logout_type)
        return await self._client.call_async(operations.SESSION_LOGOUT_ALL, request)

    async def me(self, refresh_token: str) -> dict[str, Any]:
        """Returns the user of a session. See `DescopeClient.me`."""
        request = {"refreshToken": refresh_token}
        return await self._client.call_async(operations.SESSION_ME, request)

    async def my_tenants(
        self, refresh_token: str, dct: bool = False, ids: Sequence[str] | None = None
    ) -> dict[str, Any]:
        """Returns tenants of the user of a session. See `DescopeClient.my_tenants`."""
        request = request_builders.tenants(refresh_token, dct, ids)
        return await self._client.call_async(operations.SESSION_TENANTS, request)

    async def exchange_access_key(
        self,
        access_key: str,
        audience: str | Iterable[str] | None = None,
        login_options: AccessKeyLoginOptions | Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Gets a session token for an access key. See `DescopeClient.exchange_access_key`."""
        request = request_builders.exchange_access_key(access_key, audience, login_options)
        return await self._client.call_async(operations.SESSION_EXCHANGE_ACCESS_KEY, request)

    async def history(self, refresh_token: str) -> list[dict[str, Any]]:
        """Returns the sign-ins of the user of a session. See `DescopeClient.history`."""
        request = {"refreshToken": refresh_token}
        return await self._client.call_async(operations.SESSION_HISTORY, request)

    async def aopen(self) -> Self:
        """Returns the client. A new one needs no opening; one that was closed can be used again.

        So one client can be opened in several lifespans of an application, as in its tests.
        """
        self._client.reopen()
        return self

    async def aclose(self) -> None:
        """Closes the client. Calls in progress finish; later calls raise `ConfigError`.

        `aopen` opens it again.
        """
        self.close()

    async def __aenter__(self) -> Self:
        """Returns the client."""
        return await self.aopen()

    async def __aexit__(self, *_: object) -> None:
        """Closes the client."""
        await self.aclose()
