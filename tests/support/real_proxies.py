"""Real proxy programs: microsocks, tinyproxy, and stunnel before tinyproxy."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from support.artefacts import tool
from support.certificates import Certificates
from support.hosts import wait_until
from support.programs import TIMEOUT_SECONDS

USER = "ada"
PASSWORD = "p4ss-w0rd"


@contextmanager
def run_proxies(
    certificates: Certificates, folder: Path, prefix: Sequence[str]
) -> Iterator[Mapping[str, str]]:
    """Runs one proxy of each kind until the end of the `with` block.

    Args:
        certificates: For the proxies with TLS.
        folder: An empty folder for files.
        prefix: A command that runs the proxies, so that they know host names.

    Yields:
        Host and port of each proxy: `SOCKS`, `HTTP` and `HTTPS`, which ask for no password;
        `SOCKS_AUTH`, `HTTP_AUTH` and `HTTPS_AUTH`, which do; and `HTTPS_EXPIRED` with an expired
        certificate.
    """
    credentials = ["-u", USER, "-P", PASSWORD]
    with ExitStack() as running:

        def start(command: Sequence[str], port: int) -> str:
            running.enter_context(_run([*prefix, *command], port, folder))
            return f"127.0.0.1:{port}"

        def microsocks(options: Sequence[str]) -> str:
            port = _free_port()
            address = ["-i", "127.0.0.1", "-p", str(port)]
            return start([tool("microsocks"), *address, *options], port)

        def tinyproxy(line: str) -> str:
            port = _free_port()
            file = folder / f"tinyproxy-{port}.conf"
            file.write_text(f"Listen 127.0.0.1\nPort {port}\nTimeout 60\n{line}\n")
            return start([tool("tinyproxy"), "-d", "-c", str(file)], port)

        def stunnel(kind: str, behind: str) -> str:
            port = _free_port()
            certificate, file = folder / f"{port}.pem", folder / f"stunnel-{port}.conf"
            certificates.write_server_certificate(kind, certificate)
            lines = ["foreground = yes", "pid =", "[proxy]", f"accept = 127.0.0.1:{port}"]
            lines += [f"connect = {behind}", f"cert = {certificate}"]
            file.write_text("\n".join(lines))
            return start([tool("stunnel"), str(file)], port)

        http, http_auth = tinyproxy(""), tinyproxy(f"BasicAuth {USER} {PASSWORD}")
        yield {
            "SOCKS": microsocks([]),
            "SOCKS_AUTH": microsocks(credentials),
            "HTTP": http,
            "HTTP_AUTH": http_auth,
            "HTTPS": stunnel("good", http),
            "HTTPS_AUTH": stunnel("good", http_auth),
            "HTTPS_EXPIRED": stunnel("expired", http),
        }


@contextmanager
def _run(command: Sequence[str], port: int, folder: Path) -> Iterator[None]:
    """Runs a program from when it accepts connections until the end of the `with` block."""
    log = folder / f"{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        wait_until(lambda: _accepts_connections(process, port, log), f"{command} did not start")
        yield
    finally:
        process.terminate()
        process.wait(TIMEOUT_SECONDS)


def _accepts_connections(process: "subprocess.Popen[bytes]", port: int, log: Path) -> bool:
    assert process.poll() is None, log.read_text(encoding="utf-8", errors="replace")
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port
