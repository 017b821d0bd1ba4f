"""Where things are: the repository, what was built, and what is written."""

from __future__ import annotations

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
BENCHES = REPOSITORY / "benches"
BUILD = REPOSITORY / "build"
BENCH = BUILD / "bench"
SERVER = BENCH / "descope-ml-bench-server"
RESULTS = BENCHES / "results.json"
REPORT = BENCHES / "RESULTS.md"
CHARTS = BENCHES / "charts"


def library() -> Path:
    """The library that is measured."""
    return Path(os.environ["DESCOPE_ML_LIBRARY"])


def emulator() -> Path:
    """The local Descope."""
    return Path(os.environ["DESCOPE_ML_EMULATOR"])
