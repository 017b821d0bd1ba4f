"""The bare calls for magic links: a request in the API's own names in, the service's answer out.

Each takes `request`, a mapping or JSON text, in which `projectId`, `refreshToken` and `timeoutMs`
steer the call and are not sent in its body, and a configuration as `Config`. Calls with the same
configuration share a client, and so its connections; without any they use the process's default
client. Each raises a `DescopeError`, whose `outcome` says whether a message may have been sent.
"""

from __future__ import annotations

from descope_ml.calls import perform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from typing_extensions import Unpack

    from descope_ml.config import Config


def magiclink_signin_sms(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Sends a magic link by SMS to a user who exists.

    API: POST /v1/auth/magiclink/signin/sms

    Args:
        request: The request: `loginId` and, if wanted, `redirectUrl`, `loginOptions` and so on.
        **config: As `Config`.

    Returns:
        The service's answer: `maskedPhone`, and whatever else it says.

    Raises:
        DescopeError: The call failed; `outcome` says whether a message may have been sent.

    Example:
        >>> import descope_ml
        >>> descope_ml.magiclink_signin_sms(
        ...     {"loginId": "+14155550123", "redirectUrl": "https://app.example.com/verify"}
        ... )["maskedPhone"]
        '+1******0123'
    """
    return perform("magiclink/signin/sms", request, config)


def magiclink_signin_email(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Sends a magic link by email to a user who exists; answers `maskedEmail`.

    API: POST /v1/auth/magiclink/signin/email
    """
    return perform("magiclink/signin/email", request, config)


def magiclink_signin_whatsapp(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Sends a magic link by WhatsApp to a user who exists; answers `maskedPhone`.

    API: POST /v1/auth/magiclink/signin/whatsapp
    """
    return perform("magiclink/signin/whatsapp", request, config)


def magiclink_signup_sms(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Sends a magic link by SMS to somebody who signs up; answers `maskedPhone`.

    API: POST /v1/auth/magiclink/signup/sms
    """
    return perform("magiclink/signup/sms", request, config)


def magiclink_signup_email(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Sends a magic link by email to somebody who signs up; answers `maskedEmail`.

    API: POST /v1/auth/magiclink/signup/email
    """
    return perform("magiclink/signup/email", request, config)


def magiclink_signup_whatsapp(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Sends a magic link by WhatsApp to somebody who signs up; answers `maskedPhone`.

    API: POST /v1/auth/magiclink/signup/whatsapp
    """
    return perform("magiclink/signup/whatsapp", request, config)


def magiclink_signup_in_sms(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Sends a magic link by SMS to a user, made when there is none; answers `maskedPhone`.

    API: POST /v1/auth/magiclink/signup-in/sms
    """
    return perform("magiclink/signup-in/sms", request, config)


def magiclink_signup_in_email(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Sends a magic link by email to a user, made when there is none; answers `maskedEmail`.

    API: POST /v1/auth/magiclink/signup-in/email
    """
    return perform("magiclink/signup-in/email", request, config)


def magiclink_signup_in_whatsapp(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Sends a magic link by WhatsApp to a user, made when there is none; answers `maskedPhone`.

    API: POST /v1/auth/magiclink/signup-in/whatsapp
    """
    return perform("magiclink/signup-in/whatsapp", request, config)


def magiclink_verify(request: Mapping[str, Any] | str, **config: Unpack[Config]) -> dict[str, Any]:
    """Turns the `token` of a link into a session; the request is never sent twice.

    API: POST /v1/auth/magiclink/verify

    The answer has `sessionJwt` and `refreshJwt`, from the body or the cookies, whose signatures
    hold; `session`, as `session_validate` answers; and `refreshClaims`, where there is a refresh
    token.
    """
    return perform("magiclink/verify", request, config)


def magiclink_update_email(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Sends a link to an email address, which becomes the user's once it is verified.

    API: POST /v1/auth/magiclink/update/email
    """
    return perform("magiclink/update/email", request, config)


def magiclink_update_phone_sms(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Sends a link to a phone number, by SMS, which becomes the user's once it is verified.

    API: POST /v1/auth/magiclink/update/phone/sms
    """
    return perform("magiclink/update/phone/sms", request, config)


def magiclink_update_phone_whatsapp(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Sends a link to a phone number, by WhatsApp, which becomes the user's once it is verified.

    API: POST /v1/auth/magiclink/update/phone/whatsapp
    """
    return perform("magiclink/update/phone/whatsapp", request, config)
