"""The wheels of the Python package and of the emulator, installed as users install them."""

from __future__ import annotations

import email
import os
import re
import subprocess
import sys
import zipfile
from email.message import Message
from pathlib import Path

import pytest

from support.artefacts import artefact
from support.programs import ROOT
from support.pythons import installed_pythons
from support.user_tests import run_in
from support.virtual_environment import VirtualEnvironment

SIGN_IN = """
from descope_ml import DeliveryMethod, DescopeClient
from descope_ml.testing import Emulator

with Emulator() as emulator:
    emulator.users.add("ada@example.com", role_names=["reader"])
    client = DescopeClient()
    client.magiclink.sign_in(DeliveryMethod.EMAIL, "ada@example.com")
    token = emulator.inbox.wait_for(to="ada@example.com").token
    print(client.magiclink.verify(token)["user"]["roleNames"])
"""

TYPED = """
from descope_ml import DeliveryMethod, DescopeClient
from descope_ml.testing import Emulator, block_network


def test_a_user_signs_in(descope_emulator: Emulator) -> None:
    with block_network():
        DescopeClient().magiclink.sign_in(DeliveryMethod.EMAIL, "ada@example.com")
    reveal_type(descope_emulator.inbox.wait_for(to="ada@example.com").token)
    descope_emulator.advance(5)
"""


def wheel(name: str) -> Path:
    """The wheel of a package."""
    (found,) = artefact("DESCOPE_ML_PACKAGES").glob(f"{name}-[0-9]*.whl")
    return found.absolute()


def metadata(name: str) -> Message:
    """The metadata of a wheel."""
    with zipfile.ZipFile(wheel(name)) as archive:
        (path,) = [path for path in archive.namelist() if path.endswith(".dist-info/METADATA")]
        return email.message_from_bytes(archive.read(path))


def example(file: str) -> str:
    """The test that a file shows."""
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / file).read_text(), re.M | re.S)
    (found,) = [block for block in blocks if "\ndef test_" in block]
    return str(found)


def test_pypi_accepts_and_shows_the_metadata() -> None:
    wheels = [str(wheel(name)) for name in ("descope_ml", "descope_ml_emulator")]
    command = [sys.executable, "-m", "twine", "check", "--strict", *wheels]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("PASSED") == 2


def test_the_metadata_says_what_the_package_is() -> None:
    shown = metadata("descope_ml")
    assert shown["Name"] == "descope-ml"
    assert shown["License-Expression"] == "MIT"
    assert shown["Requires-Python"] == ">=3.9"
    assert set(shown.get_all("Provides-Extra", [])) == {
        "django",
        "fastapi",
        "flask",
        "opentelemetry",
        "testing",
    }
    assert "Typing :: Typed" in shown.get_all("Classifier", [])
    assert str(shown.get_payload()).startswith("# descope-ml\n")
    assert [one.partition(", ")[2][:8] for one in shown.get_all("Project-URL", [])] == [
        "https://",
        "https://",
    ]


def test_both_packages_have_the_version_of_the_library() -> None:
    version = re.search(r'^version = "(.*)"', (ROOT / "Cargo.toml").read_text(), re.M)
    assert version
    for name in ("descope_ml", "descope_ml_emulator"):
        assert metadata(name)["Version"] == version[1]
    requires = metadata("descope_ml").get_all("Requires-Dist", [])
    assert f"descope-ml-emulator=={version[1]} ; extra == 'testing'" in requires


@pytest.mark.parametrize("name", ["descope_ml", "descope_ml_emulator"])
def test_types_and_licenses_are_in_the_wheels(name: str) -> None:
    with zipfile.ZipFile(wheel(name)) as archive:
        files = archive.namelist()
    assert f"{name}/py.typed" in files
    for license_file in ("LICENSE", "THIRD-PARTY-NOTICES"):
        assert sum(file.endswith(f".dist-info/licenses/{license_file}") for file in files) == 1
    assert not [file for file in files if "test_package" in file or file.endswith(".rs")]


@pytest.mark.parametrize("python", installed_pythons(), ids=lambda path: Path(path).name)
def test_every_python_signs_in_with_nothing_but_the_wheels(python: str, tmp_path: Path) -> None:
    clean = VirtualEnvironment(tmp_path / "env", python)
    clean.install("descope-ml", "descope-ml-emulator")
    assert clean.run([clean.program("python"), "-W", "error", "-c", SIGN_IN]) == "['reader']\n"
    assert clean.run([clean.program("descope-ml-emulator"), "--version"]) == clean.run(
        [clean.program("python"), "-m", "descope_ml_emulator", "--version"]
    )


@pytest.mark.parametrize("file", ["README.md", "python/README.md"])
def test_the_extra_for_tests_brings_all_that_the_example_needs(file: str, tmp_path: Path) -> None:
    clean = VirtualEnvironment(tmp_path / "env")
    clean.install("descope-ml[testing]")
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "test_sign_in.py").write_text(example(file))
    assert "1 passed" in clean.run([clean.program("python"), "-m", "pytest", "-q"], folder)


def test_an_emulator_beside_its_module_is_found(tmp_path: Path) -> None:
    """As `pip install --target` leaves it."""
    VirtualEnvironment(tmp_path / "env").install("--target", str(tmp_path / "all"), "descope-ml")
    VirtualEnvironment(tmp_path / "env").install(
        "--target", str(tmp_path / "all"), "descope-ml-emulator"
    )
    variables = {"DESCOPE_ML_EMULATOR": "", "PYTHONPATH": str(tmp_path / "all")}
    done = run_in(tmp_path, [sys.executable, "-c", SIGN_IN], **variables)
    assert (done.stdout, done.stderr) == ("['reader']\n", "")


def test_type_checkers_know_the_fixture(tmp_path: Path) -> None:
    clean = VirtualEnvironment(tmp_path / "env")
    clean.install("descope-ml")
    file = tmp_path / "test_typed.py"
    file.write_text(TYPED)
    of_env = ["--python-executable", clean.program("python"), "--cache-dir", str(tmp_path / "c")]
    # The installed package, not that of this build.
    paths = [path for path in sys.path[1:] if not (Path(path) / "descope_ml").exists()]
    tools = {"PYTHONPATH": os.pathsep.join(paths)}
    mypy = [sys.executable, "-m", "mypy", "--strict", *of_env, str(file)]
    done = run_in(tmp_path, mypy, **tools)
    found = [line.partition(": ")[2] for line in done.stdout.splitlines()]
    assert found == [
        'note: Revealed type is "str"',
        'error: Argument 1 to "advance" of "Emulator" has incompatible type "int"; '
        'expected "str | timedelta"  [arg-type]',
        "",
    ]
    pyright = [sys.executable, "-m", "pyright", "--pythonpath", clean.program("python"), str(file)]
    output = run_in(tmp_path, pyright, **tools).stdout
    assert (
        'Type of "descope_emulator.inbox.wait_for(to="ada@example.com").token" is "str"' in output
    )
    assert "1 error," in output
