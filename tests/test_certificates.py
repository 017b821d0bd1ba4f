"""Certificate files as people have them: which servers they let a client trust."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, Optional

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from support.faces import SIGN_IN_SMS, Call, open_face
from support.recording_server import run_server

FACES = ("c", "python")
ADDRESS = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
OTHER_ADDRESS = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.2"))])
OWN_NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
CA_NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CA")])
TLS_ERROR = 11
CONFIG_ERROR = 2

Key = ec.EllipticCurvePrivateKey


def new_key() -> Key:
    """A private key."""
    return ec.generate_private_key(ec.SECP256R1())


def certificate(
    key: Key,
    *,
    signer: Optional[Key] = None,
    is_ca: Optional[bool] = True,
    names: Optional[x509.SubjectAlternativeName] = ADDRESS,
    days: int = 1,
    name: x509.Name = OWN_NAME,
) -> x509.Certificate:
    """A certificate for 127.0.0.1, as `openssl req -x509` makes it.

    Args:
        key: Its private key.
        signer: The key that signs it; its own by default.
        is_ca: Whether it is one of a certificate authority; None if it does not say.
        names: Its subjectAltName, if any.
        days: After how many days it expires.
        name: Its subject.
    """
    now = datetime.now(timezone.utc)
    issuer = name if signer is None else CA_NAME
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=days))
    )
    if is_ca is not None:
        constraints = x509.BasicConstraints(ca=is_ca, path_length=None)
        builder = builder.add_extension(constraints, critical=True)
    if names is not None:
        builder = builder.add_extension(names, critical=False)
    return builder.sign(signer or key, hashes.SHA256())


def pem(shown: x509.Certificate) -> bytes:
    """The certificate in PEM form."""
    return shown.public_bytes(Encoding.PEM)


class Trial:
    """A server, and clients in every face that trust what is in a file."""

    def __init__(self, folder: Path) -> None:
        """Uses an empty folder."""
        self._folder = folder
        self.ca_file = folder / "trusted"

    @contextmanager
    def _server(self, key: Key, shown: x509.Certificate) -> Iterator[str]:
        chain_file, key_file = self._folder / "chain", self._folder / "key"
        chain_file.write_bytes(pem(shown))
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        key_file.write_bytes(private)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain_file, key_file)
        with run_server(context) as server:
            yield server.url

    def sign_in(self, key: Key, shown: x509.Certificate, trusted: bytes) -> tuple[int, str]:
        """The status and the message of a sign-in, which are the same in every face."""
        self.ca_file.write_bytes(trusted)
        with self._server(key, shown) as url:
            config = {"projectId": "P2test", "baseUrl": url, "caFile": str(self.ca_file)}
            call = Call.of(SIGN_IN_SMS, config, {"loginId": "+14155550123"})
            found = [self._result(name, call) for name in FACES]
        assert found[0] == found[1]
        return found[0]

    @staticmethod
    def _result(name: str, call: Call) -> tuple[int, str]:
        face = open_face(name)
        result = face.execute(call)
        face.close()
        error: dict[str, Any] = result.document.get("error", {})
        return result.status, error.get("message", "")


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    """A trial in a folder of its own."""
    return Trial(tmp_path)


@pytest.mark.parametrize("is_ca", [True, False, None])
def test_a_self_signed_certificate_in_the_ca_file_is_trusted(
    trial: Trial, is_ca: Optional[bool]
) -> None:
    """Also if it says that it is one of a certificate authority."""
    key = new_key()
    shown = certificate(key, is_ca=is_ca)
    assert trial.sign_in(key, shown, pem(shown)) == (0, "")


@pytest.mark.parametrize("is_ca", [True, False])
def test_a_certificate_in_the_ca_file_is_trusted_without_its_issuer(
    trial: Trial, is_ca: bool
) -> None:
    key = new_key()
    shown = certificate(key, signer=new_key(), is_ca=is_ca)
    assert trial.sign_in(key, shown, pem(shown)) == (0, "")


def test_a_certificate_that_signs_no_others_is_trusted_for_itself_only(trial: Trial) -> None:
    """Whoever has its private key cannot make certificates for other names."""
    trusted_key, key = new_key(), new_key()
    trusted = certificate(trusted_key, is_ca=False, names=OTHER_ADDRESS, name=CA_NAME)
    shown = certificate(key, signer=trusted_key, is_ca=False)
    status, message = trial.sign_in(key, shown, pem(trusted))
    assert status == TLS_ERROR
    assert "certificate authority" in message


def test_another_certificate_for_the_same_key_is_not_trusted(trial: Trial) -> None:
    key = new_key()
    shown, trusted = (certificate(key, signer=new_key()) for _ in range(2))
    status, message = trial.sign_in(key, shown, pem(trusted))
    assert status == TLS_ERROR
    assert "certificate authority" in message


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"days": -1}, "has expired"),
        ({"names": OTHER_ADDRESS}, "not valid for this host name"),
        ({"names": None}, "no subjectAltName"),
    ],
    ids=["expired", "another name", "common name only"],
)
def test_dates_and_name_of_a_trusted_certificate_are_checked(
    trial: Trial, options: dict[str, Any], words: str
) -> None:
    key = new_key()
    shown = certificate(key, **options)
    status, message = trial.sign_in(key, shown, pem(shown))
    assert status == TLS_ERROR
    assert words in message


def test_a_certificate_is_not_trusted_without_its_private_key(trial: Trial) -> None:
    """Somebody who only copies it can show it, and sign nothing."""
    key = new_key()
    trusted = certificate(new_key())
    own = certificate(key)
    assert trial.sign_in(key, own, pem(trusted))[0] == TLS_ERROR


@pytest.mark.parametrize(
    "write",
    [
        lambda shown: b"\xef\xbb\xbf" + pem(shown),
        lambda shown: shown.public_bytes(Encoding.DER),
        lambda shown: pem(shown).replace(b" CERTIFICATE", b" TRUSTED CERTIFICATE"),
        lambda shown: b"Some CA\r\n" + pem(shown).replace(b"\n", b"\r\n"),
    ],
    ids=["byte order mark", "DER", "trusted certificate", "text and CRLF"],
)
def test_files_in_other_forms_are_read(
    trial: Trial, write: Callable[[x509.Certificate], bytes]
) -> None:
    key = new_key()
    shown = certificate(key)
    assert trial.sign_in(key, shown, write(shown)) == (0, "")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is empty"),
        ("-----BEGIN CERTIFICATE-----".encode("utf-16"), "UTF-16"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "private key"),
        (b"-----BEGIN CERTIFICATE-----\nMIIB", "cut or changed"),
        (b"<html></html>", "has no certificate"),
    ],
    ids=["empty", "UTF-16", "private key", "cut", "HTML"],
)
def test_the_error_for_another_file_says_what_it_has(
    trial: Trial, content: bytes, words: str
) -> None:
    key = new_key()
    status, message = trial.sign_in(key, certificate(key), content)
    assert status == CONFIG_ERROR
    assert "`caFile` contains no readable certificate" in message
    assert words in message
