"""What every process of a host does: uses clients that were made when the module was imported.

The environment says which service they talk to; `HOSTS_SESSION` is a session token of its project,
and `HOSTS_NOTES` a file.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from pathlib import Path
from typing import Any

from descope_ml import DeliveryMethod, DescopeClient, DescopeClientAsync

# How many calls of the async client are under way at once.
_AT_ONCE = 4

# Where a message went, and what a session says.
Answer = tuple[str, dict[str, Any]]

_client = DescopeClient()
_client_async = DescopeClientAsync()


def perform(number: int) -> dict[str, Any]:
    """Signs in and validates a session, in a loop of its own too; who did so and what came of it.

    The login IDs say which process it was, so that the service can tell.
    """
    login_id = f"{os.getpid()}@{number}.example.com"
    sent = [_client.magiclink.sign_in(DeliveryMethod.EMAIL, login_id)]
    users = [_client.validate_session(os.environ["HOSTS_SESSION"])["sub"]]
    # Not `asyncio.run`, which takes the handler of SIGINT, by which uWSGI tells its workers to end.
    with contextlib.closing(asyncio.new_event_loop()) as loop:
        for answer, session in loop.run_until_complete(_perform_async(login_id)):
            sent.append(answer)
            users.append(session["sub"])
    return {"pid": os.getpid(), "sent": sorted(set(sent)), "users": sorted(set(users))}


def note(result: dict[str, Any]) -> None:
    """Notes what came of work that nobody has asked for."""
    with Path(os.environ["HOSTS_NOTES"]).open("a", encoding="utf-8") as notes:
        notes.write(json.dumps(result) + "\n")


async def sign_in(login_id: str) -> Answer:
    """Signs in and validates a session with the client for coroutines."""
    sent = await _client_async.magiclink.sign_in(DeliveryMethod.EMAIL, login_id)
    return sent, await _client_async.validate_session(os.environ["HOSTS_SESSION"])


async def _perform_async(login_id: str) -> list[Answer]:
    return await asyncio.gather(*(sign_in(login_id) for _ in range(_AT_ONCE)))
