"""A Celery application with one task; the process that has the pool works too."""

from __future__ import annotations

import os
import warnings
from typing import Any

from celery import Celery  # type: ignore[import-untyped]
from celery.platforms import SecurityWarning  # type: ignore[import-untyped]
from celery.signals import worker_ready, worker_shutdown  # type: ignore[import-untyped]

import work

app = Celery("tasks", broker=os.environ["HOSTS_REDIS"], backend=os.environ["HOSTS_REDIS"])
app.conf.worker_prefetch_multiplier = 1
app.conf.worker_redirect_stdouts = False

warnings.simplefilter("ignore", SecurityWarning)  # Tests may be run by root.

# Connections are open when the pool is forked off.
work.note(work.perform(0))


@app.task(name="work")  # type: ignore[untyped-decorator]
def perform() -> dict[str, Any]:
    """Works in a process of the pool."""
    return work.perform(1)


@worker_ready.connect  # type: ignore[untyped-decorator]
def ready(**_: Any) -> None:
    """Works in the first process once the pool is there."""
    work.note(work.perform(2))


@worker_shutdown.connect  # type: ignore[untyped-decorator]
def shutdown(**_: Any) -> None:
    """Works in the first process once the pool is gone."""
    work.note(work.perform(3))
