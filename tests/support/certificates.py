"""Certificates of throw-away authorities, for servers that speak TLS."""

from __future__ import annotations

import ssl
import warnings
from datetime import datetime, timedelta, timezone
from pathlib import Path

import trustme

_NAMES = {"otherName": "other.example", "named": "api.example.invalid", "ipv6": "::1"}


class Certificates:
    """An authority whose file callers may trust, and one that nobody knows."""

    def __init__(self, folder: Path) -> None:
        """Makes both, and writes what callers may trust to the folder."""
        self._trusted = trustme.CA()
        self._stranger = trustme.CA()
        self.trusted_file = folder / "trusted.pem"
        self.stranger_file = folder / "stranger.pem"
        self._trusted.cert_pem.write_to_path(str(self.trusted_file))
        # As `openssl rehash` leaves a directory.
        self.folder = folder / "authorities"
        self.folder.mkdir()
        self._trusted.cert_pem.write_to_path(str(self.folder / "trusted.pem"))
        (self.folder / "5ed36f99.0").symlink_to("trusted.pem")
        self._stranger.cert_pem.write_to_path(str(self.stranger_file))

    def server(self, kind: str) -> ssl.SSLContext:
        """The server's side.

        Args:
            kind: `good`, `otherName` for a certificate that is another host's, `named` for one of
                `api.example.invalid`, `ipv6` for one of `::1`, `expired`, `notYet`, or `old` and
                `older` for servers that speak TLS 1.2 and 1.1 at the most.

        Returns:
            A context that shows a certificate of the trusted authority.
        """
        now = datetime.now(timezone.utc)
        name = _NAMES.get(kind, "127.0.0.1")
        start = now + timedelta(days=1) if kind == "notYet" else None
        end = now - timedelta(days=1) if kind == "expired" else None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._trusted.issue_cert(name, not_before=start, not_after=end).configure_cert(context)
        if kind == "old":
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        if kind == "older":
            context.set_ciphers("ALL:@SECLEVEL=0")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                context.minimum_version = ssl.TLSVersion.TLSv1
                context.maximum_version = ssl.TLSVersion.TLSv1_1
        return context
