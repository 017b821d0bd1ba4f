"""A WSGI application for mod_wsgi: each request runs the journey of its interpreter."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from typing import Any

import interpreter_journey


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Responds with the result of the journey. The path of the request names the run."""
    path = environ["SCRIPT_NAME"] + environ["PATH_INFO"]
    result = {
        "pid": os.getpid(),
        "interpreter": environ["mod_wsgi.application_group"],
        **interpreter_journey.run(path.strip("/").replace("/", "-")),
    }
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(result).encode()]
