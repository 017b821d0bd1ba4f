"""Signs a user in from C, C++ and Python against a local Descope; `make demo` calls it."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

HERE = Path(__file__).resolve().parent
LOGIN_ID = "+14155550123"
REAL = ("DESCOPE_", "SSL_CERT_", "REQUESTS_CA_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


def say(title: str, text: str = "") -> None:
    """Prints a step of the demo."""
    print(f"\n\033[1m{title}\033[0m" if sys.stdout.isatty() else f"\n{title}")
    if text:
        print(f"  {text}")


@contextmanager
def emulator(program: str) -> Iterator[dict[str, Any]]:
    """Runs a local Descope on a free port, for as long as the block lasts."""
    command = [program, "--port", "0", "--exit-with-stdin", "--seed", str(HERE / "users.json")]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            sys.exit("the emulator did not start: run it by hand to see why")
        try:
            yield json.loads(line)
        finally:
            process.stdin.close()


def fetch(url: str, body: object = None, project: str = "") -> Any:
    """Asks the local Descope, and returns its answer."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {project}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, data, headers)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
        text = answer.read().decode()
        return json.loads(text) if "json" in answer.headers["Content-Type"] else text


def run_example(face: str, command: list[str], environment: dict[str, str]) -> str:
    """Runs an example, and returns what it says; ends the demo if it fails."""
    done = subprocess.run(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        print(f"  {done.stdout.strip()}")
        sys.exit(f"the {face} example failed with exit code {done.returncode}")
    return done.stdout.strip()


def main() -> None:
    """Runs the demo."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--emulator", required=True, help="the emulator's program")
    parser.add_argument("--c", required=True, help="the built C example")
    parser.add_argument("--cpp", required=True, help="the built C++ example")
    arguments = parser.parse_args()
    python = HERE.parent / "python" / "signin.py"
    faces = {
        "C": [arguments.c],
        "C++": [arguments.cpp],
        "Python": [sys.executable, str(python)],
    }
    with emulator(arguments.emulator) as ready:
        base, project = ready["baseUrl"], ready["projectId"]
        say("A local Descope serves", f"{base} (project {project})")
        environment = {k: v for k, v in os.environ.items() if not k.upper().startswith(REAL)}
        environment |= {"DESCOPE_BASE_URL": base, "DESCOPE_PROJECT_ID": project}
        for face, command in faces.items():
            say(f"Sign-in by SMS from {face}", f"$ {' '.join([Path(command[-1]).name, LOGIN_ID])}")
            print(f"  {run_example(face, [*command, LOGIN_ID], environment)}")

        inbox = fetch(f"{base}/_emulator/messages?to={quote(LOGIN_ID)}&wait=5s")["messages"]
        say(f"The inbox of {LOGIN_ID} ({len(inbox)} messages; the newest)")
        print("  " + inbox[0]["text"])

        for (face, command), newest in zip(faces.items(), inbox):
            say(f"Following a link, and checking its session from {face}")
            fetch(newest["link"])
            token = parse_qs(urlsplit(newest["link"]).query)["t"][0]
            program = Path(command[-1])
            program = program.with_name(program.name.replace("signin", "session"))
            print(f"  {run_example(face, [*command[:-1], str(program), token], environment)}")

    say("The same against your own project, with a user who exists in it:")
    for command in faces.values():
        shown = [*command[:-1], os.path.relpath(command[-1])]
        path = "PYTHONPATH=build/python " if len(command) > 1 else ""
        name = " ".join(["python3", *shown[1:]] if len(command) > 1 else shown)
        print(f"  DESCOPE_PROJECT_ID=P… DESCOPE_LOGIN_ID=+1… {path}{name}")


if __name__ == "__main__":
    main()
