"""Where things are: the repository, what was built, and what is written."""

from __future__ import annotations

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
BENCHES = REPOSITORY / "benches"
BUILD = Path(os.environ.get("BENCH_BUILD", REPOSITORY / "build"))
BENCH = BUILD / "bench"
RESULTS = BENCHES / "results.json"
REPORT = BENCHES / "RESULTS.md"
CHARTS = BENCHES / "charts"


def library() -> Path:
    """The library that is measured."""
    return Path(os.environ["DESCOPE_ML_LIBRARY"])


def emulator() -> Path:
    """The local Descope."""
    return Path(os.environ["DESCOPE_ML_EMULATOR"])
