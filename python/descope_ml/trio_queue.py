"""Calls under trio, also by way of anyio."""

from __future__ import annotations

from typing import Any

import outcome
import trio

from descope_ml.call_queue import CallQueue, StartCall


# Ctrl-C between the two steps, start and wait, would leave a call that nobody waits for.
@trio.lowlevel.enable_ki_protection
async def run(start_call: StartCall) -> dict[str, Any]:
    """Runs a call. If the task is cancelled or the coroutine is closed, the call is cancelled."""
    try:
        queue = _QUEUE.get()
    except LookupError:
        queue = _TrioQueue()
        _QUEUE.set(queue)
        trio.lowlevel.spawn_system_task(queue.watch)
    ticket = queue.start(start_call, trio.lowlevel.current_task())

    def abort(_: object) -> trio.lowlevel.Abort:
        queue.cancel(ticket)
        return trio.lowlevel.Abort.SUCCEEDED

    try:
        response: dict[str, Any] = await trio.lowlevel.wait_task_rescheduled(abort)
    except BaseException:
        queue.cancel(ticket)
        raise
    return response


class _TrioQueue(CallQueue[trio.lowlevel.Task]):
    """The calls of one `trio.run`."""

    async def watch(self) -> None:
        """Continues the calls until the end of `trio.run`."""
        while True:
            await trio.lowlevel.wait_readable(self.native.fileno())
            self.take()

    def deliver(
        self,
        waiter: trio.lowlevel.Task,
        response: dict[str, Any] | None,
        error: BaseException | None,
    ) -> None:
        result = outcome.Value(response) if error is None else outcome.Error(error)
        trio.lowlevel.reschedule(waiter, result)


_QUEUE: trio.lowlevel.RunVar[_TrioQueue] = trio.lowlevel.RunVar("descope_ml")
