"""A WSGI application that makes calls for each request, and once when it is imported."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import workload

# If a host imports this module before it forks, it has open connections when it forks.
workload.save_result(workload.run(0))


def application(_: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Responds with the result of the calls."""
    body = json.dumps(workload.run(1)).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response("200 OK", headers)
    return [body]
