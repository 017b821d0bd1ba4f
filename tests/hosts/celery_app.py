"""A Celery application with one task. Its main process makes calls as well."""

from __future__ import annotations

import os
import warnings
from typing import Any

from celery import Celery  # type: ignore[import-untyped]
from celery.platforms import SecurityWarning  # type: ignore[import-untyped]
from celery.signals import worker_ready, worker_shutdown  # type: ignore[import-untyped]

import workload

app = Celery("celery_app", broker=os.environ["HOSTS_REDIS"], backend=os.environ["HOSTS_REDIS"])
app.conf.worker_prefetch_multiplier = 1
app.conf.worker_redirect_stdouts = False

warnings.simplefilter("ignore", SecurityWarning)  # The tests may run as root.

# So there are open connections when the pool is forked.
workload.save_result(workload.run(0))


@app.task(name="run_workload")  # type: ignore[untyped-decorator]
def run_workload() -> dict[str, Any]:
    """Makes calls in a process of the pool."""
    return workload.run(1)


@worker_ready.connect  # type: ignore[untyped-decorator]
def ready(**_: Any) -> None:
    """Makes calls in the main process once the pool runs."""
    workload.save_result(workload.run(2))


@worker_shutdown.connect  # type: ignore[untyped-decorator]
def shutdown(**_: Any) -> None:
    """Makes calls in the main process after the pool has ended."""
    workload.save_result(workload.run(3))
