"""A WSGI application whose requests all have one refresh token, and refresh it by way of Redis.

The environment has the URL of Redis, `HOSTS_REDIS`, and the refresh token, `HOSTS_REFRESH`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from typing import Any

import redis

import workload
from descope_ml import DescopeClient, DescopeError
from descope_ml.refresh_store import RefreshStore

_client = DescopeClient()
# More patience than the default: the test starts hundreds of threads on a machine that is busy.
_store = RefreshStore(redis.Redis.from_url(os.environ["HOSTS_REDIS"]), timeout_seconds=30)
_refresh_token = os.environ["HOSTS_REFRESH"]


def application(_: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Responds with the user, the new refresh token or the error code, and the process ID."""
    workload.save_result({"pid": os.getpid()})
    try:
        login = _store.refresh(_refresh_token, _refresh, _client.validate_session)
        result = {"user": login["userId"], "refresh": login["refreshSessionToken"]["jwt"]}
    except DescopeError as error:
        result = {"error": error.error_code}
    body = json.dumps({"pid": os.getpid(), **result}).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response("200 OK", headers)
    return [body]


def _refresh() -> dict[str, Any]:
    return _client.refresh_session(_refresh_token)
