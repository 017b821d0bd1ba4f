"""The calls that every process of a host makes, with clients from before a fork.

The clients are created when this module is imported. The environment configures them.
`HOSTS_SESSION` is a session token of the project, and `HOSTS_RESULTS` the file for results.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from pathlib import Path
from typing import Any

from descope_ml import DeliveryMethod, DescopeClient, DescopeClientAsync

# How many calls of the async client run at the same time.
_CONCURRENT_CALLS = 4

# The masked address of a sent link, and a validated session.
SignInResult = tuple[str, dict[str, Any]]

_client = DescopeClient()
_client_async = DescopeClientAsync()


def run(number: int) -> dict[str, Any]:
    """Signs in and validates a session with both clients; the async one uses a loop of its own.

    The login ID contains the process ID, so that the service knows the process.

    Returns:
        The process ID, and the distinct masked addresses and user IDs.
    """
    login_id = f"{os.getpid()}@{number}.example.com"
    sent = [_client.magiclink.sign_in(DeliveryMethod.EMAIL, login_id)]
    users = [_client.validate_session(os.environ["HOSTS_SESSION"])["sub"]]
    # Not `asyncio.run`: it replaces the handler of SIGINT, with which uWSGI ends its workers.
    with contextlib.closing(asyncio.new_event_loop()) as loop:
        for masked_email, session in loop.run_until_complete(_run_async(login_id)):
            sent.append(masked_email)
            users.append(session["sub"])
    return {"pid": os.getpid(), "sent": sorted(set(sent)), "users": sorted(set(users))}


def save_result(result: dict[str, Any]) -> None:
    """Saves the result of calls that no request waits for."""
    with Path(os.environ["HOSTS_RESULTS"]).open("a", encoding="utf-8") as results:
        results.write(json.dumps(result) + "\n")


async def sign_in(login_id: str) -> SignInResult:
    """Signs in and validates a session with the async client."""
    sent = await _client_async.magiclink.sign_in(DeliveryMethod.EMAIL, login_id)
    return sent, await _client_async.validate_session(os.environ["HOSTS_SESSION"])


async def _run_async(login_id: str) -> list[SignInResult]:
    return await asyncio.gather(*(sign_in(login_id) for _ in range(_CONCURRENT_CALLS)))
