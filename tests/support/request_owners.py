"""Finds the user of each recorded request from all tokens, links and login IDs in it."""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from support.emulator import Emulator, fetch
from support.recording_server import ReceivedRequest

_JWT = re.compile(r"eyJ[\w-]+\.([\w-]+)\.[\w-]+")
_PHONE = re.compile(r"\+1415\d{7}")


@dataclass
class RequestOwners:
    """The users of a project, by values that belong to one user alone.

    Attributes:
        by_phone: User IDs by login ID.
        by_link: User IDs by the token of their link.
    """

    by_phone: Mapping[str, str]
    by_link: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_emulator(cls, local: Emulator) -> RequestOwners:
        """The users of an emulator."""
        users = fetch(f"{local.base_url}/_emulator/state")["users"]
        return cls({login_id: user["userId"] for user in users for login_id in user["loginIds"]})

    def count_requests(
        self, received: Iterable[ReceivedRequest], project_id: str
    ) -> Counter[tuple[str, str]]:
        """How many requests each user has sent to each path.

        Args:
            received: The requests. Each must be about exactly one user.
            project_id: The project ID with which every bearer must begin.

        Returns:
            The number of requests by path and user ID. Key fetches are not counted.
        """
        counted: Counter[tuple[str, str]] = Counter()
        for request in received:
            bearer = request.header("authorization") or ""
            assert bearer.split(":")[0] == f"Bearer {project_id}", request.path
            assert request.header("cookie") is None, f"{request.path}: cookies were kept and sent"
            if request.path.startswith("/v2/keys/"):
                assert (bearer.count(":"), request.body) == (0, "")
                continue
            owners = set(self._owners_of(request))
            assert len(owners) == 1, f"{request.path} has data of {len(owners)} users"
            counted[request.path, owners.pop()] += 1
        return counted

    def _owners_of(self, request: ReceivedRequest) -> Iterator[str]:
        """The user ID for each token, link and login ID in a request."""
        texts = [request.path, request.body, *(value for _, value in request.headers)]
        for text in texts:
            for payload in _JWT.findall(text):
                yield str(decode_claims(payload)["sub"])
            for phone in _PHONE.findall(text):
                yield self.by_phone[phone]
        if request.path.endswith("/magiclink/verify"):
            yield self.by_link[json.loads(request.body)["token"]]


def decode_claims(payload: str) -> dict[str, object]:
    """The claims in the payload of a JWT."""
    claims: dict[str, object] = json.loads(base64.urlsafe_b64decode(payload + "=="))
    return claims
