"""Certificates for TLS test servers, from certificate authorities that only the tests use."""

from __future__ import annotations

import ssl
import warnings
from datetime import datetime, timedelta, timezone
from pathlib import Path

import trustme

_HOSTS = {"otherName": "other.example", "named": "api.example.invalid", "ipv6": "::1"}


class Certificates:
    """Two certificate authorities (CAs): one signs the servers, clients trust either or none."""

    def __init__(self, folder: Path) -> None:
        """Creates both CAs and writes their certificates to the folder."""
        self._server_ca = trustme.CA()
        other_ca = trustme.CA()
        self.ca_file = folder / "trusted.pem"
        self.other_ca_file = folder / "stranger.pem"
        self._server_ca.cert_pem.write_to_path(str(self.ca_file))
        # A directory as `openssl rehash` writes it.
        self.ca_directory = folder / "authorities"
        self.ca_directory.mkdir()
        self._server_ca.cert_pem.write_to_path(str(self.ca_directory / "trusted.pem"))
        (self.ca_directory / "5ed36f99.0").symlink_to("trusted.pem")
        other_ca.cert_pem.write_to_path(str(self.other_ca_file))

    def server_context(self, kind: str) -> ssl.SSLContext:
        """The TLS context of a server.

        Args:
            kind: `good`, a certificate for 127.0.0.1; `named`, one for `api.example.invalid`;
                `ipv6`, one for `::1`; `otherName`, one for another host; `expired`; `notYet`, not
                valid yet; `old` and `older`, servers that support at most TLS 1.2 and TLS 1.1;
                `chain`, as `old`, with two intermediate certificates.

        Returns:
            A context with a certificate that the server CA has signed.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._issue(kind).configure_cert(context)
        if kind in ("old", "chain"):
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        if kind == "older":
            context.set_ciphers("ALL:@SECLEVEL=0")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                context.minimum_version = ssl.TLSVersion.TLSv1
                context.maximum_version = ssl.TLSVersion.TLSv1_1
        return context

    def write_server_certificate(self, kind: str, file: Path) -> None:
        """Writes a private key and its certificate, for a program that is a server.

        Args:
            kind: As for `server_context`, without its restrictions of TLS.
            file: The PEM file.
        """
        self._issue(kind).private_key_and_cert_chain_pem.write_to_path(str(file))

    def _issue(self, kind: str) -> trustme.LeafCert:
        now = datetime.now(timezone.utc)
        start = now + timedelta(days=1) if kind == "notYet" else None
        end = now - timedelta(days=1) if kind == "expired" else None
        host = _HOSTS.get(kind, "127.0.0.1")
        issuer = self._server_ca
        for _ in range(2 if kind == "chain" else 0):
            issuer = issuer.create_child_ca()
        return issuer.issue_cert(host, not_before=start, not_after=end)
