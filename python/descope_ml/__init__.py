"""Descope magic links and sessions: typed Python over one small native library.

The names are those of the official `descope` package, so code written for it keeps working. Where
something differs on purpose, its docstring says how and why.

Example:
    >>> from descope_ml import DeliveryMethod, DescopeClient, DescopeError
    >>> client = DescopeClient()  # The project ID comes from DESCOPE_PROJECT_ID.
    >>> try:
    ...     print("sent to", client.magiclink.sign_in(DeliveryMethod.SMS, "+14155550123"))
    ... except DescopeError as error:
    ...     print(error, error.outcome)
    sent to +1********23
"""

# Layers, from the top. A module imports only from layers below its own.
#
# - `rest_framework`: sessions in Django REST framework
# - `django_users`: `request.user` in Django
# - `fastapi`, `flask`, `django`, `opentelemetry`: helpers for web frameworks; traces and metrics
# - `testing`: the emulator, a clock and no network, for the tests of applications
# - `flask_decorators`: the decorators of the official `descope.flask`
# - `django_landing`: the page of a link in Django
# - `starlette`, `django_requests`, `django_responses`, `flask_responses`, `landing`: helpers for
#   Starlette; requests and responses of Django and Flask; the page of a link, for all frameworks
# - `landing_page`, `landing_forms`: its texts and HTML; its form
# - `web`: what all frameworks have in common: guards, cookies, responses
# - `refresh_store`: one refresh for one refresh token, also across processes
# - `refresh_exchange`: one refresh by way of a store
# - `sealed_answers`, `store_backends`, `store_waiting`: what is stored, where, how to wait
# - `descope_client`, `descope_client_async`, `authmethod`, `http_client`: official places of names
# - `client`, `client_async`, `functions`: both clients, and the module-level functions
# - `client_base`: the base class of both clients
# - `magiclink`, `magiclink_async`, `management`: the parts of the clients
# - `native_client`, `default_client`: make the calls; the clients behind the public names
# - `dispatch`: blocks a thread or a greenlet, or lets an event loop run
# - `asyncio_queue`, `trio_queue`, `gevent_queue`, `eventlet_queue`: how callers wait in each
# - `greenlet_queue`: what gevent and eventlet have in common
# - `call_queue`: the calls in progress of an event loop
# - `handles`: the clients and queues of the native module
# - `operations`, `request_builders`, `log_bridge`: operations, requests, the log
# - `events`: the events of calls
# - `results`, `common`, `exceptions`: responses as dictionaries; the official places of some names
# - `options`: options of a sign-in, a sign-up and a test user
# - `replaced_clock`: the time of day that tests have put in place of the machine's
# - `json_codec`: JSON beyond the native fast path
# - `error_frames`: exceptions leave the package without local variables
# - `install`: this package under the name of the official one
# - `official_package`: the official modules as aliases
# - `constants`, `config`, `errors`, `annotations`, `other_names`: what everything above uses

from __future__ import annotations

try:
    from descope_ml._native import VERSION as __version__
except ImportError as error:
    # The words of Python itself, from 3.12 on.
    if "does not support loading in subinterpreters" not in str(error):
        raise
    raise ImportError(
        "descope_ml cannot be imported in an interpreter with a GIL of its own (PEP 684), such as "
        "those of `concurrent.interpreters`: use threads, processes, or an interpreter that shares "
        "the GIL of the main one",
        name="descope_ml",
    ) from None
from descope_ml.client import DescopeClient
from descope_ml.client_async import DescopeClientAsync
from descope_ml.config import Config
from descope_ml.constants import (
    COOKIE_DATA_NAME,
    REFRESH_SESSION_COOKIE_NAME,
    REFRESH_SESSION_TOKEN_NAME,
    SESSION_COOKIE_NAME,
    SESSION_TOKEN_NAME,
    DeliveryMethod,
)
from descope_ml.default_client import configure, warm_up
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
    OutOfMemoryError,
    ProtocolError,
    RateLimitException,
    TlsError,
    TokenError,
)
from descope_ml.events import set_event_handler
from descope_ml.functions import (
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
    management_delete_user,
    management_embedded_link,
    management_embedded_link_signup,
    session_exchange_access_key,
    session_history,
    session_logout,
    session_logout_all,
    session_match_permissions,
    session_match_roles,
    session_me,
    session_refresh,
    session_select_tenant,
    session_tenants,
    session_validate,
    session_validate_remote,
    test_create_user,
    test_delete_all_users,
    test_generate_magiclink,
)
from descope_ml.install import install_as_descope
from descope_ml.magiclink import MagicLink
from descope_ml.magiclink_async import MagicLinkAsync
from descope_ml.options import (
    AccessKeyLoginOptions,
    AssociatedFamily,
    AssociatedTenant,
    CreateUserObj,
    LoginOptions,
    SignUpOptions,
)
from descope_ml.results import DescopeResponse

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
    "AccessKeyLoginOptions",
    "ApiError",
    "ArgumentError",
    "AssociatedFamily",
    "AssociatedTenant",
    "AuthException",
    "CallTimeoutError",
    "Config",
    "ConfigError",
    "CreateUserObj",
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
    "OutOfMemoryError",
    "ProtocolError",
    "RateLimitException",
    "SignUpOptions",
    "TlsError",
    "TokenError",
    "__version__",
    "configure",
    "install_as_descope",
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
    "management_delete_user",
    "management_embedded_link",
    "management_embedded_link_signup",
    "session_exchange_access_key",
    "session_history",
    "session_logout",
    "session_logout_all",
    "session_match_permissions",
    "session_match_roles",
    "session_me",
    "session_refresh",
    "session_select_tenant",
    "session_tenants",
    "session_validate",
    "session_validate_remote",
    "set_event_handler",
    "test_create_user",
    "test_delete_all_users",
    "test_generate_magiclink",
    "warm_up",
]
