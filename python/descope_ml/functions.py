"""Module-level functions, one per operation, such as `descope_ml.magiclink_signin_sms`.

Each function takes a request with the API's names, as a mapping or as JSON text, and returns the
response of the service. Three keys of a request control the call and are not part of its body:
`projectId`, `refreshToken` (or `sessionToken`; sent in the `Authorization` header) and `timeoutMs`.

The keyword arguments are the configuration, see `Config`. Calls with the same configuration share a
client and its connections. Calls without one use the default client.

Each function raises a `DescopeError`; its `outcome` says whether a message may have been sent.

In a test module, import the package and not the functions that start with `test_`: pytest would run
them as tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from descope_ml import operations
from descope_ml.annotations import Unpack
from descope_ml.config import Config
from descope_ml.default_client import call_operation
from descope_ml.error_frames import hides_locals


@hides_locals
def magiclink_signin_sms(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Sends a magic link by SMS to an existing user.

    API: POST /v1/auth/magiclink/signin/sms

    Args:
        request: `loginId`, and optionally `redirectUrl`, `loginOptions` and so on.
        **config: See `Config`.

    Returns:
        The response of the service: `maskedPhone`, and any other keys that it has.

    Raises:
        DescopeError: The call failed; `outcome` says whether a message may have been sent.

    Example:
        >>> import descope_ml
        >>> descope_ml.magiclink_signin_sms(
        ...     {"loginId": "+14155550123", "redirectUrl": "https://app.example.com/verify"}
        ... )["maskedPhone"]
        '+1********23'
    """
    return call_operation(operations.MAGICLINK_SIGNIN_SMS, request, config)


@hides_locals
def magiclink_signin_email(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Sends a magic link by email to an existing user; returns `maskedEmail`.

    API: POST /v1/auth/magiclink/signin/email
    """
    return call_operation(operations.MAGICLINK_SIGNIN_EMAIL, request, config)


@hides_locals
def magiclink_signin_whatsapp(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Sends a magic link by WhatsApp to an existing user; returns `maskedPhone`.

    API: POST /v1/auth/magiclink/signin/whatsapp
    """
    return call_operation(operations.MAGICLINK_SIGNIN_WHATSAPP, request, config)


@hides_locals
def magiclink_signup_sms(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Sends a sign-up link by SMS to a new user; returns `maskedPhone`.

    API: POST /v1/auth/magiclink/signup/sms
    """
    return call_operation(operations.MAGICLINK_SIGNUP_SMS, request, config)


@hides_locals
def magiclink_signup_email(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Sends a sign-up link by email to a new user; returns `maskedEmail`.

    API: POST /v1/auth/magiclink/signup/email
    """
    return call_operation(operations.MAGICLINK_SIGNUP_EMAIL, request, config)


@hides_locals
def magiclink_signup_whatsapp(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Sends a sign-up link by WhatsApp to a new user; returns `maskedPhone`.

    API: POST /v1/auth/magiclink/signup/whatsapp
    """
    return call_operation(operations.MAGICLINK_SIGNUP_WHATSAPP, request, config)


@hides_locals
def magiclink_signup_in_sms(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Sends a magic link by SMS; creates the user if needed; returns `maskedPhone`.

    API: POST /v1/auth/magiclink/signup-in/sms
    """
    return call_operation(operations.MAGICLINK_SIGNUP_IN_SMS, request, config)


@hides_locals
def magiclink_signup_in_email(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Sends a magic link by email; creates the user if needed; returns `maskedEmail`.

    API: POST /v1/auth/magiclink/signup-in/email
    """
    return call_operation(operations.MAGICLINK_SIGNUP_IN_EMAIL, request, config)


@hides_locals
def magiclink_signup_in_whatsapp(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Sends a magic link by WhatsApp; creates the user if needed; returns `maskedPhone`.

    API: POST /v1/auth/magiclink/signup-in/whatsapp
    """
    return call_operation(operations.MAGICLINK_SIGNUP_IN_WHATSAPP, request, config)


@hides_locals
def magiclink_verify(request: Mapping[str, Any] | str, **config: Unpack[Config]) -> dict[str, Any]:
    """Exchanges the `token` of a link for a session. The request is never sent twice.

    API: POST /v1/auth/magiclink/verify

    The response contains `sessionJwt` and `refreshJwt`, from the body or from cookies, with valid
    signatures. The library adds `session`, the response of `session_validate`, and `refreshClaims`
    if there is a refresh token.
    """
    return call_operation(operations.MAGICLINK_VERIFY, request, config)


@hides_locals
def magiclink_update_email(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Sends a link to a new email address, which becomes the user's when verified.

    API: POST /v1/auth/magiclink/update/email
    """
    return call_operation(operations.MAGICLINK_UPDATE_EMAIL, request, config)


@hides_locals
def magiclink_update_phone_sms(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Sends a link by SMS to a new phone number, which becomes the user's when verified.

    API: POST /v1/auth/magiclink/update/phone/sms
    """
    return call_operation(operations.MAGICLINK_UPDATE_PHONE_SMS, request, config)


@hides_locals
def magiclink_update_phone_whatsapp(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Sends a link by WhatsApp to a new phone number, which becomes the user's when verified.

    API: POST /v1/auth/magiclink/update/phone/whatsapp
    """
    return call_operation(operations.MAGICLINK_UPDATE_PHONE_WHATSAPP, request, config)


@hides_locals
def session_validate(request: Mapping[str, Any] | str, **config: Unpack[Config]) -> dict[str, Any]:
    """Validates a session token locally. Public keys are fetched if they are not cached.

    The request has `sessionToken` and optionally `audience`, a string or an array. The result has
    `jwt`, `claims`, `userId`, `projectId`, `permissions`, `roles` and `tenants`.
    """
    return call_operation(operations.SESSION_VALIDATE, request, config)


@hides_locals
def session_validate_remote(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Asks the service whether a `sessionToken` is valid; returns `parsedJWT`.

    API: POST /v1/auth/validate
    """
    return call_operation(operations.SESSION_VALIDATE_REMOTE, request, config)


@hides_locals
def session_refresh(request: Mapping[str, Any] | str, **config: Unpack[Config]) -> dict[str, Any]:
    """Gets a new session token for a `refreshToken`, which is validated locally first.

    API: POST /v1/auth/refresh

    The response is like that of `magiclink_verify`. If the service sends no new refresh token, it
    contains the given one. Calls with the same refresh token that overlap share one request.
    """
    return call_operation(operations.SESSION_REFRESH, request, config)


@hides_locals
def session_select_tenant(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Gets a session in a `tenant` for a `refreshToken`. Responds like `magiclink_verify`.

    API: POST /v1/auth/tenant/select
    """
    return call_operation(operations.SESSION_SELECT_TENANT, request, config)


@hides_locals
def session_tenants(request: Mapping[str, Any] | str, **config: Unpack[Config]) -> dict[str, Any]:
    """Returns `tenants` of the user of a `refreshToken`.

    API: POST /v1/auth/me/tenants

    The request also has either `dct`, which is true for the tenant that is selected in the session,
    or `ids`, the IDs of tenants.
    """
    return call_operation(operations.SESSION_TENANTS, request, config)


@hides_locals
def session_exchange_access_key(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Exchanges an `accessKey` for a session token, which is validated.

    API: POST /v1/auth/accesskey/exchange

    The request can have `loginOptions`, with `customClaims` and `selectedTenant`. The response
    contains `sessionJwt` and no refresh token. The library adds `session`, the response of
    `session_validate`.
    """
    return call_operation(operations.SESSION_EXCHANGE_ACCESS_KEY, request, config)


@hides_locals
def session_logout(request: Mapping[str, Any] | str, **config: Unpack[Config]) -> dict[str, Any]:
    """Ends the session of a `refreshToken`.

    API: POST /v1/auth/logout
    """
    return call_operation(operations.SESSION_LOGOUT, request, config)


@hides_locals
def session_logout_all(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Ends all sessions of the user of a `refreshToken`.

    API: POST /v1/auth/logoutall
    """
    return call_operation(operations.SESSION_LOGOUT_ALL, request, config)


@hides_locals
def session_me(request: Mapping[str, Any] | str, **config: Unpack[Config]) -> dict[str, Any]:
    """Returns the user of a `refreshToken`.

    API: GET /v1/auth/me
    """
    return call_operation(operations.SESSION_ME, request, config)


@hides_locals
def session_history(request: Mapping[str, Any] | str, **config: Unpack[Config]) -> dict[str, Any]:
    """Returns `authHistory`, the sign-ins of the user of a `refreshToken`.

    API: GET /v1/auth/me/history
    """
    return call_operation(operations.SESSION_HISTORY, request, config)


@hides_locals
def session_match_permissions(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Checks which of the `permissions` are in the `claims` of a session. Runs locally.

    The request can have a `tenant`. The result has `all` (whether all are in) and `matched`.

    Example:
        >>> import descope_ml
        >>> claims = {"permissions": ["read"]}
        >>> descope_ml.session_match_permissions({"claims": claims, "permissions": ["read", "w"]})
        {'all': False, 'matched': ['read']}
    """
    return call_operation(operations.SESSION_MATCH_PERMISSIONS, request, config)


@hides_locals
def session_match_roles(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Checks which of the `roles` are in the `claims` of a session. Runs locally.

    The request can have a `tenant`. The result has `all` (whether all are in) and `matched`.
    """
    return call_operation(operations.SESSION_MATCH_ROLES, request, config)


@hides_locals
def management_embedded_link(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Returns a `token` that signs an existing user in. Needs the management key.

    API: POST /v1/mgmt/user/signin/embeddedlink

    No message is sent: deliver the token yourself, and pass it to `magiclink_verify`.
    """
    return call_operation(operations.MANAGEMENT_EMBEDDED_LINK, request, config)


@hides_locals
def management_embedded_link_signup(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Returns a `token` that signs a new user up. Needs the management key.

    API: POST /v1/mgmt/user/signup/embeddedlink

    No message is sent: deliver the token yourself, and pass it to `magiclink_verify`.
    """
    return call_operation(operations.MANAGEMENT_EMBEDDED_LINK_SIGNUP, request, config)


@hides_locals
def management_delete_user(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Deletes a user, whether a test user or not. Needs the management key.

    API: POST /v1/mgmt/user/delete

    This cannot be undone.
    """
    return call_operation(operations.MANAGEMENT_DELETE_USER, request, config)


@hides_locals
def test_create_user(request: Mapping[str, Any] | str, **config: Unpack[Config]) -> dict[str, Any]:
    """Creates a test user, who needs no phone; returns `user`. Needs the management key.

    API: POST /v1/mgmt/user/create/test
    """
    return call_operation(operations.TEST_CREATE_USER, request, config)


@hides_locals
def test_generate_magiclink(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Returns the `link` for a test user. No message is sent. Needs the management key.

    API: POST /v1/mgmt/tests/generate/magiclink
    """
    return call_operation(operations.TEST_GENERATE_MAGICLINK, request, config)


@hides_locals
def test_delete_all_users(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Deletes all test users of the project. The request may be `{}`. Needs the management key.

    API: DELETE /v1/mgmt/user/test/delete/all
    """
    return call_operation(operations.TEST_DELETE_ALL_USERS, request, config)
