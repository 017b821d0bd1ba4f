"""A relay in front of a server: forwards all bytes and records every request."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Optional
from urllib.parse import urlsplit

from support.recording_server import ReceivedRequest


class Relay:
    """Accepts connections on a free port and opens a connection to the server for each."""

    def __init__(self, target: str) -> None:
        """Listens. `target` is the base URL of the server."""
        self._target = urlsplit(target)
        self._received: list[ReceivedRequest] = []
        self._loop = asyncio.new_event_loop()
        self._listening = threading.Event()
        self._stop_requested: Optional[asyncio.Event] = None
        self._connections: list[asyncio.Task[None]] = []
        self.url = ""
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=[self._serve()])
        self._thread.start()
        assert self._listening.wait(30), "the relay did not start"

    @property
    def received(self) -> list[ReceivedRequest]:
        """All requests so far."""
        return list(self._received)

    def stop(self) -> None:
        """Closes all connections and stops listening."""
        assert self._stop_requested is not None
        self._loop.call_soon_threadsafe(self._stop_requested.set)
        self._thread.join()
        self._loop.close()

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0, backlog=512)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._stop_requested = (
            asyncio.Event()
        )  # Created here, so that it belongs to this loop in Python 3.9.
        self._listening.set()
        await self._stop_requested.wait()
        server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = self._loop.create_task(self._relay(reader, writer, len(self._connections)))
        self._connections.append(connection)

    async def _relay(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int
    ) -> None:
        """Forwards one connection until either side closes it."""
        from_server, to_server = await asyncio.open_connection(
            self._target.hostname, self._target.port
        )
        directions = [
            self._forward_requests(reader, to_server, number),
            _forward_responses(from_server, writer),
        ]
        tasks = [asyncio.ensure_future(direction) for direction in directions]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            to_server.close()
            writer.close()

    async def _forward_requests(
        self, reader: asyncio.StreamReader, to_server: asyncio.StreamWriter, number: int
    ) -> None:
        with suppress(asyncio.IncompleteReadError, OSError):  # One side has closed.
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                lines = head.decode("latin-1").split("\r\n")
                method, path, _ = lines[0].split(" ", 2)
                pairs = (line.partition(":") for line in lines[1:] if line)
                headers = tuple((name, value.strip()) for name, _, value in pairs)
                lengths = [value for name, value in headers if name.lower() == "content-length"]
                body = await reader.readexactly(int(lengths[0])) if lengths else b""
                self._received.append(ReceivedRequest(method, path, headers, body.decode(), number))
                to_server.write(head + body)
                await to_server.drain()


async def _forward_responses(
    from_server: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    with suppress(OSError):  # One side has closed.
        while piece := await from_server.read(1 << 16):
            writer.write(piece)
            await writer.drain()


@contextmanager
def run_relay(target: str) -> Iterator[Relay]:
    """Runs a relay until the end of the `with` block.

    Args:
        target: The base URL of the server, without TLS.
    """
    relay = Relay(target)
    try:
        yield relay
    finally:
        relay.stop()
