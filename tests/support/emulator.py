"""Runs the emulator on a free port, and calls its own routes."""

from __future__ import annotations

import json
import ssl
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Optional
from urllib.parse import quote

from support.artefacts import artefact

# The project settings that put both tokens into cookies.
TOKENS_IN_COOKIES = {
    "session_token_response_method": "cookies",
    "refresh_token_response_method": "cookies",
}


@dataclass(frozen=True)
class Emulator:
    """A running emulator."""

    base_url: str
    project_id: str
    management_key: str
    ca_file: Optional[str]

    def config(self, host: str = "127.0.0.1", **more: Any) -> str:
        """A configuration document for a program. `host` replaces 127.0.0.1, `more` adds keys."""
        document: dict[str, Any] = {
            "projectId": self.project_id,
            "baseUrl": self.base_url.replace("127.0.0.1", host),
            "managementKey": self.management_key,
        }
        if self.ca_file:
            document["caFile"] = self.ca_file
        return json.dumps({**document, **more})

    def environment(self) -> dict[str, str]:
        """Environment variables that make a program use this emulator."""
        return {"DESCOPE_BASE_URL": self.base_url, "DESCOPE_PROJECT_ID": self.project_id}

    def post(self, path: str, body: Mapping[str, Any], key: str = "") -> Any:
        """Sends a POST request and returns the JSON of the response.

        Args:
            path: The path of the route.
            body: The request document.
            key: A management key or token for the bearer, after the project ID.
        """
        bearer = self.project_id + (f":{key}" if key else "")
        headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
        data = json.dumps(body).encode()
        return self._fetch(urllib.request.Request(self.base_url + path, data, headers))

    def messages(self, to: str) -> list[dict[str, Any]]:
        """The messages to an address, newest first. Waits up to 5 s for the first message."""
        found = self._fetch(f"{self.base_url}/_emulator/messages?to={quote(to)}&wait=5s")
        messages: list[dict[str, Any]] = found["messages"]
        return messages

    def addresses(self) -> set[str]:
        """The addresses that have got a message."""
        found = self._fetch(f"{self.base_url}/_emulator/messages")
        return {message["to"] for message in found["messages"]}

    def control(self, route: str, **body: Any) -> Any:
        """Calls a control route, which is below `/_emulator/`."""
        data = json.dumps(body).encode()
        return self._fetch(urllib.request.Request(f"{self.base_url}/_emulator/{route}", data))

    def put_random_faults(self, **body: Any) -> list[dict[str, Any]]:
        """Sets faults that meet requests at random.

        Returns:
            The faults as they appear in the log of requests.
        """
        data = json.dumps(body).encode()
        url = f"{self.base_url}/_emulator/faults/random"
        faults = self._fetch(urllib.request.Request(url, data, method="PUT"))["faults"]
        skipped = {"percent", "used"}
        return [{key: fault[key] for key in fault if key not in skipped} for fault in faults]

    def put_scanner(self, **settings: Any) -> None:
        """Turns on the scanner, which fetches delivered links."""
        data = json.dumps(settings).encode()
        url = f"{self.base_url}/_emulator/scanner"
        self._fetch(urllib.request.Request(url, data, method="PUT"))

    def scanner_fetches(self) -> list[dict[str, Any]]:
        """What the scanner fetched, newest last. Waits up to 30 s until no fetch is pending."""
        fetches = self._fetch(f"{self.base_url}/_emulator/scanner?wait=30s")["fetches"]
        assert all(fetch["state"] != "pending" for fetch in fetches)
        return list(fetches)

    def put_settings(self, **sections: Any) -> None:
        """Changes settings of the project. Each section is a dictionary."""
        data = json.dumps(sections).encode()
        url = f"{self.base_url}/_emulator/settings"
        self._fetch(urllib.request.Request(url, data, method="PUT"))

    def requests(self) -> list[dict[str, Any]]:
        """The requests so far, oldest first."""
        found = self._fetch(f"{self.base_url}/_emulator/requests")
        requests: list[dict[str, Any]] = found["requests"]
        return requests

    def sign_up(self, phone: str) -> None:
        """Creates a user who can sign in."""
        self.post("/v1/auth/magiclink/signup/sms", {"loginId": phone, "phone": phone})

    def _fetch(self, request: "urllib.request.Request | str") -> Any:
        return fetch(request, self.ca_file)


def fetch(request: "urllib.request.Request | str", ca_file: Optional[str] = None) -> Any:
    """Sends a request without a proxy, and returns the JSON of the response."""
    handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
    if ca_file:
        context = ssl.create_default_context(cafile=ca_file)
        handlers.append(urllib.request.HTTPSHandler(context=context))
    with urllib.request.build_opener(*handlers).open(request) as response:
        return json.loads(response.read())


@contextmanager
def run_emulator(*flags: str) -> Iterator[Emulator]:
    """Runs an emulator until the end of the `with` block, and checks what it prints.

    It may print how to use it, and nothing else.

    Args:
        flags: Arguments for its command line.
    """
    command = [str(artefact("DESCOPE_ML_EMULATOR")), "--port", "0", "--exit-with-stdin", *flags]
    with tempfile.TemporaryFile("w+") as stderr:
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, text=True
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline())
            url, key = ready["baseUrl"], ready["managementKey"]
            try:
                yield Emulator(url, ready["projectId"], key, ready.get("caFile"))
            finally:
                process.stdin.close()
            assert process.stdout.read() == "", (
                "the emulator wrote more than its ready line to stdout"
            )
        stderr.seek(0)
        unexpected = [line for line in stderr if not line.startswith(("# The inbox: ", "export "))]
        assert unexpected == [], "the emulator wrote more to stderr than how to use it"
