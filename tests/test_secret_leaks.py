"""The secrets of a journey appear in requests and responses, and nowhere else."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import descope_ml
from descope_ml import DeliveryMethod
from support import emulator
from support.emulator import Emulator, fetch
from support.events import check_event
from support.relay import Relay, run_relay
from support.secret_leaks import MARK, exception_text, find_secrets

EMAIL = f"ada+{MARK}@example.com"
KEY = f"K2mgmt{MARK}"
AUTH_KEY = f"K2auth{MARK}"


@pytest.fixture
def project() -> Iterator[tuple[Emulator, Relay]]:
    """A project whose management key is a planted secret, and a relay in front of it."""
    flags = ["--management-key", KEY]
    with emulator.run_emulator(*flags) as local, run_relay(local.base_url) as relay:
        yield local, relay


def settings(local: Emulator, relay: Relay) -> dict[str, Any]:
    """The arguments of a client."""
    return {
        "project_id": local.project_id,
        "base_url": relay.url,
        "management_key": KEY,
        "auth_management_key": AUTH_KEY,
        "user_agent": f"shop/{MARK}",
    }


def journey(client: Any, local: Emulator) -> "tuple[list[str], list[BaseException]]":
    """Makes a journey and failing calls; returns the secrets that occurred and the exceptions."""
    user = {"name": f"Ada {MARK}"}
    client.magiclink.sign_up(DeliveryMethod.EMAIL, EMAIL, user=user)
    link = local.messages(EMAIL)[0]["token"]
    signed_in = client.magiclink.verify(link)
    session, refresh = (signed_in[key]["jwt"] for key in ("sessionToken", "refreshSessionToken"))
    client.me(refresh)
    refreshed = client.refresh_session(refresh, external_token=MARK)["sessionToken"]["jwt"]
    client.mgmt.user.create_test_user(f"test-{EMAIL}", email=f"test-{EMAIL}")
    otp = client.mgmt.user.generate_magic_link_for_test_user(
        DeliveryMethod.EMAIL, f"test-{EMAIL}", ""
    )["link"].partition("?t=")[2]
    embedded = client.mgmt.user.generate_embedded_link(EMAIL, {"tier": "gold"})
    created = local.post("/v1/mgmt/accesskey/create", {"name": "robot"}, key=KEY)
    access_key = created["cleartext"]
    robot = client.exchange_access_key(access_key)["sessionToken"]["jwt"]
    client.my_tenants(refresh, ids=["T1"])
    client.logout(refresh)
    errors: list[BaseException] = []
    failing: list[Callable[[], Any]] = [
        lambda: client.magiclink.verify(link),
        lambda: client.refresh_session(refresh),
        lambda: client.me(refresh),
        lambda: client.me(session),
        lambda: client.validate_session(session[:-8]),
        lambda: client.validate_session(refresh),
        lambda: client.magiclink.sign_in(DeliveryMethod.SMS, f"no-{EMAIL}"),
        lambda: client.magiclink.sign_up(DeliveryMethod.EMAIL, EMAIL),
        lambda: client.select_tenant("T1", refresh),
        lambda: client.my_tenants(refresh, True),
        lambda: client.my_tenants(refresh, True, [f"T-{MARK}"]),
        lambda: client.exchange_access_key(access_key, "app"),
        lambda: client.exchange_access_key(access_key[:-8]),
        lambda: client.exchange_access_key(f"{access_key} {MARK}"),
        lambda: client.mgmt.user.generate_embedded_link(f"no-{EMAIL}", timeout=1.5),
        lambda: client.mgmt.user.generate_sign_up_embedded_link(EMAIL, {"name": [MARK]}),
    ]
    for call in failing:
        with pytest.raises(descope_ml.DescopeError) as caught:
            call()
        errors.append(caught.value)
    return [link, otp, session, refresh, refreshed, embedded, access_key, robot], errors


def leaked(text: str, secrets: "list[str]") -> list[str]:
    """The secrets in a text: complete, or the last 24 characters of a token."""
    return [one for one in secrets if one in text or one[-24:] in text] + find_secrets(text)


def test_secrets_of_a_journey_appear_only_in_requests(
    project: tuple[Emulator, Relay],
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    local, relay = project
    caplog.set_level(logging.DEBUG)
    client = descope_ml.DescopeClient(**settings(local, relay))
    events: list[dict[str, Any]] = []
    descope_ml.set_event_handler(events.append)
    try:
        secrets, errors = journey(client, local)
    finally:
        descope_ml.set_event_handler(None)
    wire = "".join(f"{request.headers}{request.body}" for request in relay.received)
    link, otp, session, refresh, _, _, access_key, _ = secrets
    expected = [link, session, refresh, access_key, EMAIL, KEY, AUTH_KEY, f"shop/{MARK}"]
    assert [one for one in expected if one not in wire] == []
    assert otp
    for error in errors:
        assert leaked(exception_text(error), secrets) == [], type(error)
    assert {event["name"] for event in events} >= {"DESCOPE_OK", "DESCOPE_E_API", "DESCOPE_E_TOKEN"}
    for event in events:
        check_event(event)
    assert leaked(repr(events), secrets) == []
    objects = [client, client.magiclink, client.mgmt, client.mgmt.user]
    assert leaked(" ".join(f"{one!r} {one}" for one in objects), secrets) == []
    assert leaked("".join(capfd.readouterr()) + caplog.text, secrets) == []


def test_request_log_of_the_emulator_contains_no_secret(
    project: tuple[Emulator, Relay],
) -> None:
    local, relay = project
    secrets, _ = journey(descope_ml.DescopeClient(**settings(local, relay)), local)
    for request in local.requests():
        request["headers"].pop("user-agent")  # The log contains it on purpose.
        assert leaked(str(request), secrets) == [], request["path"]
    with_login_ids = fetch(f"{local.base_url}/_emulator/requests?loginIds=show")
    assert [one for one in (*secrets, KEY, AUTH_KEY) if one in str(with_login_ids)] == []


def test_unretrieved_exception_of_a_task_contains_no_secret(
    project: tuple[Emulator, Relay], capfd: pytest.CaptureFixture[str]
) -> None:
    """Asyncio writes exceptions that were never retrieved to stderr."""
    local, relay = project

    async def fail() -> None:
        client = descope_ml.DescopeClientAsync(**settings(local, relay))
        loop = asyncio.get_running_loop()
        loop.set_debug(True)
        task = loop.create_task(client.magiclink.sign_in(DeliveryMethod.EMAIL, f"no-{EMAIL}"))
        await asyncio.wait([task])
        del task

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logging, "lastResort", logging.StreamHandler(sys.stderr))
        asyncio.run(fail())
    assert leaked("".join(capfd.readouterr()), []) == []


@pytest.mark.parametrize("call", ["sign_in(DeliveryMethod.EMAIL, EMAIL)", "verify(EMAIL)"])
def test_traceback_of_a_crashed_program_contains_no_secret(
    project: tuple[Emulator, Relay], tmp_path: Path, call: str
) -> None:
    """The traceback of an uncaught exception, with warnings and faulthandler switched on."""
    local, relay = project
    program = tmp_path / "program.py"
    program.write_text(
        "import logging, os\n"
        "from descope_ml import DeliveryMethod, DescopeClient\n"
        "logging.basicConfig(level=logging.DEBUG)\n"
        "EMAIL = os.environ['EMAIL']\n"
        f"DescopeClient().magiclink.{call}\n"
    )
    environment = {
        **local.environment(),
        "DESCOPE_BASE_URL": relay.url,
        "DESCOPE_AUTH_MANAGEMENT_KEY": AUTH_KEY,
        "DESCOPE_MANAGEMENT_KEY": KEY,
        "EMAIL": EMAIL,
    }
    passed = {key: os.environ[key] for key in ("PATH", "HOME", "PYTHONPATH") if key in os.environ}
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-X", "faulthandler", str(program)],
        env={**passed, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "descope_ml.errors.ApiError: HTTP 4" in done.stderr
    assert find_secrets(done.stdout + done.stderr) == []
