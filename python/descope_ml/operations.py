"""The operations of the library: the name of each, and how its response becomes a result.

Each operation has its row here once. The module-level functions (`functions.py`) use the names. The
methods of the clients use the results too, which are those of the official package.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

from descope_ml.constants import DeliveryMethod
from descope_ml.errors import argument_error
from descope_ml.results import (
    DescopeResponse,
    to_access_key_result,
    to_login_result,
    to_validation_result,
)

R = TypeVar("R")


class Operation(Generic[R]):
    """One operation, such as `magiclink/verify`.

    Attributes:
        name: The name that core has for it.
        to_result: Converts the response of the service to the result of a client method.
        token_key: The request key of the token that it needs. If the token is missing, the error
            has the type "invalid token", as in the official package.
    """

    __slots__ = ("name", "to_result", "token_key")

    def __init__(
        self, name: str, to_result: Callable[[dict[str, Any]], R], token_key: str | None = None
    ) -> None:
        """Takes all attributes."""
        self.name = name
        self.to_result = to_result
        self.token_key = token_key


def _masked_phone(response: dict[str, Any]) -> str:
    return str(response["maskedPhone"])


def _masked_email(response: dict[str, Any]) -> str:
    return str(response["maskedEmail"])


def _claims(response: dict[str, Any]) -> dict[str, Any]:
    claims: dict[str, Any] = response["parsedJWT"]
    return claims


def _auth_history(response: dict[str, Any]) -> list[dict[str, Any]]:
    history: list[dict[str, Any]] = response["authHistory"]
    return history


def _token(response: dict[str, Any]) -> str:
    return str(response["token"])


def _response(response: dict[str, Any]) -> dict[str, Any]:
    return response


def _nothing(_: dict[str, Any]) -> None:
    return None


MAGICLINK_SIGNIN_SMS: Final = Operation("magiclink/signin/sms", _masked_phone)
MAGICLINK_SIGNIN_EMAIL: Final = Operation("magiclink/signin/email", _masked_email)
MAGICLINK_SIGNIN_WHATSAPP: Final = Operation("magiclink/signin/whatsapp", _masked_phone)
MAGICLINK_SIGNUP_SMS: Final = Operation("magiclink/signup/sms", _masked_phone)
MAGICLINK_SIGNUP_EMAIL: Final = Operation("magiclink/signup/email", _masked_email)
MAGICLINK_SIGNUP_WHATSAPP: Final = Operation("magiclink/signup/whatsapp", _masked_phone)
MAGICLINK_SIGNUP_IN_SMS: Final = Operation("magiclink/signup-in/sms", _masked_phone)
MAGICLINK_SIGNUP_IN_EMAIL: Final = Operation("magiclink/signup-in/email", _masked_email)
MAGICLINK_SIGNUP_IN_WHATSAPP: Final = Operation("magiclink/signup-in/whatsapp", _masked_phone)
MAGICLINK_VERIFY: Final = Operation("magiclink/verify", to_login_result)
MAGICLINK_UPDATE_EMAIL: Final = Operation("magiclink/update/email", _masked_email)
MAGICLINK_UPDATE_PHONE_SMS: Final = Operation("magiclink/update/phone/sms", _masked_phone)
MAGICLINK_UPDATE_PHONE_WHATSAPP: Final = Operation("magiclink/update/phone/whatsapp", _masked_phone)

SESSION_VALIDATE: Final = Operation("session/validate", to_validation_result, "sessionToken")
SESSION_VALIDATE_REMOTE: Final = Operation("session/validate_remote", _claims, "sessionToken")
SESSION_REFRESH: Final = Operation("session/refresh", to_login_result, "refreshToken")
SESSION_SELECT_TENANT: Final = Operation("session/select_tenant", to_login_result, "refreshToken")
SESSION_TENANTS: Final = Operation("session/tenants", _response)
SESSION_EXCHANGE_ACCESS_KEY: Final = Operation("session/exchange_access_key", to_access_key_result)
SESSION_LOGOUT: Final = Operation("session/logout", DescopeResponse)
SESSION_LOGOUT_ALL: Final = Operation("session/logout_all", DescopeResponse)
SESSION_ME: Final = Operation("session/me", _response)
SESSION_HISTORY: Final = Operation("session/history", _auth_history)
SESSION_MATCH_PERMISSIONS: Final = Operation("session/match_permissions", _response)
SESSION_MATCH_ROLES: Final = Operation("session/match_roles", _response)

MANAGEMENT_EMBEDDED_LINK: Final = Operation("management/embedded_link", _token)
MANAGEMENT_EMBEDDED_LINK_SIGNUP: Final = Operation("management/embedded_link_signup", _token)
MANAGEMENT_DELETE_USER: Final = Operation("management/delete_user", _nothing)

TEST_CREATE_USER: Final = Operation("test/create_user", _response)
TEST_GENERATE_MAGICLINK: Final = Operation("test/generate_magiclink", _response)
TEST_DELETE_ALL_USERS: Final = Operation("test/delete_all_users", _nothing)

OPERATIONS: Final[dict[str, Operation[Any]]] = {
    operation.name: operation
    for operation in globals().values()
    if isinstance(operation, Operation)
}
"""Every operation by its name."""


def link_operation(action: str, method: DeliveryMethod) -> Operation[str]:
    """The operation that sends a link.

    Args:
        action: `signin`, `signup`, `signup-in` or `update/phone`.
        method: How the link is delivered.

    Returns:
        The operation. If links cannot be delivered by this method, it is one that core rejects with
        a list of the operations that exist.

    Raises:
        ArgumentError: The method is not a `DeliveryMethod`.
    """
    if not isinstance(method, DeliveryMethod):
        raise argument_error("`method` must be a DeliveryMethod, such as DeliveryMethod.SMS")
    name = f"magiclink/{action}/{method._name_.lower()}"  # `name` is a slower property.
    return OPERATIONS.get(name) or Operation(name, _masked_phone)
