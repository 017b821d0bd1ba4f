"""Descope magic links and sessions: a typed face over one small native library.

The names are those of the official `descope` package, so that code written for it keeps working;
where something differs on purpose, its docstring says how and why.

Example:
    >>> from descope_ml import DeliveryMethod, DescopeClient, DescopeError
    >>> client = DescopeClient()  # DESCOPE_PROJECT_ID says which project
    >>> try:
    ...     print("sent to", client.magiclink.sign_in(DeliveryMethod.SMS, "+14155550123"))
    ... except DescopeError as error:
    ...     print(error, error.outcome)
    sent to +1******0123
"""

from __future__ import annotations

from descope_ml._native import VERSION as __version__
from descope_ml.client import (
    DescopeClient,
)
from descope_ml.common import (
    COOKIE_DATA_NAME,
    REFRESH_SESSION_COOKIE_NAME,
    REFRESH_SESSION_TOKEN_NAME,
    SESSION_COOKIE_NAME,
    SESSION_TOKEN_NAME,
    DeliveryMethod,
)
from descope_ml.magiclink import (
    MagicLink,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from descope_ml.calls import (
        configure,
        warm_up,
    )
    from descope_ml.calls_magiclink import (
        magiclink_signin_email,
        magiclink_signin_sms,
        magiclink_signin_whatsapp,
        magiclink_signup_email,
        magiclink_signup_in_email,
        magiclink_signup_in_sms,
        magiclink_signup_in_whatsapp,
        magiclink_signup_sms,
        magiclink_signup_whatsapp,
        magiclink_update_email,
        magiclink_update_phone_sms,
        magiclink_update_phone_whatsapp,
        magiclink_verify,
    )
    from descope_ml.calls_session import (
        session_history,
        session_logout,
        session_logout_all,
        session_match_permissions,
        session_match_roles,
        session_me,
        session_refresh,
        session_select_tenant,
        session_validate,
        session_validate_remote,
    )
    from descope_ml.calls_test_users import (
        test_create_user,
        test_delete_all_users,
        test_generate_magiclink,
    )
    from descope_ml.client_async import (
        DescopeClientAsync,
    )
    from descope_ml.config import (
        Config,
    )
    from descope_ml.errors import (
        API_RATE_LIMIT_RETRY_AFTER_HEADER,
        ERROR_TYPE_API_RATE_LIMIT,
        ERROR_TYPE_INVALID_ARGUMENT,
        ERROR_TYPE_INVALID_PUBLIC_KEY,
        ERROR_TYPE_INVALID_TOKEN,
        ERROR_TYPE_SERVER_ERROR,
        ApiError,
        ArgumentError,
        AuthException,
        CallTimeoutError,
        ConfigError,
        DescopeError,
        InternalError,
        NetworkError,
        ProtocolError,
        RateLimitException,
        TlsError,
        TokenError,
    )
    from descope_ml.magiclink_async import (
        MagicLinkAsync,
    )
    from descope_ml.options import (
        AssociatedFamily,
        AssociatedTenant,
        LoginOptions,
        SignUpOptions,
    )
    from descope_ml.results import (
        DescopeResponse,
    )

__all__ = [
    "API_RATE_LIMIT_RETRY_AFTER_HEADER",
    "COOKIE_DATA_NAME",
    "ERROR_TYPE_API_RATE_LIMIT",
    "ERROR_TYPE_INVALID_ARGUMENT",
    "ERROR_TYPE_INVALID_PUBLIC_KEY",
    "ERROR_TYPE_INVALID_TOKEN",
    "ERROR_TYPE_SERVER_ERROR",
    "REFRESH_SESSION_COOKIE_NAME",
    "REFRESH_SESSION_TOKEN_NAME",
    "SESSION_COOKIE_NAME",
    "SESSION_TOKEN_NAME",
    "ApiError",
    "ArgumentError",
    "AssociatedFamily",
    "AssociatedTenant",
    "AuthException",
    "CallTimeoutError",
    "Config",
    "ConfigError",
    "DeliveryMethod",
    "DescopeClient",
    "DescopeClientAsync",
    "DescopeError",
    "DescopeResponse",
    "InternalError",
    "LoginOptions",
    "MagicLink",
    "MagicLinkAsync",
    "NetworkError",
    "ProtocolError",
    "RateLimitException",
    "SignUpOptions",
    "TlsError",
    "TokenError",
    "__version__",
    "configure",
    "magiclink_signin_email",
    "magiclink_signin_sms",
    "magiclink_signin_whatsapp",
    "magiclink_signup_email",
    "magiclink_signup_in_email",
    "magiclink_signup_in_sms",
    "magiclink_signup_in_whatsapp",
    "magiclink_signup_sms",
    "magiclink_signup_whatsapp",
    "magiclink_update_email",
    "magiclink_update_phone_sms",
    "magiclink_update_phone_whatsapp",
    "magiclink_verify",
    "session_history",
    "session_logout",
    "session_logout_all",
    "session_match_permissions",
    "session_match_roles",
    "session_me",
    "session_refresh",
    "session_select_tenant",
    "session_validate",
    "session_validate_remote",
    "test_create_user",
    "test_delete_all_users",
    "test_generate_magiclink",
    "warm_up",
]

# What a sign-in does not need, and which module has it: that is loaded when somebody asks for it.
_MODULES = {
    "AssociatedFamily": "options",
    "AssociatedTenant": "options",
    "Config": "config",
    "DescopeClientAsync": "client_async",
    "DescopeResponse": "results",
    "LoginOptions": "options",
    "MagicLinkAsync": "magiclink_async",
    "SignUpOptions": "options",
    "configure": "calls",
    "warm_up": "calls",
    **{name: "calls_magiclink" for name in __all__ if name.startswith("magiclink_")},
    **{name: "calls_session" for name in __all__ if name.startswith("session_")},
    **{name: "calls_test_users" for name in __all__ if name.startswith("test_")},
}
# All others that are not there yet are errors and what belongs to them.
_MODULES |= {name: "errors" for name in __all__ if name not in globals() and name not in _MODULES}


def __getattr__(name: str) -> object:
    """A public name, or a module that has some, at its first use."""
    if name in _MODULES:
        found = getattr(__import__(f"{__name__}.{_MODULES[name]}", fromlist=[name]), name)
        globals()[name] = found
        return found
    if name in {*_MODULES.values(), "management"}:
        return __import__(f"{__name__}.{name}", fromlist=[name])
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    """Every name, loaded or not."""
    return sorted({*globals(), *__all__, *_MODULES.values(), "management"})
