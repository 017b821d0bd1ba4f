"""The messages that an emulator has delivered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from descope_ml.testing.control import ControlRoutes

# The longest time that the emulator waits in one request, in seconds.
_LONGEST_WAIT: Final = 60.0


@dataclass(frozen=True)
class Message:
    """A message with a link. Its `repr` shows neither the address nor the link."""

    id: str
    """The number of the message."""
    channel: str
    """How it was sent: `sms`, `email` or `whatsapp`."""
    created_time: int
    """When it was sent, in seconds since 1970 by the emulator's clock."""
    to: str = field(repr=False)
    """The address that got it."""
    text: str = field(repr=False)
    """The text, with the link."""
    link: str = field(repr=False)
    """The link, for a browser or a test client of your application."""
    token: str = field(repr=False)
    """The token in the link, for `client.magiclink.verify`."""


class Inbox:
    """The messages of an emulator, to all addresses."""

    def __init__(self, routes: ControlRoutes) -> None:
        """Reads from this emulator."""
        self._routes = routes

    def messages(self, to: str | None = None) -> list[Message]:
        """The messages to an address, or all, newest first. It does not wait."""
        return self._list({} if to is None else {"to": to})

    def wait_for(self, to: str, timeout: float = 5.0) -> Message:
        """The newest message to an address. If there is none, waits for the first one.

        Args:
            to: The telephone number or email address.
            timeout: How long to wait, in seconds: at most 60.

        Raises:
            TimeoutError: None arrived. It says how many others did.
        """
        wait = min(max(timeout, 0.0), _LONGEST_WAIT)
        found = self._list({"to": to, "wait": f"{int(wait * 1000)}ms"}, wait)
        if not found:
            raise TimeoutError(
                f"no message to this address arrived within {wait:g} s; the inbox has "
                f"{len(self.messages())} to others"
            )
        return found[0]

    def _list(self, query: dict[str, str], wait: float = 0) -> list[Message]:
        return [_message(one) for one in self._routes.get("messages", query, wait)["messages"]]


def _message(document: dict[str, Any]) -> Message:
    return Message(
        id=str(document["id"]),
        channel=document["channel"],
        created_time=document["createdTime"],
        to=document["to"],
        text=document["text"],
        link=document["link"],
        token=document["token"],
    )
