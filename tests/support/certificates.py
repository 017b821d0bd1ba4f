"""Certificates of throw-away authorities, for servers that speak TLS."""

from __future__ import annotations

import ssl
from datetime import datetime, timedelta, timezone
from pathlib import Path

import trustme


class Certificates:
    """An authority whose file callers may trust, and one that nobody knows."""

    def __init__(self, folder: Path) -> None:
        """Makes both, and writes what callers may trust to the folder."""
        self._trusted = trustme.CA()
        self._stranger = trustme.CA()
        self.trusted_file = folder / "trusted.pem"
        self.stranger_file = folder / "stranger.pem"
        self._trusted.cert_pem.write_to_path(str(self.trusted_file))
        self._stranger.cert_pem.write_to_path(str(self.stranger_file))

    def server(self, kind: str) -> ssl.SSLContext:
        """The server's side.

        Args:
            kind: `good`, `otherName` for a certificate that is another host's, or `expired`.

        Returns:
            A context that shows a certificate of the trusted authority.
        """
        names = {"good": "127.0.0.1", "otherName": "other.example", "expired": "127.0.0.1"}
        name = names[kind]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        end = datetime.now(timezone.utc) - timedelta(days=1) if kind == "expired" else None
        self._trusted.issue_cert(name, not_after=end).configure_cert(context)
        return context
