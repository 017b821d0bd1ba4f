"""Exceptions: the class for each failure, the attributes, the text, and pickling."""

from __future__ import annotations

import pickle
import socket
import threading

import pytest

import descope_ml
from descope_ml import (
    API_RATE_LIMIT_RETRY_AFTER_HEADER,
    ApiError,
    AuthException,
    CallTimeoutError,
    DeliveryMethod,
    DescopeClient,
    DescopeError,
    NetworkError,
    ProtocolError,
    RateLimitException,
    TlsError,
)
from local_server import LocalServer, Reply

PHONE = "+14155550123"
BODY = {
    "errorCode": "E062108",
    "errorDescription": f"Cannot find user {PHONE}",
    "errorMessage": f"User {PHONE} not found",
}


def sign_in_error(client: DescopeClient) -> DescopeError:
    """The exception that a sign-in raises."""
    with pytest.raises(DescopeError) as caught:
        client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
    return caught.value


def test_an_api_error_has_every_key_of_the_error_document(
    client: DescopeClient, server: LocalServer
) -> None:
    server.respond_with(400, BODY, CF_Ray="ray-1", Retry_After="7")
    error = sign_in_error(client)
    assert isinstance(error, ApiError)
    assert isinstance(error, AuthException)
    assert not isinstance(error, RateLimitException)
    assert (error.status, error.name) == (20, "DESCOPE_E_API")
    assert error.http_status == error.status_code == 400
    assert error.error_type == descope_ml.ERROR_TYPE_SERVER_ERROR
    assert error.error_code == BODY["errorCode"]
    assert error.error_description == BODY["errorDescription"]
    assert error.error_message == BODY["errorMessage"]
    assert (error.retry_after, error.request_id) == (7, "ray-1")
    assert (error.outcome, error.attempts) == ("refused", 1)
    assert error.document["error"] == {
        "status": error.status,
        "name": error.name,
        "message": error.message,
        "httpStatus": error.http_status,
        **BODY,
        "retryAfter": error.retry_after,
        "requestId": error.request_id,
        "outcome": error.outcome,
        "attempts": error.attempts,
    }


def test_str_and_repr_contain_nothing_of_the_request(
    client: DescopeClient, server: LocalServer
) -> None:
    server.respond_with(400, BODY)
    error = sign_in_error(client)
    assert str(error) == error.message
    assert "E062108" in str(error)
    assert PHONE not in str(error) + repr(error) + repr(error.args)
    assert "outcome=refused" in repr(error)


def test_an_api_error_without_a_body_has_a_message(
    client: DescopeClient, server: LocalServer
) -> None:
    server.respond_with(401, "<html>")
    error = sign_in_error(client)
    assert isinstance(error, AuthException)
    assert error.status_code == 401
    assert error.error_code is None
    assert error.error_message == error.message


def test_http_429_is_a_rate_limit_exception(client: DescopeClient, server: LocalServer) -> None:
    body = {"errorCode": "E130429", "errorDescription": "Rate limit", "errorMessage": "slow down"}
    server.respond_with(429, body, Retry_After="30")
    error = sign_in_error(client)
    assert isinstance(error, RateLimitException)
    assert not isinstance(error, AuthException)
    assert (error.status, error.retry_after) == (21, 30)
    assert error.status_code == error.error_code == "E130429"
    assert error.error_type == descope_ml.ERROR_TYPE_API_RATE_LIMIT
    assert error.error_description == "Rate limit"
    assert error.error_message == "slow down"
    assert error.rate_limit_parameters == {API_RATE_LIMIT_RETRY_AFTER_HEADER: 30}


def test_http_429_without_a_body_is_a_rate_limit_exception(
    client: DescopeClient, server: LocalServer
) -> None:
    server.respond_with(429, "")
    error = sign_in_error(client)
    assert isinstance(error, RateLimitException)
    assert error.status_code == error.http_status == 429
    assert error.error_description == descope_ml.ERROR_TYPE_API_RATE_LIMIT
    assert error.error_message == error.message
    assert error.retry_after is None
    assert error.rate_limit_parameters == {API_RATE_LIMIT_RETRY_AFTER_HEADER: 0}


def test_a_refused_connection_is_a_network_error() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # Bound, but not listening: connections are refused.
        port = unused.getsockname()[1]
        error = sign_in_error(
            DescopeClient("P", base_url=f"http://127.0.0.1:{port}", max_attempts=1)
        )
    assert isinstance(error, NetworkError)
    assert isinstance(error, ConnectionError)
    assert not isinstance(error, AuthException)
    assert (error.status, error.outcome, error.attempts) == (10, "not_sent", 1)
    assert str(error) == error.message


def test_a_failed_handshake_is_a_tls_error(server: LocalServer) -> None:
    url = server.url.replace("http:", "https:")
    error = sign_in_error(DescopeClient("P", base_url=url, max_attempts=1))
    assert isinstance(error, TlsError)
    assert (error.status, error.outcome) == (11, "not_sent")


def test_a_passed_timeout_is_a_call_timeout_error(server: LocalServer) -> None:
    gone = threading.Event()

    def wait() -> Reply:
        gone.wait()
        return Reply()

    server.answer = wait
    try:
        error = sign_in_error(DescopeClient("P", base_url=server.url, timeout_seconds=1))
    finally:
        gone.set()
    assert isinstance(error, CallTimeoutError)
    assert isinstance(error, TimeoutError)
    assert (error.status, error.outcome) == (12, "unknown")


def test_an_invalid_success_response_is_a_protocol_error(
    client: DescopeClient, server: LocalServer
) -> None:
    server.respond_with(200, "<html>", CF_Ray="ray-2")
    error = sign_in_error(client)
    assert isinstance(error, ProtocolError)
    assert (error.status, error.http_status, error.request_id) == (13, 200, "ray-2")


def test_exceptions_can_be_made_with_the_official_arguments() -> None:
    error = AuthException(401, "invalid token", "expired", unknown=1)
    assert (error.status_code, error.error_type, error.error_message) == (
        401,
        descope_ml.ERROR_TYPE_INVALID_TOKEN,
        "expired",
    )
    assert (str(error), error.http_status) == ("expired", 401)
    limit = RateLimitException(
        "E130429", descope_ml.ERROR_TYPE_API_RATE_LIMIT, "d", "m", {"Retry-After": 9}
    )
    assert (limit.status_code, limit.error_description) == ("E130429", "d")
    assert (limit.error_message, limit.rate_limit_parameters) == ("m", {"Retry-After": 9})
    copied = pickle.loads(pickle.dumps(limit))
    assert vars(copied) == vars(limit)
    assert (AuthException().status_code, RateLimitException().rate_limit_parameters) == (
        None,
        {"Retry-After": 0},
    )
