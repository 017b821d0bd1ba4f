"""Real hosts with the library inside: started, asked to work by many at once, told to end."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from support.certificates import Certificates
from support.programs import ROOT
from support.recorder import Received, Recorder, recording
from support.tokens import CLAIMS, places

FOLDER = ROOT / "tests" / "hosts"

MASKED = "a••@example.com"


@contextmanager
def service(certificates: Certificates) -> Iterator[Recorder]:
    """A service over TLS, which tells connections and TLS sessions apart."""
    with recording(certificates.server("good")) as recorder:
        # One answer for all: to a sign-in, and to who asks for the keys.
        recorder.script = [{"json": {"maskedEmail": MASKED, **json.loads(places()["ONE_KEY"])}}]
        yield recorder


def environment(service: Recorder, certificates: Certificates) -> dict[str, str]:
    """What tells a host where it finds its modules and the service, and no more."""
    kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    paths = [os.environ["PYTHONPATH"], str(FOLDER)]
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONDONTWRITEBYTECODE": "1",
        "DESCOPE_BASE_URL": service.url,
        "DESCOPE_PROJECT_ID": CLAIMS["iss"],
        "SSL_CERT_FILE": str(certificates.trusted_file),
        "HOSTS_SESSION": places()["SESSION"],
    }


def assert_all_went_well(results: Sequence[dict[str, Any]]) -> None:
    """Every result of `work.perform` is the right one."""
    wrong = [one for one in results if (one["sent"], one["users"]) != ([MASKED], [CLAIMS["sub"]])]
    assert wrong == []


def assert_nothing_is_shared(service: Recorder, processes: set[int]) -> None:
    """By the service's view: each process used connections and TLS sessions of its own alone."""
    users: dict[int, set[int]] = defaultdict(set)
    first: dict[int, Received] = {}
    for request in service.received:
        if "loginId" in request.body:
            process = int(json.loads(request.body)["loginId"].partition("@")[0])
            users[request.connection].add(process)
            if process not in first or request.connection < first[process].connection:
                first[process] = request
    assert [process for process in users.values() if len(process) > 1] == []
    assert set(first) == processes
    assert [process for process, request in first.items() if request.resumed] == []


def log_of(path: Path) -> str:
    """What a host has written to its log."""
    return path.read_text(encoding="utf-8", errors="replace")
