"""nginx as a caching proxy that caches all it may, and ignores `Set-Cookie`, as busy sites do."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.artefacts import tool
from support.hosts import wait_until

CONFIG = """
daemon off;
{user}
pid {folder}/pid;
error_log {folder}/errors;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  proxy_cache_path {folder}/cache keys_zone=all:1m;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass {origin};
      proxy_cache all;
      proxy_cache_valid any 10m;
      proxy_ignore_headers Set-Cookie;
      add_header X-Cache $upstream_cache_status always;
    }}
  }}
}}
"""


@contextmanager
def caching_proxy(origin: str, folder: Path) -> Iterator[str]:
    """Runs nginx in front of a site until the end of the `with` block and returns its URL."""
    nginx = tool("nginx")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = folder / "nginx.conf"
    # Root's workers would be another user, to whom the folder is closed.
    user = "user root;" if os.geteuid() == 0 else ""
    text = CONFIG.format(folder=folder, port=port, origin=origin, user=user)
    config.write_text(text, encoding="utf-8")
    command = [nginx, "-p", str(folder), "-c", str(config), "-e", str(folder / "errors")]
    with subprocess.Popen(command) as process:
        try:
            wait_until(lambda: _accepts_connections(port), "nginx did not start")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _accepts_connections(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
