"""A cut of the case table, for emulated platforms: few rows that show whatever rows differ in."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from support.case_table import Row, build_call, expected_results, load_rows


def rows_of_this_run() -> list[Row]:
    """All rows, or the cut if `DESCOPE_ML_CASES` says so."""
    rows = load_rows()
    return choose_rows(rows) if os.environ.get("DESCOPE_ML_CASES") == "cut" else rows


def choose_rows(rows: Sequence[Row]) -> list[Row]:
    """The rows that show something that no row before them shows.

    Args:
        rows: All rows.

    Returns:
        Rows that together have each status, outcome and reason, each operation, and each kind of
        server, proxy and environment.
    """
    seen: set[str] = set()
    chosen = []
    for row in rows:
        traits = set(_traits(row))
        if not traits <= seen:
            chosen.append(row)
            seen |= traits
    return chosen


def _traits(row: Row) -> Iterator[str]:
    """What a row shows, as texts."""
    yield f"operation {build_call(row).operation}"
    for key, value in row.items():
        # Of these the values matter: what kind of TLS, DNS or connection there is.
        yield f"{key} {value}" if key in ("tls", "names", "listen", "greetings") else key
    for response in row.get("server", []):
        yield from (f"server {key}" for key in response)
        yield f"then {response.get('then')}"
    for result in expected_results(row):
        error = result.get("error", {})
        yield f"status {result['status']}, outcome {error.get('outcome')}"
        yield from (f"error {key}" for key in error)
        yield f"reason {error.get('reason')}"
