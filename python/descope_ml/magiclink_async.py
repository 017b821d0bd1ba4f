"""Magic links for asyncio: `DescopeClientAsync.magiclink`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from descope_ml import operations, request_builders
from descope_ml.constants import DeliveryMethod
from descope_ml.error_frames import methods_hide_locals
from descope_ml.native_client import ClientPart
from descope_ml.operations import link_operation
from descope_ml.options import LoginOptions, SignUpOptions


@methods_hide_locals
class MagicLinkAsync(ClientPart):
    """Sign-in by magic link: `DescopeClientAsync.magiclink`. See `MagicLink` for the arguments."""

    async def sign_in(
        self,
        method: DeliveryMethod,
        login_id: str,
        uri: str | None = None,
        login_options: LoginOptions | Mapping[str, Any] | None = None,
        refresh_token: str | None = None,
        *,
        provider_id: str | None = None,
        template_id: str | None = None,
        sso_app_id: str | None = None,
        use_recovery: bool | None = None,
    ) -> str:
        """Sends a magic link to an existing user. See `MagicLink.sign_in`."""
        request = request_builders.sign_in(
            login_id,
            uri,
            login_options,
            refresh_token,
            provider_id=provider_id,
            template_id=template_id,
            sso_app_id=sso_app_id,
            use_recovery=use_recovery,
        )
        return await self._client.call_async(link_operation("signin", method), request)

    async def sign_up(
        self,
        method: DeliveryMethod,
        login_id: str,
        uri: str | None = None,
        user: Mapping[str, Any] | None = None,
        signup_options: SignUpOptions | Mapping[str, Any] | None = None,
        *,
        provider_id: str | None = None,
        template_id: str | None = None,
    ) -> str:
        """Sends a sign-up link to a new user. See `MagicLink.sign_up`."""
        request = request_builders.sign_up(
            method,
            login_id,
            uri,
            user,
            signup_options,
            provider_id=provider_id,
            template_id=template_id,
        )
        return await self._client.call_async(link_operation("signup", method), request)

    async def sign_up_or_in(
        self,
        method: DeliveryMethod,
        login_id: str,
        uri: str | None = None,
        signup_options: SignUpOptions | LoginOptions | Mapping[str, Any] | None = None,
        *,
        refresh_token: str | None = None,
        provider_id: str | None = None,
        template_id: str | None = None,
        sso_app_id: str | None = None,
        use_recovery: bool | None = None,
    ) -> str:
        """Sends a magic link; creates the user if no user has this login ID.

        See `MagicLink.sign_up_or_in`.
        """
        request = request_builders.sign_in(
            login_id,
            uri,
            signup_options,
            refresh_token,
            provider_id=provider_id,
            template_id=template_id,
            sso_app_id=sso_app_id,
            use_recovery=use_recovery,
        )
        return await self._client.call_async(link_operation("signup-in", method), request)

    async def verify(
        self,
        token: str,
        audience: str | Iterable[str] | None = None,
    ) -> dict[str, Any]:
        """Exchanges the token of a link for a session. See `MagicLink.verify`."""
        request = request_builders.verify(token, audience)
        return await self._client.call_async(operations.MAGICLINK_VERIFY, request)

    async def update_user_email(
        self,
        login_id: str,
        email: str,
        refresh_token: str,
        add_to_login_ids: bool = False,
        on_merge_use_existing: bool = False,
        template_options: Mapping[str, str] | None = None,
        template_id: str | None = None,
        provider_id: str | None = None,
        *,
        uri: str | None = None,
        locale: str | None = None,
        fail_on_conflict: bool | None = None,
    ) -> str:
        """Sends a link to a new email address, which becomes the user's when verified.

        See `MagicLink.update_user_email`.
        """
        request = request_builders.update_user(
            {"email": email},
            login_id,
            refresh_token,
            add_to_login_ids,
            on_merge_use_existing,
            template_options,
            template_id,
            provider_id,
            uri=uri,
            locale=locale,
            fail_on_conflict=fail_on_conflict,
        )
        return await self._client.call_async(operations.MAGICLINK_UPDATE_EMAIL, request)

    async def update_user_phone(
        self,
        method: DeliveryMethod,
        login_id: str,
        phone: str,
        refresh_token: str,
        add_to_login_ids: bool = False,
        on_merge_use_existing: bool = False,
        template_options: Mapping[str, str] | None = None,
        template_id: str | None = None,
        provider_id: str | None = None,
        *,
        uri: str | None = None,
        locale: str | None = None,
        fail_on_conflict: bool | None = None,
    ) -> str:
        """Sends a link to a new phone number, which becomes the user's when verified.

        See `MagicLink.update_user_phone`.
        """
        request = request_builders.update_user(
            {"phone": phone},
            login_id,
            refresh_token,
            add_to_login_ids,
            on_merge_use_existing,
            template_options,
            template_id,
            provider_id,
            uri=uri,
            locale=locale,
            fail_on_conflict=fail_on_conflict,
        )
        return await self._client.call_async(link_operation("update/phone", method), request)
