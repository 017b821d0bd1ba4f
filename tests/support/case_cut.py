"""A cut of the case table, for emulated platforms: few rows that show whatever rows differ in."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from support.case_table import Row, build_call, expected_results, load_rows
from support.runner import is_windows

# Rows that Windows, or wine, cannot show, and why.
_NOT_ON_WINDOWS = {
    "config-a_ca_file_that_is_a_device_is_rejected": "it has no file /dev/zero",
    "config-an_interruptible_call_succeeds": "it has no signals",
    "http_parsing-an_http_1_0_response_that_ends_with_a_reset_is_rejected": "wine reports the end",
    "proxy-an_HTTP_PROXY_that_is_not_utf8_is_reported": "variables are UTF-16",
}


def rows_of_this_run() -> list[Row]:
    """All rows that the platform can show, or the cut of them if `DESCOPE_ML_CASES` says so."""
    rows = load_rows()
    if is_windows():
        assert {row["name"] for row in rows} >= _NOT_ON_WINDOWS.keys()
        rows = [row for row in rows if row["name"] not in _NOT_ON_WINDOWS]
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
