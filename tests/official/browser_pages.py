"""Builds the pages with the browser packages, and serves them on a port of their own."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from support.artefacts import artefact, tool
from support.emulator import Emulator
from support.programs import build

SOURCES = Path(__file__).resolve().parent / "browser"

# The script of the page for each package.
SCRIPTS = {"web": "web.js", "react": "react.jsx"}


class _Handler(SimpleHTTPRequestHandler):
    """Serves files without a log."""

    def log_message(self, *_args: Any) -> None:
        """Drops the line."""


@contextmanager
def serve_pages() -> Iterator[str]:
    """Serves the pages on localhost until the end of the `with` block. The value is their URL."""
    handler = partial(_Handler, directory=str(_built_pages()))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://localhost:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def page_url(pages: str, package: str, emulator: Emulator) -> str:
    """The URL of a page that uses this emulator.

    Its host is that of the page, so that the emulator's cookies are not those of another site.
    """
    base_url = emulator.base_url.replace("127.0.0.1", "localhost")
    query = urlencode({"projectId": emulator.project_id, "baseUrl": base_url})
    return f"{pages}/{package}/?{query}"


def _built_pages() -> Path:
    """Installs the packages and bundles the pages, unless another process has done it."""
    node, npm = tool("node"), tool("npm")
    folder = artefact("DESCOPE_ML_BUILD") / "official" / "browser"
    folder.mkdir(parents=True, exist_ok=True)
    pages, stamp = folder / "pages", folder / "built"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        sources = _digest()
        if not stamp.exists() or stamp.read_text() != sources:
            shutil.copytree(SOURCES, folder, dirs_exist_ok=True)
            build([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)
            for package, script in SCRIPTS.items():
                _bundle(node, folder, script, pages / package)
            stamp.write_text(sources)
    return pages


def _bundle(node: str, folder: Path, script: str, page: Path) -> None:
    """Bundles a script and its packages into the folder of a page."""
    esbuild = [node, str(folder / "node_modules" / "esbuild" / "bin" / "esbuild")]
    production = '--define:process.env.NODE_ENV="production"'
    flags = ["--bundle", "--format=esm", "--jsx=automatic", production]
    build([*esbuild, script, *flags, f"--outfile={page / 'app.js'}"], folder)
    shutil.copy(folder / "page.html", page / "index.html")


def _digest() -> str:
    """A digest of the sources."""
    digest = hashlib.sha256()
    for file in sorted(SOURCES.iterdir()):
        digest.update(file.read_bytes())
    return digest.hexdigest()
