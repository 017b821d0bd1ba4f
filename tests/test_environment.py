"""Environment variables are read only for values that the configuration does not have."""

from __future__ import annotations

import json
from pathlib import Path

from support.certificates import Certificates
from support.programs import assert_ok, compile_program
from support.recording_server import run_server
from support.tokens import token_placeholders


def test_a_client_that_needs_no_variable_reads_none(
    tmp_path: Path, certificates: Certificates
) -> None:
    """Neither when it is made nor in its calls, so that another thread may change some."""
    program = compile_program("c/environment.c", tmp_path)
    with run_server(certificates.server_context("good")) as secure, run_server() as plain:
        keys = {"authManagementKey": "K1", "managementKey": "K2"}
        keys["publicKey"] = token_placeholders()["JWK"]
        complete = {"projectId": "P2test", "baseUrl": secure.url, "proxy": "none", **keys}
        complete["caFile"] = str(certificates.ca_file)
        minimal = {"projectId": "P2test", "baseUrl": plain.url}
        configs = [complete, {**minimal, "environment": False}, minimal]
        assert_ok([program, *(json.dumps(config) for config in configs)])
        assert (len(secure.received), len(plain.received)) == (1, 1)
