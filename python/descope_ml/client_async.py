"""The client for asyncio, by the names of the official package."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from descope_ml.client import DescopeClient
from descope_ml.client_base import ClientBase
from descope_ml.errors import AuthException
from descope_ml.magiclink_async import MagicLinkAsync
from descope_ml.management import ManagementAsync
from descope_ml.performing import awaiting, logged

if TYPE_CHECKING:
    from typing_extensions import Self


class DescopeClientAsync(ClientBase):
    """A client of one Descope project for coroutines. As `DescopeClient`, to be awaited.

    It never blocks the event loop and has none of its own: a call goes on in a thread that lives
    as long as the call, and one that needs no network is done at once, as a session is validated
    once the project's keys are known. One client serves any number of tasks and of event loops.

    Differs from the official one: it keeps no cookies, so no user's token travels with the call of
    another.

    Example:
        >>> import asyncio
        >>> from descope_ml import DeliveryMethod, DescopeClientAsync
        >>> async def main() -> None:
        ...     async with DescopeClientAsync() as client:
        ...         print(await client.magiclink.sign_in(DeliveryMethod.SMS, "+14155550123"))
        >>> asyncio.run(main())
        +1******0123
    """

    @functools.cached_property
    def magiclink(self) -> MagicLinkAsync:
        """Sign-in by magic link."""
        return MagicLinkAsync(self._open())

    @functools.cached_property
    def mgmt(self) -> ManagementAsync:
        """The test users; of the management API there is no more here."""
        return ManagementAsync(self._open())

    async def warm_up(self) -> None:
        """Connects ahead, as `DescopeClient.warm_up`; the event loop runs on meanwhile."""
        import asyncio  # noqa: PLC0415 - only who awaits loads it

        await asyncio.to_thread(logged, self._open().warm_up)

    validate_session = awaiting(DescopeClient.validate_session)
    validate_session_remote = awaiting(DescopeClient.validate_session_remote)
    refresh_session = awaiting(DescopeClient.refresh_session)
    select_tenant = awaiting(DescopeClient.select_tenant)
    logout = awaiting(DescopeClient.logout)
    logout_all = awaiting(DescopeClient.logout_all)
    me = awaiting(DescopeClient.me)
    history = awaiting(DescopeClient.history)

    async def validate_and_refresh_session(
        self,
        session_token: str,
        refresh_token: str,
        audience: str | Iterable[str] | None = None,
    ) -> dict[str, Any]:
        """As `DescopeClient.validate_and_refresh_session`."""
        try:
            return await self.validate_session(session_token, audience)
        except AuthException:
            if not session_token:
                raise
            return await self.refresh_session(refresh_token, audience)

    async def aopen(self) -> Self:
        """Returns the client; there is nothing to open ahead of the first call."""
        return self

    async def aclose(self) -> None:
        """Lets go of the connections; calls that are under way end as they would.

        Calls made later raise a `ConfigError`.
        """
        self.close()

    async def __aenter__(self) -> Self:
        """Returns the client."""
        return await self.aopen()

    async def __aexit__(self, *_: object) -> None:
        """Lets go of the connections."""
        await self.aclose()
