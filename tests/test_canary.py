"""Real secrets, those of a whole journey: they show on the wire and in answers, nowhere else."""

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
from support.canary import MARK, planted_in, said_by
from support.emulator import Emulator, fetch
from support.relay import Relay, relaying

EMAIL = f"ada+{MARK}@example.com"
KEY = f"K2mgmt{MARK}"
AUTH_KEY = f"K2auth{MARK}"


@pytest.fixture
def project() -> Iterator[tuple[Emulator, Relay]]:
    """A project with a management key that is planted, and what goes by in front of it."""
    flags = ["--management-key", KEY]
    with emulator.running(*flags) as local, relaying(local.base_url) as relay:
        yield local, relay


def settings(local: Emulator, relay: Relay) -> dict[str, Any]:
    """What a client is made with."""
    return {
        "project_id": local.project_id,
        "base_url": relay.url,
        "management_key": KEY,
        "auth_management_key": AUTH_KEY,
        "user_agent": f"shop/{MARK}",
    }


def journey(client: Any, local: Emulator) -> "tuple[list[str], list[BaseException]]":
    """A sign-up and all that follows; the secrets that came up, and the exceptions."""
    user = {"name": f"Ada {MARK}"}
    client.magiclink.sign_up(DeliveryMethod.EMAIL, EMAIL, user=user)
    link = local.messages(EMAIL)[0]["token"]
    signed_in = client.magiclink.verify(link)
    session, refresh = (signed_in[key]["jwt"] for key in ("sessionToken", "refreshSessionToken"))
    client.me(refresh)
    again = client.refresh_session(refresh, external_token=MARK)["sessionToken"]["jwt"]
    client.mgmt.user.create_test_user(f"test-{EMAIL}", email=f"test-{EMAIL}")
    otp = client.mgmt.user.generate_magic_link_for_test_user(
        DeliveryMethod.EMAIL, f"test-{EMAIL}", ""
    )["link"].partition("?t=")[2]
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
    ]
    for fail in failing:
        with pytest.raises(descope_ml.DescopeError) as failed:
            fail()
        errors.append(failed.value)
    return [link, otp, session, refresh, again], errors


def shown(text: str, secrets: "list[str]") -> list[str]:
    """The secrets that a text shows: whole, or as much of a token as gives it away."""
    return [one for one in secrets if one in text or one[-24:] in text] + planted_in(text)


def test_a_journey_tells_its_secrets_to_the_wire_alone(
    project: tuple[Emulator, Relay],
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    local, relay = project
    caplog.set_level(logging.DEBUG)
    client = descope_ml.DescopeClient(**settings(local, relay))
    secrets, errors = journey(client, local)
    wire = "".join(f"{request.headers}{request.body}" for request in relay.received)
    link, otp, session, refresh, _ = secrets
    on_the_wire = [link, session, refresh, EMAIL, KEY, AUTH_KEY, f"shop/{MARK}"]
    assert [one for one in on_the_wire if one not in wire] == []
    assert otp
    for error in errors:
        assert shown(said_by(error), secrets) == [], type(error)
    things = [client, client.magiclink, client.mgmt, client.mgmt.user]
    assert shown(" ".join(f"{thing!r} {thing}" for thing in things), secrets) == []
    assert shown("".join(capfd.readouterr()) + caplog.text, secrets) == []


def test_the_emulators_own_account_of_requests_tells_no_secret(
    project: tuple[Emulator, Relay],
) -> None:
    local, relay = project
    secrets, _ = journey(descope_ml.DescopeClient(**settings(local, relay)), local)
    for request in local.requests():
        request["headers"].pop("user-agent")  # It is shown on purpose.
        assert shown(str(request), secrets) == [], request["path"]
    named = fetch(f"{local.base_url}/_emulator/requests?loginIds=show")
    assert [one for one in (*secrets, KEY, AUTH_KEY) if one in str(named)] == []


def test_a_coroutine_that_fails_unnoticed_tells_no_secret(
    project: tuple[Emulator, Relay], capfd: pytest.CaptureFixture[str]
) -> None:
    """What asyncio says of an exception that nobody has taken is on stderr."""
    local, relay = project

    async def fail() -> None:
        client = descope_ml.DescopeClientAsync(**settings(local, relay))
        loop = asyncio.get_running_loop()
        loop.set_debug(True)
        lost = loop.create_task(client.magiclink.sign_in(DeliveryMethod.EMAIL, f"no-{EMAIL}"))
        await asyncio.wait([lost])
        del lost

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logging, "lastResort", logging.StreamHandler(sys.stderr))
        asyncio.run(fail())
    assert shown("".join(capfd.readouterr()), []) == []


@pytest.mark.parametrize("fails", ["sign_in(DeliveryMethod.EMAIL, EMAIL)", "verify(EMAIL)"])
def test_a_program_that_dies_of_an_error_tells_no_secret(
    project: tuple[Emulator, Relay], tmp_path: Path, fails: str
) -> None:
    """The traceback of an exception that nobody catches, with warnings and faulthandler on."""
    local, relay = project
    program = tmp_path / "program.py"
    program.write_text(
        "import logging, os\n"
        "from descope_ml import DeliveryMethod, DescopeClient\n"
        "logging.basicConfig(level=logging.DEBUG)\n"
        "EMAIL = os.environ['EMAIL']\n"
        f"DescopeClient().magiclink.{fails}\n"
    )
    given = {
        **local.environment(),
        "DESCOPE_BASE_URL": relay.url,
        "DESCOPE_AUTH_MANAGEMENT_KEY": AUTH_KEY,
        "DESCOPE_MANAGEMENT_KEY": KEY,
        "EMAIL": EMAIL,
    }
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "PYTHONPATH") if key in os.environ}
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-X", "faulthandler", str(program)],
        env={**kept, **given},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "descope_ml.errors.ApiError: HTTP 4" in done.stderr
    assert planted_in(done.stdout + done.stderr) == []
