"""Network failures that depend on timing, which the case table cannot express."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

import pytest

from support.dns import isolated_dns_command, run_dns_server, unresponsive_port
from support.faces import SIGN_IN_SMS, Call, Face, open_face
from support.programs import assert_ok, compile_program
from support.recording_server import RecordingServer, run_server

HOST = "api.example.invalid"
FACES = ("c", "c-queue", "python", "python-asyncio", "python-trio")

# The number of calls to a server that closes connections at random delays.
CALLS = 200


def sign_in(server: RecordingServer, login_id: str = "+14155550123", **config: Any) -> Call:
    """A sign-in call to a server."""
    config = {"projectId": "P2test", "baseUrl": server.url, **config}
    return Call.of(SIGN_IN_SMS, config, {"loginId": login_id})


@pytest.mark.parametrize("name", FACES)
def test_dns_lookup_of_a_timed_out_call_serves_the_next_call(name: str, tmp_path: Path) -> None:
    """The lookup goes on after the call has timed out, and the next call uses its result."""
    with run_server() as server, run_dns_server("late") as dns:
        face = open_face(name, isolated_dns_command(tmp_path, {}, dns.address))
        config: dict[str, Any] = {"baseUrl": f"http://{HOST}:{server.port}"}
        config |= {"allowInsecureHttp": True, "timeoutMs": 5000}
        short_call = Call.of(
            SIGN_IN_SMS,
            {"projectId": "P2test", **config},
            {"loginId": "+14155550123", "timeoutMs": 400},
        )
        timed_out = face.execute(short_call)
        assert (timed_out.status, timed_out.document["error"]["outcome"]) == (12, "not_sent")
        assert server.received == []
        dns.release_responses()
        assert face.execute(sign_in(server, **config)).status == 0
        assert len(server.received) == 1
        assert dns.query_count(HOST) == 1
        face.close()


@pytest.mark.parametrize("name", FACES)
def test_a_name_server_that_fails_for_a_moment_is_asked_again(name: str, tmp_path: Path) -> None:
    """It does not count as an attempt."""
    with run_server() as server, run_dns_server("recovers") as dns, ThreadPoolExecutor() as pool:
        face = open_face(name, isolated_dns_command(tmp_path, {}, dns.address))
        config: dict[str, Any] = {"baseUrl": f"http://{HOST}:{server.port}", "maxAttempts": 1}
        config |= {"allowInsecureHttp": True, "timeoutMs": 20_000}
        call = pool.submit(face.execute, sign_in(server, **config))
        dns.wait_for_queries(HOST, 3)
        dns.release_responses()
        assert call.result().status == 0
        assert len(server.received) == 1
        face.close()


@pytest.mark.parametrize("behavior", ["broken", "silent"])
@pytest.mark.parametrize("name", FACES)
def test_a_name_server_has_until_the_deadline(name: str, behavior: str, tmp_path: Path) -> None:
    """It is not limited by the connect timeout. The error does not say that the name is wrong."""
    with run_server() as server, run_dns_server(behavior) as dns:
        face = open_face(name, isolated_dns_command(tmp_path, {}, dns.address))
        config: dict[str, Any] = {"baseUrl": f"http://{HOST}:{server.port}", "timeoutMs": 1000}
        config |= {"allowInsecureHttp": True, "connectTimeoutMs": 200, "maxAttempts": 2}
        error = face.execute(sign_in(server, **config)).document["error"]
        assert (error["name"], error["outcome"]) == ("DESCOPE_E_TIMEOUT", "not_sent")
        assert "the name server did not answer" in error["message"]
        assert "baseUrl" not in error["message"]
        assert error["attempts"] == 1
        face.close()


def test_second_address_is_tried_while_the_first_does_not_respond(tmp_path: Path) -> None:
    """Blocking calls and calls of a queue. The first attempt alone would use the whole timeout."""
    program = compile_program("c/happy_eyeballs.c", tmp_path)
    prefix = isolated_dns_command(tmp_path, {HOST: ["::1", "127.0.0.1"]})

    def config(port: int, timeout: int) -> str:
        return json.dumps(
            {
                "projectId": "P2test",
                "baseUrl": f"http://{HOST}:{port}",
                "allowInsecureHttp": True,
                "timeoutMs": timeout,
                "connectTimeoutMs": timeout,
            }
        )

    with (
        run_server() as server,
        unresponsive_port("::1", server.port),
        unresponsive_port("::1") as dead,
        unresponsive_port("127.0.0.1", dead),
    ):
        assert_ok([*prefix, program, config(server.port, 20_000), config(dead, 3_000)])
        assert (len(server.received), server.connections) == (2, 2)


@pytest.mark.parametrize("name", FACES)
def test_immediate_reset_is_a_network_error_with_the_right_outcome(
    name: str, face: Callable[[str], Face]
) -> None:
    """The reset may arrive before or after the request was sent. The outcome tells which."""
    with run_server() as server:
        server.greetings = ["reset_at_once"]
        calls = [sign_in(server, f"user-{n}@example.com", maxAttempts=1) for n in range(50)]
        errors = [face(name).execute(call).document["error"] for call in calls]
        assert {(error["name"], error["attempts"]) for error in errors} == {
            ("DESCOPE_E_NETWORK", 1)
        }
        assert {error["outcome"] for error in errors} <= {"not_sent", "unknown"}
        assert server.received == []


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize("name", FACES)
def test_no_request_is_sent_twice_if_the_server_closes_at_random(
    name: str, how: Literal["close", "reset"], face: Callable[[str], Face]
) -> None:
    """Requests of successful calls arrived exactly once, those of failed calls never."""
    delays = random.Random(7)
    with run_server() as server:
        server.script = [
            {"then": how, "pause": delays.choice([0, delays.uniform(0, 0.004)])}
            for _ in range(CALLS)
        ]
        outcomes = {
            login_id: face(name).execute(sign_in(server, login_id))
            for login_id in (f"user-{number}@example.com" for number in range(CALLS))
        }
        errors = [outcome.document["error"] for outcome in outcomes.values() if outcome.status != 0]
        reported = [(error["name"], error["outcome"], error["attempts"]) for error in errors]
        assert set(reported) <= {("DESCOPE_E_NETWORK", "unknown", 1)}
        arrived = [f'{{"loginId":"{one}"}}' for one, out in outcomes.items() if out.status == 0]
        assert [request.body for request in server.received] == arrived


def test_suspended_time_is_idle_time_of_a_connection(tmp_path: Path) -> None:
    program = compile_program("c/suspend.c", tmp_path)
    with run_server() as server:
        config = {"projectId": "P2test", "baseUrl": server.url, "idleTimeoutMs": 60_000}
        assert_ok([program, json.dumps(config)])
        assert (len(server.received), server.connections) == (4, 2)
