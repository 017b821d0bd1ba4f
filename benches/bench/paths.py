"""Paths: the repository, the build output, and the files that the benchmark writes."""

from __future__ import annotations

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
BENCHES = REPOSITORY / "benches"
BUILD = REPOSITORY / "build"
BENCH_BUILD = BUILD / "bench"
SERVER = BENCH_BUILD / "descope-ml-bench-server"
RESULTS = BENCHES / "results.json"
REPORT = BENCHES / "RESULTS.md"
CHARTS = BENCHES / "charts"


def library() -> Path:
    """The library to measure, from the environment."""
    return Path(os.environ["DESCOPE_ML_LIBRARY"])


def emulator() -> Path:
    """The emulator's program, from the environment."""
    return Path(os.environ["DESCOPE_ML_EMULATOR"])
