"""The exceptions: one per kind of failure, each with every key of the error document.

All of them are `DescopeError`. `AuthException` and `RateLimitException` carry the official
package's attributes too, and neither is a subclass of the other, as there.
"""

from __future__ import annotations

from descope_ml import _native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
else:
    Any = object

API_RATE_LIMIT_RETRY_AFTER_HEADER = "Retry-After"
ERROR_TYPE_API_RATE_LIMIT = "API rate limit exceeded"
ERROR_TYPE_INVALID_ARGUMENT = "invalid argument"
ERROR_TYPE_INVALID_PUBLIC_KEY = "invalid public key"
ERROR_TYPE_INVALID_TOKEN = "invalid token"  # noqa: S105 - a kind of error
ERROR_TYPE_SERVER_ERROR = "server error"


class DescopeError(Exception):
    """A call that failed. `str()` is one sentence without login IDs, tokens or keys.

    Attributes:
        document: The error document, `{"error": {...}}`, as every language gets it.
        status: The number of the failure's kind, such as 20.
        name: The name of that number, such as `DESCOPE_E_API`.
        message: What went wrong and what to do, in one sentence.
        outcome: Whether a message may have been sent: `not_sent`, `refused` or `unknown`.
        http_status: The HTTP status of the last answer, where there was one.
        error_code: The service's own code, such as `E062108`.
        error_description: The service's class of problem, in words that may quote the request.
        error_message: The service's detail, in words that may quote the request.
        retry_after: After how many seconds the service wants to be asked again.
        request_id: What the service's support finds the call by.
        attempts: How many requests were tried, where any was.

    Example:
        >>> import descope_ml
        >>> try:
        ...     descope_ml.magiclink_signin_sms({"loginID": "+14155550123"})
        ... except descope_ml.DescopeError as error:
        ...     print(error.name, error.outcome)
        DESCOPE_E_ARGUMENT not_sent
    """

    def __init__(self, document: dict[str, Any]) -> None:
        """Takes everything from an error document."""
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
        """The sentence."""
        return self.message

    def __repr__(self) -> str:
        """The kind, the sentence and the outcome; no word of the service's, which may quote."""
        return f"{type(self).__name__}({self.name}, {self.message!r}, outcome={self.outcome})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Travels between processes, and through `copy`, with all its attributes."""
        return _restore, (type(self), self.document), self.__dict__


class AuthException(DescopeError):  # noqa: N818 - the official name
    """The service, or a check before the request was sent, said no.

    Differs from the official one: `error_message` is the sentence to read (the service's, else the
    library's) and not the raw text of the answer, whose parts are `error_code`,
    `error_description` and `error_message`; `str()` leaves the service's words out.

    Attributes:
        status_code: The HTTP status; 400 for what was refused before it was sent.
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
        """Takes everything from an error document or, as tests do, the official arguments."""
        if document is None:
            document = _by_hand(20, "DESCOPE_E_API", status_code, error_message)
        super().__init__(document)
        self.status_code = self.http_status if status_code is None else status_code
        self.error_type = ERROR_TYPE_SERVER_ERROR if error_type is None else error_type
        self.error_message = self.error_message or self.message


class RateLimitException(DescopeError):  # noqa: N818 - the official name
    """The service wants fewer requests: HTTP 429. Like the official one, no `AuthException`.

    Differs from the official one: `retry_after` is None where the service named no time, and a
    `Retry-After` that is a date is counted in seconds; there both are 0, or lost.

    Attributes:
        status_code: The service's code, such as `E130429`; else 429.
        error_type: `ERROR_TYPE_API_RATE_LIMIT`.
        error_description: The service's class of problem, else the error type.
        error_message: What went wrong.
        rate_limit_parameters: `{"Retry-After": seconds}`, with 0 where the service named no time.
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
        """Takes everything from an error document or, as tests do, the official arguments."""
        if document is None:
            document = _by_hand(21, "DESCOPE_E_RATE_LIMITED", 429, error_message)
        super().__init__(document)
        if rate_limit_parameters is None:
            rate_limit_parameters = {API_RATE_LIMIT_RETRY_AFTER_HEADER: self.retry_after or 0}
        self.status_code = status_code or self.error_code or self.http_status
        self.error_type = ERROR_TYPE_API_RATE_LIMIT if error_type is None else error_type
        self.error_description = error_description or self.error_description or self.error_type
        self.error_message = self.error_message or self.message
        self.rate_limit_parameters = rate_limit_parameters


class ApiError(AuthException):
    """The service answered with an HTTP status outside 2xx, 429 apart."""


class ArgumentError(AuthException):
    """The request cannot be sent: a field is missing, unknown or of the wrong type."""

    def __init__(self, document: dict[str, Any]) -> None:
        """Takes everything from an error document."""
        super().__init__(400, ERROR_TYPE_INVALID_ARGUMENT, document=document)


class ConfigError(AuthException):
    """The configuration cannot work: no project ID, a bad base URL, an unreadable CA file."""

    def __init__(self, document: dict[str, Any]) -> None:
        """Takes everything from an error document."""
        super().__init__(400, ERROR_TYPE_INVALID_ARGUMENT, document=document)


class TokenError(AuthException):
    """A session or refresh token does not hold: malformed, expired, not signed by the project.

    Differs from the official one, which raises 500 for most of these and an error of another
    package for a bad signature or a wrong audience: `status_code` is what a server should answer,
    401, or 400 for a token whose time has not come, as there.

    Attributes:
        reason: `malformed`, `expired`, `not_yet_valid`, `bad_signature`, `unknown_key`,
            `wrong_algorithm`, `wrong_issuer`, `wrong_audience`, `not_a_session` or
            `not_a_refresh_token`.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        """Takes everything from an error document."""
        self.reason: str | None = document["error"].get("reason")
        status_code = 400 if self.reason == "not_yet_valid" else 401
        super().__init__(status_code, ERROR_TYPE_INVALID_TOKEN, document=document)


class NetworkError(DescopeError, ConnectionError):
    """Name not found, or connection refused, reset or closed."""


class TlsError(DescopeError, ConnectionError):
    """The handshake or the server's certificate was refused."""


class CallTimeoutError(DescopeError, TimeoutError):
    """The deadline passed."""


class ProtocolError(DescopeError):
    """The answer is not what the API promises, or not HTTP."""


class InternalError(DescopeError):
    """A bug in the library, caught: please report it."""


_KINDS: dict[int, type[DescopeError]] = {
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
    """The exception for the text of an error document; the native module raises what this returns.

    Args:
        text: The document as JSON.

    Returns:
        An instance of the class for its status, or of `DescopeError` where there is none.
    """
    document: Any = _native.plain_value(text)
    if document is None:
        import json  # noqa: PLC0415 - few documents need it

        document = json.loads(text)
    return _restore(_KINDS.get(document["error"]["status"], DescopeError), document)


def _restore(kind: type[DescopeError], document: dict[str, Any]) -> DescopeError:
    return kind(document=document)


def _by_hand(
    status: int, name: str, http_status: object, error_message: str | None
) -> dict[str, Any]:
    error = {"status": status, "name": name, "message": error_message or ""}
    return {"error": {**error, "httpStatus": http_status, "errorMessage": error_message}}
