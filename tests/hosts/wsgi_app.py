"""A WSGI application that works on each request, and once when it is imported."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import work

# Where a host imports it ahead of forking, connections are open by then.
work.note(work.perform(0))


def application(_: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answers with what came of the work."""
    body = json.dumps(work.perform(1)).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response("200 OK", headers)
    return [body]
