"""A configuration of gunicorn whose master works too, where it has loaded the application.

It does so before each fork, which is after one for all workers but the first, and at its end.
"""

from __future__ import annotations

import sys
from typing import Any

# A version that does not know it leaves it alone.
control_socket_disable = True


def pre_fork(_server: Any, _worker: Any) -> None:
    """Works in the master, ahead of a fork."""
    _work(2)


def post_worker_init(worker: Any) -> None:
    """Says that a worker is ready to be told things."""
    worker.log.info("Worker ready")


def on_exit(_server: Any) -> None:
    """Works in the master, after all workers."""
    _work(3)


def _work(number: int) -> None:
    if "web" in sys.modules:
        import work

        work.note(work.perform(number))
