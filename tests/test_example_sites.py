"""The sites of examples/web, run as their README says: a user signs in, stays in, and signs out."""

from __future__ import annotations

import os
import re
import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import jwt
import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from support.artefacts import skip_or_fail, tool
from support.browser import chromium, press_button, text
from support.emulator import Emulator, run_emulator
from support.hosts import HostProgram, accepts_connections, open_listener, wait_until
from support.programs import ROOT, TIMEOUT_SECONDS, run

EXAMPLES = ROOT / "examples" / "web"
README = re.sub(r"(\$PWD/)?examples/web", str(EXAMPLES), (EXAMPLES / "README.md").read_text())
# The command of each site, by its framework; and the one that makes the database.
COMMANDS = dict(re.findall(r"^\| ([^|]*) \| .* \| `(.*)` \|$", README, re.M))
(MIGRATE,) = re.findall("^python3 (-m django migrate .*)$", README, re.M)
# The options of gunicorn for gevent, and those that they replace; and Apache with mod_wsgi.
((GEVENT, THREADS),) = re.findall("use `(--.*)` in place of `(--.*)`", README)
(APACHE,) = re.findall("^apache2 (.*)$", README, re.M)
# Every site under each server that can have it.
WSGI_SITES = [name for name, command in COMMANDS.items() if "gunicorn" in command]
SERVED = [(name, "") for name in COMMANDS]
SERVED += [(name, server) for name in WSGI_SITES for server in ("gevent", "mod_wsgi")]

MOD_WSGI = Path("/usr/lib/apache2/modules/mod_wsgi.so")
# The arguments of setpriv for a user who is not root and can read and write all files.
OTHER_USER = ["--reuid=nobody", "--clear-groups"]
OTHER_USER += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]

EMAIL, PHONE = "ada@example.com", "+14155550123"
REFRESH, LOGOUT = "/v1/auth/refresh", "/v1/auth/logout"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """One browser for all sites."""
    with chromium(tmp_path_factory.mktemp("chromium")) as driver:
        yield driver


@pytest.fixture
def local() -> Iterator[Emulator]:
    """An emulator of its own for each site."""
    with run_emulator() as running:
        yield running


def command_of(name: str, server: str, fd: int) -> list[str]:
    """The command of a site in the README, for a server that inherits its socket.

    Args:
        name: The framework.
        server: `gevent`, or nothing for the server in the table.
        fd: The descriptor of the socket.
    """
    command = COMMANDS[name].replace("--port 8000", f"--fd {fd}")
    command = command.replace("localhost:8000", f"fd://{fd}")
    if server == "gevent":
        command = command.replace(THREADS, GEVENT)
    # `exec`, so that the shell becomes the server.
    program = f"exec {sys.executable} -m "
    return ["sh", "-c", re.sub(r"^((?:\w+=\w+ )?)", rf"\1{program}", command)]


def apache_command(name: str, port: int) -> list[str]:
    """The command of a site in the README for Apache."""
    if not MOD_WSGI.exists():
        skip_or_fail("mod_wsgi is not installed")
    program, settings = f"exec {tool('apache2')}", re.match(r"\w+=\w+ ", COMMANDS[name])
    if settings is not None:
        program = f"{settings[0]}{program} -D DJANGO"
    command = ["sh", "-c", f"{program} {APACHE}".replace("PORT 8000", f"PORT {port}")]
    # If root starts it, Apache becomes another user. Here it is one who can use all files.
    return command if os.getuid() else [tool("setpriv"), *OTHER_USER, *command]


@contextmanager
def running_site(name: str, local: Emulator, folder: Path, server: str = "") -> Iterator[str]:
    """Runs a site by its command in the README, and returns its URL."""
    host = HostProgram(local.base_url, folder)
    with open_listener() as listener:
        port = listener.getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        host.environment |= {
            "DESCOPE_PROJECT_ID": local.project_id,
            "DATABASE": str(folder / "db.sqlite3"),
            "SITE_URL": url,
            "TMPDIR": str(folder),
        }
        if name == "Django REST framework":
            migrated = run([sys.executable, *shlex.split(MIGRATE)], host.environment)
            assert migrated.returncode == 0, migrated.stderr
        fds = [listener.fileno()]
        if server == "mod_wsgi":
            command, fds = apache_command(name, port), []
            listener.close()
        else:
            command = command_of(name, server, listener.fileno())
        with host.run(command, fds):
            wait_until(lambda: accepts_connections(port), "the site did not start")
            try:
                response = httpx.get(url, timeout=TIMEOUT_SECONDS, trust_env=False)
                assert ("mod_wsgi" in response.headers["Server"]) is (server == "mod_wsgi")
                response.raise_for_status()
            except httpx.HTTPError:
                pytest.fail("\n".join([host.output, *(log.read_text() for log in logs(folder))]))
            yield url


def logs(folder: Path) -> Iterator[Path]:
    """The log of Apache, if it runs."""
    return folder.glob("tmp.*/error.log")


def sign_in(browser: webdriver.Chrome, local: Emulator, site: str) -> None:
    """Asks for a link and opens it."""
    browser.delete_all_cookies()
    browser.get(site)
    browser.find_element(By.NAME, "login_id").send_keys(EMAIL)
    press_button(browser)
    assert "A link is on its way to a" in text(browser)
    browser.get(local.messages(EMAIL)[0]["link"])
    press_button(browser)


def session_token(browser: webdriver.Chrome) -> str:
    """The session token in the cookie."""
    (cookie,) = (cookie for cookie in browser.get_cookies() if cookie["name"] == "DS")
    return str(cookie["value"])


def has_expired(token: str) -> bool:
    """Whether a session token has expired by the clock of this machine."""
    claims = jwt.decode(token, options={"verify_signature": False})
    return int(claims["exp"]) < time.time()


def call_api(site: str, **headers: str) -> httpx.Response:
    """Calls the API of a site without cookies."""
    return httpx.get(f"{site}/api/me", headers=headers, trust_env=False)


def requests_to(path: str, local: Emulator) -> int:
    """How many requests the service has received for a path."""
    return [request["path"] for request in local.requests()].count(path)


@pytest.mark.parametrize(("name", "server"), SERVED)
def test_user_signs_in_stays_signed_in_and_signs_out(
    name: str, server: str, browser: webdriver.Chrome, local: Emulator, tmp_path: Path
) -> None:
    with running_site(name, local, tmp_path, server) as site:
        browser.get(f"{site}/account")
        assert "Email or phone" in text(browser)  # Whoever is not signed in gets the form.

        sign_in(browser, local, site)
        assert browser.current_url == f"{site}/account"
        user = re.search(r"You are (U\w+)\.", text(browser))
        assert user
        assert requests_to(REFRESH, local) == 0

        # Another session of the user, which is older than a session token lives.
        local.control("clock", offset="-11m")
        sign_in(browser, local, site)
        expired = session_token(browser)
        assert has_expired(expired)
        local.control("clock", offset="0s")
        refreshes = requests_to(REFRESH, local)
        browser.get(f"{site}/account")
        assert user[0] in text(browser)
        assert requests_to(REFRESH, local) == refreshes + 1
        token = session_token(browser)
        assert not has_expired(token)
        browser.refresh()
        assert user[0] in text(browser)
        assert requests_to(REFRESH, local) == refreshes + 1

        called = call_api(site, Authorization=f"Bearer {token}")
        assert (called.status_code, called.json()["userId"]) == (200, user[1])
        refused = call_api(site, Authorization=f"Bearer {expired}")
        assert refused.status_code == 401
        assert "application/json" in refused.headers["Content-Type"]

        press_button(browser)
        assert browser.current_url == f"{site}/"
        assert {cookie["name"] for cookie in browser.get_cookies()}.isdisjoint({"DS", "DSR"})
        assert requests_to(LOGOUT, local) == 1
        browser.get(f"{site}/account")
        assert "Email or phone" in text(browser)
        refused = call_api(site)
        assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize("name", COMMANDS)
def test_form_takes_phone_numbers_and_explains_errors(
    name: str, local: Emulator, tmp_path: Path
) -> None:
    with running_site(name, local, tmp_path) as site, httpx.Client(trust_env=False) as client:
        form = client.get(site).text
        fields = dict(re.findall(r'name="(csrfmiddlewaretoken)" value="(\w+)"', form))

        def submit(login_id: str) -> httpx.Response:
            return client.post(f"{site}/sign-in", data={**fields, "login_id": login_id})

        response = submit(f" {PHONE} ")
        assert response.status_code == 200
        assert "A link is on its way to +1********23." in response.text.replace("&#43;", "+")
        (message,) = local.messages(PHONE)
        assert message["link"].startswith(f"{site}/verify?t=")

        response = submit("ada@")
        assert response.status_code == 400
        assert "No link was sent: " in response.text
        assert 'name="login_id"' in response.text
