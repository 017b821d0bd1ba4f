"""Magic links: `DescopeClient.magiclink`, with the names of the official package."""

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
class MagicLink(ClientPart):
    """Sign-in by magic link: `DescopeClient.magiclink`.

    Differs from the official one: the service, not the client, validates phone numbers and email
    addresses, so valid ones are never rejected locally. A success response without the masked
    address is a `ProtocolError`, not a `KeyError`. `DeliveryMethod.VOICE` is rejected before a
    request is sent, because links cannot be delivered by voice. A request is retried only if the
    service cannot have processed it.
    """

    def sign_in(
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
        """Sends a magic link to an existing user.

        Args:
            method: `DeliveryMethod.SMS`, `EMAIL` or `WHATSAPP`.
            login_id: The user's login ID, such as the phone number `+14155550123`.
            uri: The URL of the link; `?t=<token>` is added. Default: the URL set in the project.
            login_options: Options of the sign-in; or a mapping with the API's names.
            refresh_token: The user's refresh JWT. Step-up and MFA need it.
            provider_id: The messaging connector. Default: the one set in the project.
            template_id: The message template. Default: the one set in the project.
            sso_app_id: The application that the user signs in to.
            use_recovery: Whether to send to the user's recovery phone or email address.

        Returns:
            The address that the link was sent to, with most characters masked.

        Raises:
            AuthException: The service rejected the request, or the arguments are invalid.
            RateLimitException: Too many requests.
            DescopeError: Any other failure; `outcome` says whether a message may have been sent.

        Example:
            >>> from descope_ml import DeliveryMethod, DescopeClient, LoginOptions
            >>> DescopeClient().magiclink.sign_in(
            ...     DeliveryMethod.SMS,
            ...     "+14155550123",
            ...     login_options=LoginOptions(custom_claims={"plan": "pro"}, locale="pl-PL"),
            ... )
            '+1********23'
        """
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
        return self._client.call(link_operation("signin", method), request)

    def sign_up(
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
        """Sends a sign-up link to a new user.

        Differs from the official one: `user` is not modified, and a key in it that the API does not
        know is rejected, with a suggestion.

        Args:
            method: `DeliveryMethod.SMS`, `EMAIL` or `WHATSAPP`.
            login_id: The phone number or email address; or another login ID, with the address in
                `user`.
            uri: The URL of the link; `?t=<token>` is added. Default: the URL set in the project.
            user: The new user, with the API's names: `name`, `phone`, `email`, `givenName`,
                `middleName`, `familyName`, `recoveryEmail`, `recoveryPhone`.
            signup_options: Options of the sign-up; or a mapping with the API's names.
            provider_id: The messaging connector. Default: the one set in the project.
            template_id: The message template. Default: the one set in the project.

        Returns:
            The address that the link was sent to, with most characters masked.

        Raises:
            AuthException: The service rejected the request, or the arguments are invalid.
            RateLimitException: Too many requests.
            DescopeError: Any other failure; `outcome` says whether a message may have been sent.

        Example:
            >>> from descope_ml import DeliveryMethod, DescopeClient
            >>> DescopeClient().magiclink.sign_up(
            ...     DeliveryMethod.SMS, "+14155550123", user={"name": "Ada"}
            ... )
            '+1********23'
        """
        request = request_builders.sign_up(
            method,
            login_id,
            uri,
            user,
            signup_options,
            provider_id=provider_id,
            template_id=template_id,
        )
        return self._client.call(link_operation("signup", method), request)

    def sign_up_or_in(
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

        Args:
            method: `DeliveryMethod.SMS`, `EMAIL` or `WHATSAPP`.
            login_id: The phone number or email address.
            uri: The URL of the link; `?t=<token>` is added. Default: the URL set in the project.
            signup_options: Options of the sign-in; or a mapping with the API's names.
            refresh_token: The user's refresh JWT. Step-up and MFA need it.
            provider_id: The messaging connector. Default: the one set in the project.
            template_id: The message template. Default: the one set in the project.
            sso_app_id: The application that the user signs in to.
            use_recovery: Whether to send to the user's recovery phone or email address.

        Returns:
            The address that the link was sent to, with most characters masked.

        Raises:
            AuthException: The service rejected the request, or the arguments are invalid.
            RateLimitException: Too many requests.
            DescopeError: Any other failure; `outcome` says whether a message may have been sent.

        Example:
            >>> from descope_ml import DeliveryMethod, DescopeClient
            >>> DescopeClient().magiclink.sign_up_or_in(DeliveryMethod.SMS, "+14155550123")
            '+1********23'
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
        return self._client.call(link_operation("signup-in", method), request)

    def verify(
        self,
        token: str,
        audience: str | Iterable[str] | None = None,
    ) -> dict[str, Any]:
        """Exchanges the token of a link for a session.

        The signatures and claims of the returned tokens are validated. Differs from the official
        one: the session token may also come in a cookie; a response without one is a
        `ProtocolError`; an invalid token in the response is a `TokenError`; the request is never
        sent twice, because the token works once.

        Args:
            token: The value of `t` in the query of the link.
            audience: Accepted audiences of the session; at least one must match.

        Returns:
            `sessionToken` and `refreshSessionToken`, each with the claims and `jwt`; `permissions`,
            `roles`, `tenants`, `projectId`, `userId`, `cookieData`, `user` and `firstSeen`.

        Raises:
            AuthException: The service rejected the token: it is unknown, used or expired.
            TokenError: A token in the response is invalid.
            DescopeError: Any other failure. If `outcome` is `unknown`, the token may be used up.
        """
        request = request_builders.verify(token, audience)
        return self._client.call(operations.MAGICLINK_VERIFY, request)

    def update_user_email(
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

        Args:
            login_id: The user's login ID.
            email: The new email address.
            refresh_token: The user's refresh JWT.
            add_to_login_ids: Whether to make the address a login ID as well.
            on_merge_use_existing: If the address belongs to another user: merge the two users and
                keep the record of that user.
            template_options: Values for the placeholders of the message template.
            template_id: The message template. Default: the one set in the project.
            provider_id: The messaging connector. Default: the one set in the project.
            uri: The URL of the link; `?t=<token>` is added. Default: the URL set in the project.
            locale: The language of the message, such as `pl-PL`.
            fail_on_conflict: If the address belongs to another user: fail instead of merging.

        Returns:
            The address that the link was sent to, with most characters masked.

        Raises:
            AuthException: The service rejected the request, or the arguments are invalid.
            RateLimitException: Too many requests.
            DescopeError: Any other failure; `outcome` says whether a message may have been sent.
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
        return self._client.call(operations.MAGICLINK_UPDATE_EMAIL, request)

    def update_user_phone(
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

        Differs from the official one: the message is sent by `method`. There, it has no effect.

        Args:
            method: `DeliveryMethod.SMS` or `WHATSAPP`.
            login_id: The user's login ID.
            phone: The new phone number.
            refresh_token: The user's refresh JWT.
            add_to_login_ids: Whether to make the number a login ID as well.
            on_merge_use_existing: If the number belongs to another user: merge the two users and
                keep the record of that user.
            template_options: Values for the placeholders of the message template.
            template_id: The message template. Default: the one set in the project.
            provider_id: The messaging connector. Default: the one set in the project.
            uri: The URL of the link; `?t=<token>` is added. Default: the URL set in the project.
            locale: The language of the message, such as `pl-PL`.
            fail_on_conflict: If the number belongs to another user: fail instead of merging.

        Returns:
            The address that the link was sent to, with most characters masked.

        Raises:
            AuthException: The service rejected the request, or the arguments are invalid.
            RateLimitException: Too many requests.
            DescopeError: Any other failure; `outcome` says whether a message may have been sent.
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
        return self._client.call(link_operation("update/phone", method), request)
