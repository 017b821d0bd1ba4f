"""Runs a call so that it blocks no more than it must: what waits for it depends on the program.

- A blocking call blocks its thread. If gevent or eventlet has patched `socket`, it only blocks its
  greenlet.
- An awaited call lets the event loop of asyncio or trio run.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from descope_ml.handles import Client
from descope_ml.json_codec import request_json
from descope_ml.log_bridge import call_native
from descope_ml.replaced_clock import replaced_time

if TYPE_CHECKING:
    from types import ModuleType

    from descope_ml.call_queue import StartCall


def call(
    client: Client,
    operation: str,
    request: Mapping[str, Any] | str,
    *,
    skip_none: bool = False,
) -> dict[str, Any]:
    """Makes a blocking call.

    Args:
        client: The client that makes the call.
        operation: The name of the operation, such as `magiclink/verify`.
        request: The request with the API's names, as a mapping or as JSON text.
        skip_none: Whether members that are None are not sent.

    Returns:
        The response of the service.

    Raises:
        DescopeError: The call failed.
    """
    queue = _greenlet_queue()
    if queue is None:
        return call_native(client.call, operation, request, skip_none, replaced_time())
    text = request_json(request, skip_none=skip_none)
    at = replaced_time()
    response = call_native(client.try_call_local, operation, text, at)
    if response is not None:
        return response
    result: dict[str, Any] = queue.run(_start(client, operation, text, at))
    return result


async def call_async(client: Client, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """Makes a call without blocking the event loop. Members that are None are not sent.

    A call that needs no network finishes at once.

    Args:
        client: The client that makes the call.
        operation: The name of the operation, such as `magiclink/verify`.
        request: The request with the API's names.

    Returns:
        The response of the service.

    Raises:
        DescopeError: The call failed.
    """
    # Encoded once, so that the request that was checked is the one that is sent.
    text = request_json(request, skip_none=True)
    at = replaced_time()
    response = call_native(client.try_call_local, operation, text, at)
    if response is not None:
        return response
    return await _run_async(_start(client, operation, text, at))


def warm_up(client: Client) -> None:
    """Opens a connection in advance."""
    queue = _greenlet_queue()
    if queue is None:
        call_native(client.warm_up)
    else:
        queue.run(lambda queue, ticket: queue.submit_warm_up(client, ticket))


async def warm_up_async(client: Client) -> None:
    """Opens a connection in advance, without blocking the event loop."""
    await _run_async(lambda queue, ticket: queue.submit_warm_up(client, ticket))


def _start(client: Client, operation: str, text: str, at: float | None) -> StartCall:
    return lambda queue, ticket: queue.submit(client, operation, text, ticket, at)


def _greenlet_queue() -> ModuleType | None:
    """The module for the library that has replaced blocking sockets in this program, if any."""
    modules = sys.modules
    gevent_monkey = modules.get("gevent.monkey")
    if gevent_monkey is not None and gevent_monkey.is_module_patched("socket"):
        from descope_ml import gevent_queue  # noqa: PLC0415 - only if the program uses gevent

        return gevent_queue
    eventlet_patcher = modules.get("eventlet.patcher")
    if eventlet_patcher is not None and eventlet_patcher.is_monkey_patched("socket"):
        from descope_ml import eventlet_queue  # noqa: PLC0415 - only if the program uses eventlet

        return eventlet_queue
    return None


def _is_in_trio() -> bool:
    trio = sys.modules.get("trio")
    if trio is None:
        return False
    try:
        trio.lowlevel.current_task()
    except RuntimeError:
        return False
    return True


async def _run_async(start_call: StartCall) -> dict[str, Any]:
    if _is_in_trio():
        from descope_ml import trio_queue  # noqa: PLC0415 - only if the program uses trio

        return await trio_queue.run(start_call)
    # Here, because asyncio takes longer to import than the rest of the package.
    from descope_ml import asyncio_queue  # noqa: PLC0415

    return await asyncio_queue.run(start_call)
