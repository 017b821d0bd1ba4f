"""Blocking calls in greenlets: while a call waits, other greenlets run. For gevent and eventlet."""

from __future__ import annotations

import os
import weakref
from typing import Any, TypeVar, cast

from descope_ml.call_queue import CallQueue, StartCall, call_of_the_parent

W = TypeVar("W")

Result = tuple["dict[str, Any] | None", "BaseException | None"]
"""The response and the exception of a call. One of them is None."""


class GreenletQueue(CallQueue[W]):
    """The calls of one hub, which is one thread. A subclass says how its greenlets wait.

    A greenlet continues the calls. Another one follows it before handlers of log lines and events
    run: they may wait, or make calls themselves.
    """

    # The greenlet that waits for the descriptor has this object. None: there is none.
    _watch: object = None
    _hands_over = False

    @classmethod
    def run(cls, start_call: StartCall) -> dict[str, Any]:
        """Runs a call in the current greenlet. If the greenlet is killed, the call is cancelled."""
        hub = cls.current_hub()
        queue = _QUEUES.get(hub)
        if queue is None:
            queue = _QUEUES[hub] = cls()
        return queue.run_call(start_call)

    def run_call(self, start_call: StartCall) -> dict[str, Any]:
        """Runs a call in the current greenlet."""
        waiter = self.new_waiter()
        ticket = self.start(start_call, waiter)
        try:
            self.watch()
            response, error = self.wait_for(waiter)
        except BaseException:
            if ticket in self.waiting:
                self._give_up(ticket)
            raise
        if error is None:
            return cast("dict[str, Any]", response)
        try:
            raise error
        finally:
            # Else the error refers to itself: by its traceback, this frame and these variables.
            del waiter, error

    def watch(self) -> None:
        """Makes sure that a greenlet continues the calls."""
        if self._watch is None:
            self.spawn_watcher()
            self._watch = object()

    def continue_calls(self) -> None:
        """What the greenlet does that continues the calls: it waits once."""
        watch = self._watch
        try:
            self.wait_readable()
            self._hands_over = True
            self.take()
        except Exception as error:  # noqa: BLE001 - the callers must not wait for ever
            self.fail_all(error)
        finally:
            # The greenlet was killed while it waited.
            if self._watch is watch:
                self._hand_over()

    def leave_to_parent(self) -> None:
        """In a forked child: the parent continues the calls, so they fail here."""
        self.fail_all(call_of_the_parent())
        if self._watch is not None:
            self.stop_watcher()

    def _take_and_deliver(self) -> None:
        super()._take_and_deliver()
        if self._hands_over:
            self._hand_over()

    def _hand_over(self) -> None:
        self._hands_over = False
        self._watch = None
        if self.waiting:
            self.watch()

    def _give_up(self, ticket: int) -> None:
        self.cancel(ticket)
        # At once, for the log: if this is the main greenlet, the hub may not run again.
        self.take()
        # Nothing is left to read. The greenlet that waits for it has to notice that it may end.
        self.native.wake()

    @staticmethod
    def current_hub() -> object:
        """The hub of this thread."""
        raise NotImplementedError

    def new_waiter(self) -> W:
        """What a greenlet waits with."""
        raise NotImplementedError

    def wait_for(self, waiter: W) -> Result:
        """Lets the current greenlet wait for its result, and returns that."""
        raise NotImplementedError

    def spawn_watcher(self) -> None:
        """Starts a greenlet that runs `continue_calls`."""
        raise NotImplementedError

    def stop_watcher(self) -> None:
        """Ends that greenlet in a forked child, where it waits for a descriptor of the parent."""
        raise NotImplementedError

    def wait_readable(self) -> None:
        """Lets the current greenlet wait until the descriptor of the queue is readable."""
        raise NotImplementedError


_QUEUES: weakref.WeakKeyDictionary[object, GreenletQueue[Any]] = weakref.WeakKeyDictionary()


def _leave_calls_to_parent() -> None:
    """A forked child has copies of the greenlets of the thread that forked, and of no others."""
    for hub, queue in list(_QUEUES.items()):
        if queue.current_hub() is hub:
            del _QUEUES[hub]
            queue.leave_to_parent()


os.register_at_fork(after_in_child=_leave_calls_to_parent)
