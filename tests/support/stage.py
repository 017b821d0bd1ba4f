"""What the call of a row finds around it: servers, a proxy, names, an environment of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from support.certificates import Certificates
from support.faces import Face, open_face
from support.names import NameServer, mute, name_server, surrounded
from support.proxy import Proxy, proxying
from support.recorder import Recorder, recording
from support.rows import Row, filled


@dataclass(frozen=True)
class Stage:
    """All that runs for a row; `places` names it in texts."""

    server: Recorder
    other: Recorder
    places: dict[str, str]
    proxy: Optional[Proxy] = None
    name_server: Optional[NameServer] = None

    def wait_closed(self) -> None:
        """Waits until the latest connection has been closed, all the way to who made it."""
        self.server.wait_closed(self.server.connections - 1)
        if self.proxy:
            self.proxy.wait_served()

    def check(self, row: Row) -> None:
        """Checks what each part has seen, the requests apart."""
        assert self.other.received == [], "a redirect was followed"
        assert self.other.connections == 0
        if "connections" in row:
            assert self.server.connections == row["connections"]
        if "resumed" in row:
            assert self.server.resumed == row["resumed"]
        if self.proxy:
            assert self.proxy.asked == filled(row["tunnels"], self.places)
        if self.name_server:
            assert self.name_server.was_asked_for(row["asked"])


@contextmanager
def staged(row: Row, certificates: Certificates) -> Iterator[Stage]:
    """Starts what a row needs, for the length of a block."""
    context = certificates.server(row["tls"]) if "tls" in row else None
    folder = certificates.trusted_file.parent
    with ExitStack() as parts:
        other = parts.enter_context(recording())
        server = parts.enter_context(recording(context, row.get("listen", "127.0.0.1")))
        places = {
            "SERVER": server.url,
            "PORT": str(server.port),
            "OTHER": other.url,
            "TRUSTED": str(certificates.trusted_file),
            "STRANGER": str(certificates.stranger_file),
            "AUTHORITIES": str(certificates.folder),
            "NO_FILE": str(folder / "no-file.pem"),
            "FOLDER": str(folder),
        }
        if "mute" in row:
            parts.enter_context(mute(row["mute"], server.port))
        proxy = None
        if "proxy" in row:
            proxy = parts.enter_context(proxying(server.port, row["proxy"]))
            places["PROXY"] = f"127.0.0.1:{proxy.port}"
        names = None
        if "names" in row:
            names = parts.enter_context(name_server(row["names"]))
        yield Stage(server, other, places, proxy, names)


@contextmanager
def facing(
    row: Row, name: str, face: Callable[[str], Face], stage: Stage, folder: Path
) -> Iterator[Face]:
    """The face for a row: the one that all share, or one in the surroundings that the row names."""
    prefix: Sequence[str] = ()
    environment: Optional[Mapping[str, Any]] = row.get("environment")
    if "hosts" in row or stage.name_server:
        address = stage.name_server.address if stage.name_server else "127.0.0.1"
        prefix = surrounded(folder, row.get("hosts", {}), address)
    if not prefix and environment is None:
        yield face(name)
        return
    own = open_face(name, prefix, filled(environment or {}, stage.places))
    try:
        yield own
    finally:
        own.close()
