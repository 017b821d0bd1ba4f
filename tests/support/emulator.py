"""A local Descope for tests: started on a free port, stopped with the test."""

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


@dataclass(frozen=True)
class Emulator:
    """A running emulator."""

    base_url: str
    project_id: str
    management_key: str
    ca_file: Optional[str]

    def config(self, host: str = "127.0.0.1", **more: Any) -> str:
        """A configuration document for a program, with every key that a client can use."""
        found: dict[str, Any] = {
            "projectId": self.project_id,
            "baseUrl": self.base_url.replace("127.0.0.1", host),
            "managementKey": self.management_key,
        }
        if self.ca_file:
            found["caFile"] = self.ca_file
        return json.dumps({**found, **more})

    def environment(self) -> dict[str, str]:
        """What tells a program of any language to use it."""
        return {"DESCOPE_BASE_URL": self.base_url, "DESCOPE_PROJECT_ID": self.project_id}

    def post(self, path: str, body: Mapping[str, Any], key: str = "") -> Any:
        """Asks one of its paths, with the management key or another after the project ID."""
        bearer = self.project_id + (f":{key}" if key else "")
        headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
        data = json.dumps(body).encode()
        return self._fetch(urllib.request.Request(self.base_url + path, data, headers))

    def messages(self, to: str) -> list[dict[str, Any]]:
        """The messages to an address, newest first; waits for the first one."""
        found = self._fetch(f"{self.base_url}/_emulator/messages?to={quote(to)}&wait=5s")
        messages: list[dict[str, Any]] = found["messages"]
        return messages

    def control(self, what: str, **wanted: Any) -> Any:
        """Steers it by one of its control routes."""
        data = json.dumps(wanted).encode()
        return self._fetch(urllib.request.Request(f"{self.base_url}/_emulator/{what}", data))

    def put_random_faults(self, **wanted: Any) -> list[dict[str, Any]]:
        """Has requests meet faults by chance; the faults as requests will tell of them."""
        data = json.dumps(wanted).encode()
        url = f"{self.base_url}/_emulator/faults/random"
        faults = fetch(urllib.request.Request(url, data, method="PUT"))["faults"]
        own = {"percent", "used"}
        return [{key: fault[key] for key in fault if key not in own} for fault in faults]

    def put_settings(self, **settings: Any) -> None:
        """Changes settings of the project."""
        data = json.dumps({"settings": settings}).encode()
        self._fetch(urllib.request.Request(f"{self.base_url}/_emulator/state", data, method="PUT"))

    def requests(self) -> list[dict[str, Any]]:
        """What came in, the newest last."""
        found = self._fetch(f"{self.base_url}/_emulator/requests")
        requests: list[dict[str, Any]] = found["requests"]
        return requests

    def sign_up(self, phone: str) -> None:
        """Makes a user who can sign in."""
        self.post("/v1/auth/magiclink/signup/sms", {"loginId": phone, "phone": phone})

    def _fetch(self, request: "urllib.request.Request | str") -> Any:
        return fetch(request, self.ca_file)


def fetch(request: "urllib.request.Request | str", ca_file: Optional[str] = None) -> Any:
    """The JSON that a request is answered with; no proxy is asked."""
    handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
    if ca_file:
        context = ssl.create_default_context(cafile=ca_file)
        handlers.append(urllib.request.HTTPSHandler(context=context))
    with urllib.request.build_opener(*handlers).open(request) as answer:
        return json.loads(answer.read())


@contextmanager
def running(*flags: str) -> Iterator[Emulator]:
    """Runs an emulator for as long as the block lasts; it may say how to use it, and no more."""
    command = [str(artefact("DESCOPE_ML_EMULATOR")), "--port", "0", "--exit-with-stdin", *flags]
    with tempfile.TemporaryFile("w+") as said:
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline())
            url, key = ready["baseUrl"], ready["managementKey"]
            try:
                yield Emulator(url, ready["projectId"], key, ready.get("caFile"))
            finally:
                process.stdin.close()
            assert process.stdout.read() == "", "the emulator went on to write to stdout"
        said.seek(0)
        more = [line for line in said if not line.startswith(("# The inbox: ", "export "))]
        assert more == [], "the emulator says more on stderr than how to use it"
