"""C programs whose calls share a refresh: cancelled in a queue, and forked meanwhile."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.certificates import Certificates
from support.programs import assert_ok, compile_program
from support.refresh_server import run_refresh_server
from support.tokens import token_placeholders


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(("mode", "refreshes"), [("queue", 1), ("fork", 2)])
def test_calls_with_one_refresh_token_share_a_request(
    mode: str, refreshes: int, scheme: str, tmp_path: Path, certificates: Certificates
) -> None:
    tokens = token_placeholders()
    tls = certificates.server_context("good") if scheme == "https" else None
    with run_refresh_server(tls) as server:
        config = {"projectId": "P2test", "baseUrl": server.url, "publicKey": tokens["JWK"]}
        if tls:
            config["caFile"] = str(certificates.ca_file)
        program = compile_program("c/shared_refresh.c", tmp_path)
        assert_ok([program, mode, json.dumps(config), tokens["REFRESH"]])
    assert server.refreshes == [f"Bearer P2test:{tokens['REFRESH']}"] * refreshes
