"""TLS servers with certificates that clients must reject, each for a reason of its own."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any, Optional

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from support.artefacts import tool


class Issuer:
    """A certificate with its private key, which can sign other certificates."""

    def __init__(
        self,
        name: str,
        issuer: Optional[Issuer] = None,
        *,
        is_ca: bool = True,
        key: Any = None,
        extensions: tuple[x509.ExtensionType, ...] = (),
    ) -> None:
        """Creates a certificate for 127.0.0.1.

        Args:
            name: The common name.
            issuer: The signer; None for a self-signed certificate.
            is_ca: Whether the certificate is one of a certificate authority.
            key: The private key; a new P-256 key by default.
            extensions: More extensions.
        """
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        signer = issuer or self
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.now(timezone.utc)
        builder = (
            x509.CertificateBuilder()
            .subject_name(self.name)
            .issuer_name(signer.name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]),
                critical=False,
            )
        )
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        algorithm = None if isinstance(signer.key, ed448.Ed448PrivateKey) else hashes.SHA256()
        self.pem = builder.sign(signer.key, algorithm).public_bytes(Encoding.PEM)

    def key_pem(self) -> bytes:
        """The private key in PEM form."""
        return bytes(self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


# The root certificate, and the server's certificate with its chain.
Chain = tuple[Issuer, list[Issuer]]


def _self_signed() -> Chain:
    return Issuer("root"), [Issuer("127.0.0.1", is_ca=False)]


def _ca_as_server() -> Chain:
    root = Issuer("root")
    return root, [Issuer("127.0.0.1", root, is_ca=True)]


def _server_as_ca() -> Chain:
    root = Issuer("root")
    middle = Issuer("not a CA", root, is_ca=False)
    return root, [Issuer("127.0.0.1", middle, is_ca=False), middle]


def _client_purpose() -> Chain:
    root = Issuer("root")
    purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    return root, [Issuer("127.0.0.1", root, is_ca=False, extensions=(purpose,))]


def _excluded_host() -> Chain:
    root = Issuer("root")
    network = x509.IPAddress(IPv4Network("127.0.0.0/8"))
    constraints = x509.NameConstraints(None, [network])
    middle = Issuer("constrained", root, extensions=(constraints,))
    return root, [Issuer("127.0.0.1", middle, is_ca=False), middle]


def _wrong_signature() -> Chain:
    root = Issuer("root")
    same_name = Issuer("root")
    return root, [Issuer("127.0.0.1", same_name, is_ca=False)]


def _unsupported_algorithm() -> Chain:
    root = Issuer("root", key=ed448.Ed448PrivateKey.generate())
    return root, [Issuer("127.0.0.1", root, is_ca=False)]


CHAINS: dict[str, Callable[[], Chain]] = {
    "self_signed": _self_signed,
    "ca_as_server": _ca_as_server,
    "server_as_ca": _server_as_ca,
    "client_purpose": _client_purpose,
    "excluded_host": _excluded_host,
    "wrong_signature": _wrong_signature,
    "unsupported_algorithm": _unsupported_algorithm,
}


def invalid_server_context(kind: str, folder: Path) -> tuple[ssl.SSLContext, Path]:
    """The TLS context of a server whose certificate is invalid.

    Args:
        kind: A key of `CHAINS`, or `version_1` for an X.509 certificate of version 1.
        folder: An empty folder for the files.

    Returns:
        The context, and the file with the root certificate.
    """
    chain_file, key_file, root_file = (folder / name for name in ("chain", "key", "root"))
    if kind == "version_1":
        root, chain = Issuer("root"), [Issuer("127.0.0.1", is_ca=False)]
    else:
        root, chain = CHAINS[kind]()
    root_file.write_bytes(root.pem)
    key_file.write_bytes(chain[0].key_pem())
    chain_file.write_bytes(b"".join(certificate.pem for certificate in chain))
    if kind == "version_1":
        _sign_version_1(root, folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain_file, key_file)
    return context, root_file


def _sign_version_1(root: Issuer, folder: Path) -> None:
    """Writes a certificate of version 1, which has no extensions, with the `openssl` tool."""
    (folder / "root.key").write_bytes(root.key_pem())
    openssl = tool("openssl")
    request = [openssl, "req", "-new", "-key", "key", "-subj", "/CN=127.0.0.1", "-out", "request"]
    sign = [openssl, "x509", "-req", "-in", "request", "-CA", "root", "-CAkey", "root.key"]
    for command in (request, [*sign, "-set_serial", "1", "-out", "chain"]):
        subprocess.run(command, cwd=folder, capture_output=True, check=True)
