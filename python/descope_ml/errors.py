"""The exceptions: one per kind of failure, each with every key of the error document.

All are subclasses of `DescopeError`. `AuthException` and `RateLimitException` also have the
attributes of the official package. As there, neither is a subclass of the other.
"""

from __future__ import annotations

import json
from typing import Any

from descope_ml import _native

API_RATE_LIMIT_RETRY_AFTER_HEADER = "Retry-After"
ERROR_TYPE_API_RATE_LIMIT = "API rate limit exceeded"
ERROR_TYPE_INVALID_ARGUMENT = "invalid argument"
ERROR_TYPE_INVALID_PUBLIC_KEY = "invalid public key"
ERROR_TYPE_INVALID_TOKEN = "invalid token"  # noqa: S105 - a kind of error
ERROR_TYPE_SERVER_ERROR = "server error"


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

    def __init__(self, document: dict[str, Any]) -> None:
        """Takes all attributes from an error document."""
        error: dict[str, Any] = document["error"]
        super().__init__(error["message"])
        self.document = document
        self.status: int = error["status"]
        self.name: str = error["name"]
        self.message: str = error["message"]
        self.outcome: str | None = error.get("outcome")
        self.http_status: int | None = error.get("httpStatus")
        self.error_code: str | None = error.get("errorCode")
        self.error_description: str | None = error.get("errorDescription")
        self.error_message: str | None = error.get("errorMessage")
        self.retry_after: int | None = error.get("retryAfter")
        self.request_id: str | None = error.get("requestId")
        self.attempts: int | None = error.get("attempts")

    def __str__(self) -> str:
        """The message."""
        return self.message

    def __repr__(self) -> str:
        """Class, name, message and outcome. No text of the service: it may contain a login ID."""
        return f"{type(self).__name__}({self.name}, {self.message!r}, outcome={self.outcome})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickles and copies the exception with all its attributes."""
        return _rebuild, (type(self), self.document), self.__dict__


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

    def __init__(
        self,
        status_code: int | None = None,
        error_type: str | None = None,
        error_message: str | None = None,
        *,
        document: dict[str, Any] | None = None,
        **_: object,
    ) -> None:
        """Takes the official arguments. The library itself gives an error document.

        Unknown keyword arguments are ignored, as in the official package.
        """
        if document is None:
            document = _document_from_arguments(20, "DESCOPE_E_API", status_code, error_message)
        super().__init__(document)
        self.status_code = self.http_status if status_code is None else status_code
        self.error_type = ERROR_TYPE_SERVER_ERROR if error_type is None else error_type
        self.error_message = self.error_message or self.message


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

    def __init__(
        self,
        status_code: int | str | None = None,
        error_type: str | None = None,
        error_description: str | None = None,
        error_message: str | None = None,
        rate_limit_parameters: dict[str, int] | None = None,
        *,
        document: dict[str, Any] | None = None,
        **_: object,
    ) -> None:
        """Takes the official arguments. The library itself gives an error document.

        Unknown keyword arguments are ignored, as in the official package.
        """
        if document is None:
            name = "DESCOPE_E_RATE_LIMITED"
            document = _document_from_arguments(21, name, 429, error_message)
        super().__init__(document)
        if rate_limit_parameters is None:
            rate_limit_parameters = {API_RATE_LIMIT_RETRY_AFTER_HEADER: self.retry_after or 0}
        self.status_code = status_code or self.error_code or self.http_status
        self.error_type = ERROR_TYPE_API_RATE_LIMIT if error_type is None else error_type
        self.error_description = error_description or self.error_description or self.error_type
        self.error_message = self.error_message or self.message
        self.rate_limit_parameters = rate_limit_parameters


class ApiError(AuthException):
    """The service responded with an HTTP status other than 2xx and 429."""


class ArgumentError(AuthException):
    """The request is invalid: a field is missing, unknown or of the wrong type."""

    def __init__(self, document: dict[str, Any]) -> None:
        """Takes all attributes from an error document."""
        super().__init__(400, ERROR_TYPE_INVALID_ARGUMENT, document=document)


class ConfigError(AuthException):
    """The configuration is invalid: no project ID, a bad base URL, an unreadable CA file."""

    def __init__(self, document: dict[str, Any]) -> None:
        """Takes all attributes from an error document."""
        super().__init__(400, ERROR_TYPE_INVALID_ARGUMENT, document=document)


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

    def __init__(self, document: dict[str, Any]) -> None:
        """Takes all attributes from an error document."""
        self.reason: str | None = document["error"].get("reason")
        status_code = 400 if self.reason == "not_yet_valid" else 401
        super().__init__(status_code, ERROR_TYPE_INVALID_TOKEN, document=document)


class NetworkError(DescopeError, ConnectionError):
    """The host was not found, or the connection was refused, reset or closed."""


class TlsError(DescopeError, ConnectionError):
    """The TLS handshake failed, or the certificate of the server is invalid."""


class CallTimeoutError(DescopeError, TimeoutError):
    """The timeout of the call passed."""


class ProtocolError(DescopeError):
    """The response is not valid HTTP, or lacks a field that the API guarantees."""


class InternalError(DescopeError):
    """A bug in the library. Please report it."""


_ERROR_BY_STATUS: dict[int, type[DescopeError]] = {
    1: ArgumentError,
    2: ConfigError,
    10: NetworkError,
    11: TlsError,
    12: CallTimeoutError,
    13: ProtocolError,
    20: ApiError,
    21: RateLimitException,
    30: TokenError,
    90: InternalError,
}


def from_document(text: str) -> DescopeError:
    """The exception for an error document. The native module raises its result.

    Args:
        text: The document as JSON.

    Returns:
        An instance of the class for its status, or of `DescopeError` if the status is unknown.
    """
    document: Any = _native.fast_json_loads(text)
    if document is None:  # It has a value that the fast path does not read.
        document = json.loads(text)
    return _rebuild(_ERROR_BY_STATUS.get(document["error"]["status"], DescopeError), document)


def _rebuild(error_class: type[DescopeError], document: dict[str, Any]) -> DescopeError:
    return error_class(document=document)


def _document_from_arguments(
    status: int, name: str, http_status: object, error_message: str | None
) -> dict[str, Any]:
    """The error document for an exception that was made with the official arguments."""
    error = {"status": status, "name": name, "message": error_message or ""}
    return {"error": {**error, "httpStatus": http_status, "errorMessage": error_message}}
