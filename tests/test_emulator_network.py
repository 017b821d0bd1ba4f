"""How programs elsewhere reach the emulator: over TLS, by other names, and in a container."""

from __future__ import annotations

import json
import os
import re
import socket
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml  # type: ignore[import-untyped]

from support.artefacts import artefact, tool
from support.emulator import fetch

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples" / "emulator"

# Programs that print the health of the emulator. Each one trusts only what its environment says.
CLIENTS = {
    "node": """fetch(process.env.DESCOPE_BASE_URL + "/healthz")
        .then((response) => response.text()).then(console.log);""",
    "php": """<?php echo file_get_contents(getenv("DESCOPE_BASE_URL") . "/healthz");""",
    "python": """import os, requests
print(requests.get(os.environ["DESCOPE_BASE_URL"] + "/healthz").text)""",
    "java": """import java.net.URL;
        class Health {
            public static void main(String[] args) throws Exception {
                var url = new URL(System.getenv("DESCOPE_BASE_URL") + "/healthz");
                System.out.println(new String(url.openStream().readAllBytes()));
            }
        }""",
    "curl": "",
}
FILES = {"node": "health.mjs", "php": "health.php", "python": "health.py", "java": "Health.java"}


@dataclass(frozen=True)
class Started:
    """A started emulator: its ready line, and the shell commands that it printed."""

    ready: dict[str, Any]
    exports: str


@contextmanager
def started(*flags: str) -> Iterator[Started]:
    """Runs an emulator until the end of the `with` block."""
    command = [str(artefact("DESCOPE_ML_EMULATOR")), "--exit-with-stdin", *flags]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:  # type: ignore[call-overload]
        ready = json.loads(process.stdout.readline())
        lines: list[str] = []
        while not (lines and lines[-1].startswith("export no_proxy=")):
            lines.append(process.stderr.readline())
        yield Started(ready, "".join(lines))
        process.stdin.close()


@pytest.fixture(scope="module")
def emulator() -> Iterator[Started]:
    """An emulator with TLS."""
    with started("--port", "0", "--tls", "--tls-name", "10.0.2.2", "--tls-name", "my.test") as it:
        yield it


def command(client: str, folder: Path) -> str:
    """The shell command that runs a client."""
    if client == "curl":
        return f'{tool("curl")} --silent --show-error "$DESCOPE_BASE_URL/healthz"'
    program = sys.executable if client == "python" else tool(client)
    file = folder / FILES[client]
    file.write_text(CLIENTS[client])
    return f"{program} {file}"


@pytest.mark.parametrize("client", CLIENTS)
def test_programs_trust_the_certificate_by_the_printed_commands(
    emulator: Started, client: str, tmp_path: Path
) -> None:
    script = command(client, tmp_path)
    names = ["PATH", "HOME", "PYTHONPATH"]
    environment = {name: os.environ[name] for name in names if name in os.environ}

    def run(text: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["sh", "-c", text], env=environment, capture_output=True, text=True, check=False
        )

    trusting = run(emulator.exports + script)
    assert trusting.stdout.strip() == '{"ok":true}', trusting.stderr
    url = f"export DESCOPE_BASE_URL={emulator.ready['baseUrl']}\n"
    assert "ok" not in run(url + script).stdout


def test_variables_of_java_and_php_keep_what_they_contain(
    emulator: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert re.search(r"PHP_INI_SCAN_DIR=:'/", emulator.exports)
    monkeypatch.setenv("PHP_INI_SCAN_DIR", "/etc/it's")
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-Da=b")
    with started("--port", "0", "--tls") as another:
        script = another.exports + 'printf "%s|%s" "$PHP_INI_SCAN_DIR" "$JAVA_TOOL_OPTIONS"'
        done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    php, java = done.stdout.split("|")
    assert php.startswith("/etc/it's:/")
    assert java.startswith("-Da=b -Djavax.net.ssl.trustStore=/")


def test_php_gets_the_path_of_the_ca_file_as_it_is(tmp_path: Path) -> None:
    ca_file = str(tmp_path / "it's \"my\" ${HOME} $HOME ;#=%!'.pem\\")
    code = """echo json_encode(array_map("get_cfg_var", ["openssl.cafile", "curl.cainfo"]));"""
    with started("--port", "0", "--tls", "--ca-file", ca_file) as emulator:
        script = f"{emulator.exports}{tool('php')} -r '{code}'"
        done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [ca_file, ca_file]


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", "10.0.2.2", "my.test"])
def test_certificate_has_all_names(emulator: Started, name: str) -> None:
    context = ssl.create_default_context(cafile=emulator.ready["caFile"])
    port = urlsplit(emulator.ready["baseUrl"]).port
    plain = socket.create_connection(("127.0.0.1", port or 0))
    with context.wrap_socket(plain, server_hostname=name) as stream:
        assert stream.version() == "TLSv1.3"


def test_certificate_has_no_other_name(emulator: Started) -> None:
    context = ssl.create_default_context(cafile=emulator.ready["caFile"])
    port = urlsplit(emulator.ready["baseUrl"]).port
    plain = socket.create_connection(("127.0.0.1", port or 0))
    with plain, pytest.raises(ssl.SSLCertVerificationError):
        context.wrap_socket(plain, server_hostname="other.test")


def image_arguments() -> list[str]:
    """The arguments of the emulator in the Dockerfile."""
    text = (ROOT / "emulator" / "Dockerfile").read_text().replace("\\\n", "")
    (arguments,) = re.findall(r"^CMD (\[.*\])$", text, re.MULTILINE)
    return list(json.loads(arguments))


def compose_arguments() -> list[str]:
    """The arguments of the emulator in the example of Docker Compose."""
    document = yaml.safe_load((EXAMPLES / "compose.yaml").read_text())
    return list(document["services"]["emulator"]["command"])


@pytest.mark.parametrize("arguments", [image_arguments, compose_arguments])
def test_arguments_of_a_container_work(arguments: Any) -> None:
    flags = arguments()
    flags[flags.index("8080")] = "0"
    with started(*flags) as emulator:
        url = emulator.ready["baseUrl"]
        inbox = urllib.request.Request(
            f"{url}/_emulator/messages", headers={"Host": "emulator:8080"}
        )
        assert fetch(inbox) == {"messages": []}
        assert emulator.ready["managementKey"] == "Kdevelopment"


def test_examples_agree_with_the_image_and_the_defaults() -> None:
    workflow = yaml.safe_load((EXAMPLES / "github-actions.yaml").read_text())
    compose = yaml.safe_load((EXAMPLES / "compose.yaml").read_text())["services"]
    with started("--port", "0") as emulator:
        project_id = emulator.ready["projectId"]
    for environment in (workflow["jobs"]["test"]["env"], compose["app"]["environment"]):
        assert environment["DESCOPE_PROJECT_ID"] == project_id
        assert environment["DESCOPE_MANAGEMENT_KEY"] == "Kdevelopment"
        assert environment["DESCOPE_BASE_URL"] == environment["DESCOPE_BASE_URI"]
    assert workflow["jobs"]["test"]["services"]["emulator"]["ports"] == ["8080:8080"]
    assert compose["emulator"]["ports"] == ["127.0.0.1:8080:8080"]
