"""A Flask application with a guarded page, whose processes share refreshes by way of Redis.

The environment has the URL of Redis, `HOSTS_REDIS`.
"""

from __future__ import annotations

import os
from typing import Any

import redis
from flask import Flask, g

import workload
from descope_ml import DescopeClient
from descope_ml.flask import DescopeAuth
from descope_ml.refresh_store import RefreshStore

# More patience than the default: the test starts hundreds of threads on a machine that is busy.
_store = RefreshStore(redis.Redis.from_url(os.environ["HOSTS_REDIS"]), timeout_seconds=30)
_auth = DescopeAuth(DescopeClient(), refresh_store=_store)

application = Flask("guarded")


@application.before_request
def _arrived() -> None:
    workload.save_result({"pid": os.getpid()})


@application.get("/")
@_auth.require_session()
def page() -> dict[str, Any]:
    """Responds with the process ID and the user."""
    return {"pid": os.getpid(), "user": g.descope_session["userId"]}
