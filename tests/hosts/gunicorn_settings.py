"""A configuration of gunicorn. If the master has loaded the application, it makes calls as well.

The master does so before each fork and at its end.
"""

from __future__ import annotations

import sys
from typing import Any

# Versions of gunicorn without this setting ignore it.
control_socket_disable = True


def pre_fork(_server: Any, _worker: Any) -> None:
    """Makes calls in the master before a fork."""
    _run_workload(2)


def post_worker_init(worker: Any) -> None:
    """Logs that a worker is ready."""
    worker.log.info("Worker ready")


def on_exit(_server: Any) -> None:
    """Makes calls in the master after all workers have ended."""
    _run_workload(3)


def _run_workload(number: int) -> None:
    if "wsgi_app" in sys.modules:
        import workload

        workload.save_result(workload.run(number))
