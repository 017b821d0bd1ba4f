"""Magic links, by the names of the official package."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from descope_ml import _native
from descope_ml.common import DeliveryMethod
from descope_ml.performing import Call, Face, blocking, texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from descope_ml.common import LoginOptions, SignUpOptions
else:
    Any = object


class MagicLink(Face):
    """Sign-in by magic link; `DescopeClient.magiclink` is one.

    Differs from the official one: what is no phone number or email address is found out by the
    service, not here by a rule that may be stricter; an empty answer is a `ProtocolError` instead
    of a `KeyError`; `DeliveryMethod.VOICE`, by which no link is delivered, is refused at once; and
    only what certainly was not sent, or not seen by the service, is tried again.
    """

    @blocking
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
    ) -> Call[str]:
        """Sends a magic link to a user who exists.

        Args:
            method: `DeliveryMethod.SMS`, `EMAIL` or `WHATSAPP`.
            login_id: The user's phone number, such as `+14155550123`, or other login ID.
            uri: The URL that the link leads to, `?t=<token>` added; else the project's own.
            login_options: How the user is signed in; or a mapping in the API's own names.
            refresh_token: The user's refresh JWT, which step-up and MFA need.
            provider_id: The messaging connector to send with; else the project's own.
            template_id: The message template; else the project's own.
            sso_app_id: The application that the user signs in to.
            use_recovery: Sends to the user's recovery phone or email address.

        Returns:
            Where the link went, all but a few characters masked.

        Raises:
            AuthException: The service, or a check before the request was sent, said no.
            RateLimitException: The service wants fewer requests.
            DescopeError: Anything else; `outcome` says whether a message may have been sent.

        Example:
            >>> from descope_ml import DeliveryMethod, DescopeClient, LoginOptions
            >>> DescopeClient().magiclink.sign_in(
            ...     DeliveryMethod.SMS,
            ...     "+14155550123",
            ...     login_options=LoginOptions(custom_claims={"plan": "pro"}, locale="pl-PL"),
            ... )
            '+1******0123'
        """
        request = {
            "loginId": login_id,
            "redirectUrl": uri,
            "loginOptions": login_options,
            "refreshToken": refresh_token,
            "providerId": provider_id,
            "templateId": template_id,
            "ssoAppId": sso_app_id,
            "useRecovery": use_recovery,
        }
        return Call(_by("signin", method), request, _masked(method))

    @blocking
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
    ) -> Call[str]:
        """Sends a magic link to somebody who signs up.

        Differs from the official one: `user` stays as it is, and a key in it that the API does not
        know is refused, with the nearest one that it knows.

        Args:
            method: `DeliveryMethod.SMS`, `EMAIL` or `WHATSAPP`.
            login_id: The phone number or email address, or another login ID and the address in
                `user`.
            uri: The URL that the link leads to, `?t=<token>` added; else the project's own.
            user: Who signs up, in the API's own names: `name`, `phone`, `email`, `givenName`,
                `middleName`, `familyName`, `recoveryEmail`, `recoveryPhone`.
            signup_options: What the sign-up is to carry; or a mapping in the API's own names.
            provider_id: The messaging connector to send with; else the project's own.
            template_id: The message template; else the project's own.

        Returns:
            Where the link went, all but a few characters masked.

        Raises:
            AuthException: The service, or a check before the request was sent, said no.
            RateLimitException: The service wants fewer requests.
            DescopeError: Anything else; `outcome` says whether a message may have been sent.

        Example:
            >>> from descope_ml import DeliveryMethod, DescopeClient
            >>> DescopeClient().magiclink.sign_up(
            ...     DeliveryMethod.SMS, "+14155550123", user={"name": "Ada"}
            ... )
            '+1******0123'
        """
        request = {
            "loginId": login_id,
            "redirectUrl": uri,
            "user": user,
            "loginOptions": signup_options,
            "providerId": provider_id,
            "templateId": template_id,
        }
        operation = _by("signup", method)
        if user is None or isinstance(user, Mapping):
            # As the official package has it: the address twice, and the login ID where it is none.
            key = "email" if method is DeliveryMethod.EMAIL else "phone"
            address = (user or {}).get(key) or login_id
            request.update({"user": {**(user or {}), key: address}, key: address})
        return Call(operation, request, _masked(method))

    @blocking
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
    ) -> Call[str]:
        """Sends a magic link to a user, who is made when there is none with this login ID.

        Args:
            method: `DeliveryMethod.SMS`, `EMAIL` or `WHATSAPP`.
            login_id: The phone number or email address.
            uri: The URL that the link leads to, `?t=<token>` added; else the project's own.
            signup_options: What the sign-in is to carry; or a mapping in the API's own names.
            refresh_token: The user's refresh JWT, which step-up and MFA need.
            provider_id: The messaging connector to send with; else the project's own.
            template_id: The message template; else the project's own.
            sso_app_id: The application that the user signs in to.
            use_recovery: Sends to the user's recovery phone or email address.

        Returns:
            Where the link went, all but a few characters masked.

        Raises:
            AuthException: The service, or a check before the request was sent, said no.
            RateLimitException: The service wants fewer requests.
            DescopeError: Anything else; `outcome` says whether a message may have been sent.

        Example:
            >>> from descope_ml import DeliveryMethod, DescopeClient
            >>> DescopeClient().magiclink.sign_up_or_in(DeliveryMethod.SMS, "+14155550123")
            '+1******0123'
        """
        request = {
            "loginId": login_id,
            "redirectUrl": uri,
            "loginOptions": signup_options,
            "refreshToken": refresh_token,
            "providerId": provider_id,
            "templateId": template_id,
            "ssoAppId": sso_app_id,
            "useRecovery": use_recovery,
        }
        return Call(_by("signup-in", method), request, _masked(method))

    @blocking
    def verify(
        self, token: str, audience: str | Iterable[str] | None = None
    ) -> Call[dict[str, Any]]:
        """Turns the token of a link into a session, whose tokens are checked.

        Differs from the official one: the session token may come as a cookie too; an answer
        without one is a `ProtocolError`; a token that does not hold is a `TokenError`; the request
        is never sent twice, since the token works once.

        Args:
            token: The `t` of the link's query.
            audience: Of which audiences the tokens must have one.

        Returns:
            `sessionToken` and `refreshSessionToken`, each the claims and `jwt`; `permissions`,
            `roles`, `tenants`, `projectId`, `userId`, `cookieData`, `user` and `firstSeen`.

        Raises:
            AuthException: The service said no: the token is unknown, used or expired.
            TokenError: The tokens in the answer do not hold.
            DescopeError: Anything else; where `outcome` is `unknown` the token may be used up.
        """
        request = {"token": token, "audience": texts(audience)}
        from descope_ml.results import signed_in  # noqa: PLC0415 - a sign-in does without

        return Call("magiclink/verify", request, signed_in)

    @blocking
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
    ) -> Call[str]:
        """Sends a link to another email address, which becomes the user's once it is verified.

        Args:
            login_id: The user's login ID.
            email: The new address.
            refresh_token: The user's refresh JWT.
            add_to_login_ids: Makes the address a login ID as well.
            on_merge_use_existing: When the address is another user's: merges the two, and that
                user's record stays.
            template_options: Values for the placeholders of the message template.
            template_id: The message template; else the project's own.
            provider_id: The messaging connector to send with; else the project's own.
            uri: The URL that the link leads to, `?t=<token>` added; else the project's own.
            locale: The language of the message, such as `pl-PL`.
            fail_on_conflict: When the address is another user's: refuses, instead of merging.

        Returns:
            Where the link went, all but a few characters masked.

        Raises:
            AuthException: The service, or a check before the request was sent, said no.
            RateLimitException: The service wants fewer requests.
            DescopeError: Anything else; `outcome` says whether a message may have been sent.
        """
        request = {
            "loginId": login_id,
            "email": email,
            "refreshToken": refresh_token,
            "addToLoginIDs": add_to_login_ids,
            "onMergeUseExisting": on_merge_use_existing,
            "templateOptions": template_options,
            "templateId": template_id,
            "providerId": provider_id,
            "redirectUrl": uri,
            "locale": locale,
            "failOnConflict": fail_on_conflict,
        }
        return Call("magiclink/update/email", request, _masked(DeliveryMethod.EMAIL))

    @blocking
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
    ) -> Call[str]:
        """Sends a link to another phone number, which becomes the user's once it is verified.

        Differs from the official one: the message goes by the method that is given; there it
        decides nothing.

        Args:
            method: `DeliveryMethod.SMS` or `WHATSAPP`.
            login_id: The user's login ID.
            phone: The new number.
            refresh_token: The user's refresh JWT.
            add_to_login_ids: Makes the number a login ID as well.
            on_merge_use_existing: When the number is another user's: merges the two, and that
                user's record stays.
            template_options: Values for the placeholders of the message template.
            template_id: The message template; else the project's own.
            provider_id: The messaging connector to send with; else the project's own.
            uri: The URL that the link leads to, `?t=<token>` added; else the project's own.
            locale: The language of the message, such as `pl-PL`.
            fail_on_conflict: When the number is another user's: refuses, instead of merging.

        Returns:
            Where the link went, all but a few characters masked.

        Raises:
            AuthException: The service, or a check before the request was sent, said no.
            RateLimitException: The service wants fewer requests.
            DescopeError: Anything else; `outcome` says whether a message may have been sent.
        """
        request = {
            "loginId": login_id,
            "phone": phone,
            "refreshToken": refresh_token,
            "addToLoginIDs": add_to_login_ids,
            "onMergeUseExisting": on_merge_use_existing,
            "templateOptions": template_options,
            "templateId": template_id,
            "providerId": provider_id,
            "redirectUrl": uri,
            "locale": locale,
            "failOnConflict": fail_on_conflict,
        }
        return Call(_by("update/phone", method), request, _masked(method))


def _by(step: str, method: DeliveryMethod) -> str:
    """The operation for a step by a delivery method."""
    if not isinstance(method, DeliveryMethod):
        message = "`method` must be a DeliveryMethod, such as DeliveryMethod.SMS"
        raise _native.argument_error(message)
    return f"magiclink/{step}/{method._name_.lower()}"  # `name` is a property, and slower.


def _masked(method: DeliveryMethod) -> Callable[[dict[str, Any]], str]:
    """Takes the masked address from the answer to a message by this method."""
    return _masked_email if method is DeliveryMethod.EMAIL else _masked_phone


def _masked_email(answer: dict[str, Any]) -> str:
    return str(answer["maskedEmail"])


def _masked_phone(answer: dict[str, Any]) -> str:
    return str(answer["maskedPhone"])
