"""The exceptions: one per kind of failure, each with every key of the error document.

All are subclasses of `DescopeError`. `AuthException` and `RateLimitException` also have the
attributes of the official package. As there, neither is a subclass of the other.

Each can be made from a message alone, as in `TokenError("expired")`: the other attributes are then
those that every error of its class has, or None. Each can be pickled and copied, and `args` holds
all that is needed to make it again, also after JSON, as the results of Celery do.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

from descope_ml import _native

API_RATE_LIMIT_RETRY_AFTER_HEADER = "Retry-After"
ERROR_TYPE_API_RATE_LIMIT = "API rate limit exceeded"
ERROR_TYPE_INVALID_ARGUMENT = "invalid argument"
ERROR_TYPE_INVALID_PUBLIC_KEY = "invalid public key"
ERROR_TYPE_INVALID_TOKEN = "invalid token"  # noqa: S105 - a kind of error
ERROR_TYPE_SERVER_ERROR = "server error"


class _HiddenDocument(dict[str, Any]):
    """An error document in the `args` of an exception. `repr()` shows no text of the service."""

    def __repr__(self) -> str:
        return "<error document>"


class DescopeError(Exception):
    """A call failed. `str()` is one sentence without login IDs, tokens or keys.

    Attributes:
        document: The error document, `{"error": {...}}`. It is the same in every language.
        status: The status number, such as 20.
        name: The name of the status, such as `DESCOPE_E_API`.
        message: What went wrong and what to do, in one sentence.
        outcome: Whether a message may have been sent. Check it before you retry. `not_sent`: the
            request did not reach the service. `refused`: the service rejected the request and did
            nothing. `unknown`: the request may have been processed.
        http_status: The HTTP status of the last response, if there was one.
        error_code: The error code of the service, such as `E062108`.
        error_description: The kind of error, as the service describes it. The text may contain
            the login ID: do not log it.
        error_message: The details from the service. The text may contain the login ID: do not log
            it.
        retry_after: The time to wait before a retry, in seconds, if the service sent one. Of a
            `TokenError`: when the keys can be fetched again for a token with an unknown key.
        request_id: Identifies the call. Give it to Descope support.
        attempts: The number of attempts, if there were any.

    Example:
        >>> import descope_ml
        >>> try:
        ...     descope_ml.magiclink_signin_sms({"loginID": "+14155550123"})
        ... except descope_ml.DescopeError as error:
        ...     print(error.name, error.outcome)
        DESCOPE_E_ARGUMENT not_sent
    """

    # The values of a class are those of its errors that are made from a message.
    status: int = 90
    name: str = "DESCOPE_E_INTERNAL"

    def __init__(self, message: str = "", document: dict[str, Any] | None = None) -> None:
        """Takes a message; or an error document, which has the message and all attributes."""
        if document is None:
            document = self._document(message)
        error: dict[str, Any] = document["error"]
        super().__init__(error["message"])
        self.args = (error["message"], _HiddenDocument(document))
        self.document = dict(document)
        self.status = error["status"]
        self.name = error["name"]
        self.message: str = error["message"]
        self.outcome: str | None = error.get("outcome")
        self.http_status: int | None = error.get("httpStatus")
        self.error_code: str | None = error.get("errorCode")
        self.error_description: str | None = error.get("errorDescription")
        self.error_message: str | None = error.get("errorMessage")
        self.retry_after: int | None = error.get("retryAfter")
        self.request_id: str | None = error.get("requestId")
        self.attempts: int | None = error.get("attempts")

    @classmethod
    def _document(cls, message: str, **members: object) -> dict[str, Any]:
        """The error document of an error that the program itself makes."""
        return {"error": {"status": cls.status, "name": cls.name, "message": message, **members}}

    def __str__(self) -> str:
        """The message."""
        return self.message

    def __repr__(self) -> str:
        """Class, name, message and outcome. No text of the service: it may contain a login ID."""
        return f"{type(self).__name__}({self.name}, {self.message!r}, outcome={self.outcome})"


class AuthException(DescopeError):  # noqa: N818 - the official name
    """The service rejected the request, or the arguments are invalid.

    Differs from the official one: `error_message` is one sentence, of the service or else of the
    library. There, it is the raw text of the response; here, the parts of that text are
    `error_code`, `error_description` and `error_message`. `str()` contains no text of the service.

    Attributes:
        status_code: The HTTP status; 400 if the request was rejected before it was sent.
        error_type: One of the `ERROR_TYPE_` constants.
        error_message: What went wrong.
    """

    status = 20
    name = "DESCOPE_E_API"
    _ERROR_TYPE: ClassVar[str] = ERROR_TYPE_SERVER_ERROR

    def __init__(
        self,
        status_code: int | str | None = None,
        error_type: str | None = None,
        error_message: str | None = None,
        document: dict[str, Any] | None = None,
        **_: object,
    ) -> None:
        """Takes the official arguments, or a message alone.

        The library itself gives an error document, which has the message and all attributes.
        Unknown keyword arguments are ignored, as in the official package.
        """
        if isinstance(status_code, str):
            status_code, error_message = None, error_message or status_code
        if document is None:
            texts = {"httpStatus": status_code, "errorMessage": error_message}
            document = self._document(error_message or "", **texts)
        super().__init__(document=document)
        self.status_code = self._default_status_code() if status_code is None else status_code
        self.error_type = self._ERROR_TYPE if error_type is None else error_type
        self.error_message = self.error_message or self.message
        # Not the `error_message` of the service, which may contain a login ID.
        self.args = (self.status_code, self.error_type, self.message, self.args[-1])

    def _default_status_code(self) -> int | None:
        return self.http_status


class RateLimitException(DescopeError):  # noqa: N818 - the official name
    """Too many requests: HTTP 429. Not an `AuthException`, as in the official package.

    Differs from the official one: `retry_after` is None if the service sent no time, and a
    `Retry-After` that is a date is converted to seconds. There, it is 0 or lost.

    Attributes:
        status_code: The error code of the service, such as `E130429`; else 429.
        error_type: `ERROR_TYPE_API_RATE_LIMIT`.
        error_description: The kind of error, as the service describes it; else the error type.
        error_message: What went wrong.
        rate_limit_parameters: `{"Retry-After": seconds}`; 0 if the service sent no time.
    """

    status = 21
    name = "DESCOPE_E_RATE_LIMITED"

    def __init__(
        self,
        status_code: int | str | None = None,
        error_type: str | None = None,
        error_description: str | None = None,
        error_message: str | None = None,
        rate_limit_parameters: dict[str, int] | None = None,
        document: dict[str, Any] | None = None,
        **_: object,
    ) -> None:
        """Takes the official arguments, or a message alone.

        The library itself gives an error document, which has the message and all attributes.
        Unknown keyword arguments are ignored, as in the official package.
        """
        if error_type is None and isinstance(status_code, str):
            status_code, error_message = None, error_message or status_code
        if document is None:
            texts = {"httpStatus": 429, "errorMessage": error_message}
            document = self._document(error_message or "", **texts)
        super().__init__(document=document)
        if rate_limit_parameters is None:
            rate_limit_parameters = {API_RATE_LIMIT_RETRY_AFTER_HEADER: self.retry_after or 0}
        self.status_code = status_code or self.error_code or self.http_status
        self.error_type = ERROR_TYPE_API_RATE_LIMIT if error_type is None else error_type
        # Not the `error_message` of the service, which may contain a login ID.
        self.args = (
            self.status_code,
            self.error_type,
            error_description,
            self.message,
            rate_limit_parameters,
            self.args[-1],
        )
        self.error_description = error_description or self.error_description or self.error_type
        self.error_message = self.error_message or self.message
        self.rate_limit_parameters = rate_limit_parameters


class ApiError(AuthException):
    """The service responded with an HTTP status other than 2xx and 429."""


class ArgumentError(AuthException):
    """The request is invalid: a field is missing, unknown or of the wrong type."""

    status = 1
    name = "DESCOPE_E_ARGUMENT"
    _ERROR_TYPE = ERROR_TYPE_INVALID_ARGUMENT

    def _default_status_code(self) -> int:
        return 400


class ConfigError(AuthException):
    """The configuration is invalid: no project ID, a bad base URL, an unreadable CA file."""

    status = 2
    name = "DESCOPE_E_CONFIG"
    _ERROR_TYPE = ERROR_TYPE_INVALID_ARGUMENT

    def _default_status_code(self) -> int:
        return 400


class TokenError(AuthException):
    """A session or refresh token is invalid: malformed, expired, or not signed by the project.

    Differs from the official one: `status_code` is the status that a server should respond with,
    401; or 400 if the token is not valid yet, as there. The official package raises 500 for most
    invalid tokens, and an error of another package for a bad signature or a wrong audience.

    Attributes:
        reason: `malformed`, `expired`, `not_yet_valid`, `bad_signature`, `unknown_key`,
            `wrong_algorithm`, `wrong_issuer`, `wrong_audience`, `not_a_session` or
            `not_a_refresh_token`.
    """

    status = 30
    name = "DESCOPE_E_TOKEN"
    _ERROR_TYPE = ERROR_TYPE_INVALID_TOKEN

    def __init__(
        self,
        status_code: int | str | None = None,
        error_type: str | None = None,
        error_message: str | None = None,
        document: dict[str, Any] | None = None,
        **_: object,
    ) -> None:
        """Takes the same arguments as `AuthException`."""
        super().__init__(status_code, error_type, error_message, document)
        self.reason: str | None = self.document["error"].get("reason")

    def _default_status_code(self) -> int:
        return 400 if self.document["error"].get("reason") == "not_yet_valid" else 401


class NetworkError(DescopeError, ConnectionError):
    """The host was not found, or the connection was refused, reset or closed."""

    status = 10
    name = "DESCOPE_E_NETWORK"


class TlsError(DescopeError, ConnectionError):
    """The TLS handshake failed, or the certificate of the server is invalid."""

    status = 11
    name = "DESCOPE_E_TLS"


class CallTimeoutError(DescopeError, TimeoutError):
    """The timeout of the call passed."""

    status = 12
    name = "DESCOPE_E_TIMEOUT"


class ProtocolError(DescopeError):
    """The response is not valid HTTP, or lacks a field that the API guarantees."""

    status = 13
    name = "DESCOPE_E_PROTOCOL"


class InternalError(DescopeError):
    """A bug in the library. Please report it."""

    status = 90
    name = "DESCOPE_E_INTERNAL"


class OutOfMemoryError(DescopeError, MemoryError):
    """There was not enough memory for the call."""

    status = 91
    name = "DESCOPE_E_MEMORY"


_ERROR_CLASSES: tuple[type[DescopeError], ...] = (
    ArgumentError,
    ConfigError,
    NetworkError,
    TlsError,
    CallTimeoutError,
    ProtocolError,
    ApiError,
    RateLimitException,
    TokenError,
    InternalError,
    OutOfMemoryError,
)
_ERROR_BY_STATUS = {error_class.status: error_class for error_class in _ERROR_CLASSES}


def value_of(outcome: tuple[int, Any]) -> Any:
    """The value of a function of the native module, which raises nothing itself.

    Args:
        outcome: A status, and the value if it is 0, else the error document.

    Raises:
        DescopeError: The status is not 0.
    """
    status, value = outcome
    if status:
        raise from_document(value)
    return value


def from_document(document: dict[str, Any] | str) -> DescopeError:
    """The exception for an error document.

    Args:
        document: The document, or its JSON text.

    Returns:
        An instance of the class for its status, or of `DescopeError` if the status is unknown.
    """
    if isinstance(document, str):
        parsed: dict[str, Any] = json.loads(document)
        document = parsed
    error_class = _ERROR_BY_STATUS.get(document["error"]["status"], DescopeError)
    return error_class(document=document)


def argument_error(message: str) -> DescopeError:
    """The exception for an invalid request."""
    return from_document(_native.argument_error(message))


def config_error(message: str) -> DescopeError:
    """The exception for an invalid configuration."""
    return from_document(_native.config_error(message))
