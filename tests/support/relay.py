"""A relay in front of a server: passes every byte on, and keeps each request as it went by."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Optional
from urllib.parse import urlsplit

from support.recorder import Received


class Relay:
    """Takes connections on a free port of this machine, each of which becomes one to the server."""

    def __init__(self, target: str) -> None:
        """Listens for what is to go to the server at this base URL."""
        self._target = urlsplit(target)
        self._received: list[Received] = []
        self._loop = asyncio.new_event_loop()
        self._listening = threading.Event()
        self._ended: Optional[asyncio.Event] = None
        self._taken: list[asyncio.Task[None]] = []
        self.url = ""
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=[self._serve()])
        self._thread.start()
        assert self._listening.wait(30), "the relay does not listen"

    @property
    def received(self) -> list[Received]:
        """Every request so far."""
        return list(self._received)

    def stop(self) -> None:
        """Breaks every connection and takes no more."""
        assert self._ended is not None
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()
        self._loop.close()

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._take, "127.0.0.1", 0, backlog=512)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._ended = asyncio.Event()  # Of this loop, which it would not be if made earlier.
        self._listening.set()
        await self._ended.wait()
        server.close()
        for connection in self._taken:
            connection.cancel()
        await asyncio.gather(*self._taken, return_exceptions=True)

    def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = self._loop.create_task(self._relay(reader, writer, len(self._taken)))
        self._taken.append(connection)

    async def _relay(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int
    ) -> None:
        """Serves one connection until either side ends it."""
        back, forth = await asyncio.open_connection(self._target.hostname, self._target.port)
        both = [self._requests(reader, forth, number), _answers(back, writer)]
        tasks = [asyncio.ensure_future(one) for one in both]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            forth.close()
            writer.close()

    async def _requests(
        self, reader: asyncio.StreamReader, forth: asyncio.StreamWriter, number: int
    ) -> None:
        with suppress(asyncio.IncompleteReadError, OSError):  # A side has gone.
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                lines = head.decode("latin-1").split("\r\n")
                method, path, _ = lines[0].split(" ", 2)
                pairs = (line.partition(":") for line in lines[1:] if line)
                headers = tuple((name, value.strip()) for name, _, value in pairs)
                lengths = [value for name, value in headers if name.lower() == "content-length"]
                body = await reader.readexactly(int(lengths[0])) if lengths else b""
                self._received.append(Received(method, path, headers, body.decode(), number))
                forth.write(head + body)
                await forth.drain()


async def _answers(back: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):  # A side has gone.
        while piece := await back.read(1 << 16):
            writer.write(piece)
            await writer.drain()


@contextmanager
def relaying(target: str) -> Iterator[Relay]:
    """A relay to a server for the length of a block.

    Args:
        target: The server's base URL, plain http.
    """
    relay = Relay(target)
    try:
        yield relay
    finally:
        relay.stop()
