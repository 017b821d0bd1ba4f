"""Whose each request is: by every token, link and login ID that it carries, in whatever place."""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from support.emulator import Emulator, fetch
from support.recorder import Received

_JWT = re.compile(r"eyJ[\w-]+\.([\w-]+)\.[\w-]+")
_PHONE = re.compile(r"\+1415\d{7}")


@dataclass
class Owners:
    """The users of a project, by what is theirs alone.

    Attributes:
        by_phone: User IDs by login ID.
        by_link: User IDs by the token of their link.
    """

    by_phone: Mapping[str, str]
    by_link: dict[str, str] = field(default_factory=dict)

    @classmethod
    def known_to(cls, local: Emulator) -> Owners:
        """The users that an emulator has."""
        users = fetch(f"{local.base_url}/_emulator/state")["users"]
        return cls({login_id: user["userId"] for user in users for login_id in user["loginIds"]})

    def requests(self, received: Iterable[Received], project_id: str) -> Counter[tuple[str, str]]:
        """How many requests to each path were about whom.

        Args:
            received: The requests, each of which must be about one user alone.
            project_id: What every bearer must begin with.
        """
        counted: Counter[tuple[str, str]] = Counter()
        for request in received:
            bearer = request.header("authorization") or ""
            assert bearer.split(":")[0] == f"Bearer {project_id}", request.path
            assert request.header("cookie") is None, f"{request.path}: cookies were kept and sent"
            if request.path.startswith("/v2/keys/"):
                assert (bearer.count(":"), request.body) == (0, "")
                continue
            owners = set(self._named_in(request))
            assert len(owners) == 1, f"{request.path} is about {len(owners)} users"
            counted[request.path, owners.pop()] += 1
        return counted

    def _named_in(self, request: Received) -> Iterator[str]:
        """The owner of everything in a request that is somebody's."""
        texts = [request.path, request.body, *(value for _, value in request.headers)]
        for text in texts:
            for payload in _JWT.findall(text):
                yield str(claims_in(payload)["sub"])
            for phone in _PHONE.findall(text):
                yield self.by_phone[phone]
        if request.path.endswith("/magiclink/verify"):
            yield self.by_link[json.loads(request.body)["token"]]


def claims_in(payload: str) -> dict[str, object]:
    """The claims of a token, by its middle part."""
    claims: dict[str, object] = json.loads(base64.urlsafe_b64decode(payload + "=="))
    return claims
