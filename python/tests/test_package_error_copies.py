"""Exceptions that travel: made from a message, pickled, copied, and as results of Celery."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from celery import Celery  # type: ignore[import-untyped]

import descope_ml
from descope_ml import (
    ApiError,
    ArgumentError,
    AuthException,
    CallTimeoutError,
    ConfigError,
    DescopeClient,
    DescopeError,
    InternalError,
    NetworkError,
    OutOfMemoryError,
    ProtocolError,
    RateLimitException,
    TlsError,
    TokenError,
)
from descope_ml.errors import from_document
from local_server import LocalServer

LOGIN_ID = "ada@example.com"

# The class of each status, and the attributes of an error that is made from a message.
CLASSES: dict[int, tuple[type[DescopeError], dict[str, Any]]] = {
    1: (ArgumentError, {"status_code": 400, "error_type": "invalid argument"}),
    2: (ConfigError, {"status_code": 400, "error_type": "invalid argument"}),
    10: (NetworkError, {"name": "DESCOPE_E_NETWORK"}),
    11: (TlsError, {"name": "DESCOPE_E_TLS"}),
    12: (CallTimeoutError, {"name": "DESCOPE_E_TIMEOUT"}),
    13: (ProtocolError, {"name": "DESCOPE_E_PROTOCOL"}),
    20: (ApiError, {"status_code": None, "error_type": "server error"}),
    21: (RateLimitException, {"status_code": 429, "error_type": "API rate limit exceeded"}),
    30: (TokenError, {"status_code": 401, "error_type": "invalid token", "reason": None}),
    90: (InternalError, {"name": "DESCOPE_E_INTERNAL"}),
    91: (OutOfMemoryError, {"name": "DESCOPE_E_MEMORY"}),
}

celery = Celery(backend="cache+memory://", broker="memory://")
celery.conf.update(result_serializer="json", accept_content=["json"])


def by_celery(error: DescopeError) -> DescopeError:
    """What the caller of a task gets if the task raises an error."""
    task = celery.AsyncResult("task")
    task.forget()
    celery.backend.mark_as_failure("task", error)
    task = celery.AsyncResult("task")
    with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever it raises
        task.get(timeout=10)
    assert isinstance(caught.value, DescopeError)
    return caught.value


def by_arguments(error: DescopeError) -> DescopeError:
    """The error that its arguments make, after JSON."""
    arguments = json.loads(json.dumps(error.args))
    return type(error)(*arguments)


each_copy = pytest.mark.parametrize(
    "duplicate",
    [
        copy.copy,
        copy.deepcopy,
        lambda error: pickle.loads(pickle.dumps(error)),
        lambda error: pickle.loads(pickle.dumps(error, 2)),
        by_celery,
        by_arguments,
    ],
    ids=["copy", "deepcopy", "pickle", "pickle 2", "celery", "arguments"],
)


def check_same(other: DescopeError, error: DescopeError) -> None:
    """Checks that an error is like another one in everything."""
    assert type(other) is type(error)
    assert vars(other) == vars(error)
    assert (str(other), repr(other), other.args) == (str(error), repr(error), error.args)


def document_of(status: int, **more: Any) -> str:
    """An error document with texts of the service."""
    error = {"status": status, "name": "DESCOPE_E_X", "message": "m", "outcome": "unknown"}
    texts = {"errorDescription": f"no user {LOGIN_ID}", "errorMessage": f"{LOGIN_ID} not found"}
    return json.dumps({"error": {**error, **texts, **more}})


@each_copy
@pytest.mark.parametrize("status", [*CLASSES, 77])
def test_a_copy_of_an_error_is_like_it(
    status: int, duplicate: Callable[[DescopeError], DescopeError]
) -> None:
    error = from_document(
        document_of(status, httpStatus=429, errorCode="E1", retryAfter=3, requestId="r", attempts=2)
    )
    assert type(error) is CLASSES.get(status, (DescopeError, {}))[0]
    assert (error.error_code, error.retry_after, error.outcome) == ("E1", 3, "unknown")
    check_same(duplicate(error), error)
    # `args` may be logged.
    assert LOGIN_ID not in repr(error) + repr(error.args)


@each_copy
@pytest.mark.parametrize("reason", ["expired", "not_yet_valid"])
def test_a_copy_of_a_token_error_has_its_reason(
    reason: str, duplicate: Callable[[TokenError], TokenError]
) -> None:
    error = from_document(document_of(30, reason=reason))
    assert isinstance(error, TokenError)
    assert error.status_code == (401 if reason == "expired" else 400)
    check_same(duplicate(error), error)
    assert duplicate(error).reason == reason


@each_copy
@pytest.mark.parametrize("status", CLASSES)
def test_every_error_can_be_made_from_a_message_alone(
    status: int, duplicate: Callable[[DescopeError], DescopeError]
) -> None:
    error_class, attributes = CLASSES[status]
    error = error_class("what went wrong")
    assert (str(error), error.message, error.status) == ("what went wrong",) * 2 + (status,)
    assert (error.outcome, error.http_status) in ((None, None), (None, 429))
    assert {name: getattr(error, name) for name in attributes} == attributes
    check_same(duplicate(error), error)


def test_every_public_error_is_tested() -> None:
    public = {
        error
        for name in descope_ml.__all__
        if inspect.isclass(error := getattr(descope_ml, name)) and issubclass(error, Exception)
    }
    assert public - {tested for tested, _ in CLASSES.values()} == {DescopeError, AuthException}
    assert str(DescopeError("m")) == str(AuthException("m")) == "m"
    assert AuthException("m").error_message == "m"
    check_same(by_celery(AuthException("m")), AuthException("m"))
    check_same(by_celery(DescopeError("m")), DescopeError("m"))


@each_copy
def test_a_copy_of_an_error_with_the_official_arguments_is_like_it(
    duplicate: Callable[[DescopeError], DescopeError],
) -> None:
    for error in (
        AuthException(401, "invalid token", "expired"),
        AuthException(error_message="expired"),
        AuthException(),
        TokenError(error_message="expired"),
        RateLimitException("E130429", "API rate limit exceeded", "d", "m", {"Retry-After": 9}),
        RateLimitException(429, error_message="m"),
        RateLimitException(),
    ):
        check_same(duplicate(error), error)


@each_copy
def test_a_copy_of_the_error_of_a_call_is_like_it(
    client: DescopeClient,
    server: LocalServer,
    duplicate: Callable[[DescopeError], DescopeError],
) -> None:
    server.respond_with(400, {"errorCode": "E062108", "errorMessage": LOGIN_ID}, CF_Ray="ray-1")
    with pytest.raises(ApiError) as refused:
        client.magiclink.verify("t")
    with pytest.raises(AuthException) as missing:
        client.validate_session("")
    assert missing.value.error_type == descope_ml.ERROR_TYPE_INVALID_TOKEN
    for error in (refused.value, missing.value):
        check_same(duplicate(error), error)


def test_a_copied_error_keeps_what_the_program_has_added() -> None:
    error = NetworkError("m")
    error.custom = "kept"  # type: ignore[attr-defined]
    for other in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert vars(other)["custom"] == "kept"
        assert (other.errno, other.filename) == (None, None)
