"""Signs a user in from C, C++ and Python with the emulator, a local Descope: `make demo`."""

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
# Variables of the caller that would change where the examples connect.
REMOVED_PREFIXES = (
    "DESCOPE_",
    "SSL_CERT_",
    "REQUESTS_CA_",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
)


def print_step(title: str, text: str = "") -> None:
    """Prints a step of the demo."""
    print(f"\n\033[1m{title}\033[0m" if sys.stdout.isatty() else f"\n{title}")
    if text:
        print(f"  {text}")


@contextmanager
def emulator(program: str) -> Iterator[dict[str, Any]]:
    """Runs the emulator on a free port until the block ends; gives its ready line."""
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
            sys.exit("the emulator did not start: run it by hand to see the error")
        try:
            yield json.loads(line)
        finally:
            process.stdin.close()


def fetch(url: str) -> Any:
    """Gets a URL of the emulator without a proxy; JSON is parsed."""
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url) as response:
        text = response.read().decode()
        return json.loads(text) if "json" in response.headers["Content-Type"] else text


def run_example(language: str, command: list[str], environment: dict[str, str]) -> str:
    """Runs an example and returns its output; exits if it fails."""
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
        sys.exit(f"the {language} example failed with exit code {done.returncode}")
    return done.stdout.strip()


def main() -> None:
    """Runs the demo."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--emulator", required=True, help="the emulator program")
    parser.add_argument("--c", required=True, help="the compiled C example")
    parser.add_argument("--cpp", required=True, help="the compiled C++ example")
    arguments = parser.parse_args()
    python = HERE.parent / "python" / "signin.py"
    commands = {
        "C": [arguments.c],
        "C++": [arguments.cpp],
        "Python": [sys.executable, str(python)],
    }
    with emulator(arguments.emulator) as ready:
        base, project = ready["baseUrl"], ready["projectId"]
        print_step("The emulator runs at", f"{base} (project {project})")
        environment = {
            k: v for k, v in os.environ.items() if not k.upper().startswith(REMOVED_PREFIXES)
        }
        environment |= {"DESCOPE_BASE_URL": base, "DESCOPE_PROJECT_ID": project}
        for language, command in commands.items():
            print_step(
                f"Sign-in by SMS from {language}",
                f"$ {' '.join([Path(command[-1]).name, LOGIN_ID])}",
            )
            print(f"  {run_example(language, [*command, LOGIN_ID], environment)}")

        inbox = fetch(f"{base}/_emulator/messages?to={quote(LOGIN_ID)}&wait=5s")["messages"]
        print_step(f"The inbox of {LOGIN_ID} has {len(inbox)} messages. The newest one:")
        print("  " + inbox[0]["text"])

        for (language, command), message in zip(commands.items(), inbox):
            print_step(f"Open a link and validate its session from {language}")
            fetch(message["link"])
            token = parse_qs(urlsplit(message["link"]).query)["t"][0]
            program = Path(command[-1])
            program = program.with_name(program.name.replace("signin", "session"))
            print(f"  {run_example(language, [*command[:-1], str(program), token], environment)}")

    print_step("To sign in an existing user of your own project:")
    for command in commands.values():
        shown = [*command[:-1], os.path.relpath(command[-1])]
        path = "PYTHONPATH=build/python " if len(command) > 1 else ""
        name = " ".join(["python3", *shown[1:]] if len(command) > 1 else shown)
        print(f"  DESCOPE_PROJECT_ID=P… DESCOPE_LOGIN_ID=+1… {path}{name}")


if __name__ == "__main__":
    main()
