"""The archives of a release, packed by `make dist-archives` from libraries that are made up."""

from __future__ import annotations

import os
import subprocess
import tarfile
import zipfile
from pathlib import Path

from support.artefacts import tool
from support.programs import ROOT, TIMEOUT_SECONDS

EPOCH = 1_700_000_000
LINUX = "x86_64-unknown-linux-gnu"
WINDOWS = "x86_64-pc-windows-gnu"
VERSION = next(
    line.split('"')[1]
    for line in (ROOT / "Cargo.toml").read_text().splitlines()
    if line.startswith("version = ")
)


def make(build: Path, *targets: str) -> "subprocess.CompletedProcess[str]":
    """Runs make with a build folder of its own, and without the builds of the libraries."""
    command = [tool("make"), "--silent", f"BUILD={build}", f"SOURCE_DATE_EPOCH={EPOCH}"]
    command += ["-o", f"cross-{LINUX}", "-o", f"windows-{WINDOWS}", *targets]
    # The variables of a make that runs the tests are not for this one.
    environment = {key: text for key, text in os.environ.items() if "MAKE" not in key}
    return subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )


def release(build: Path) -> Path:
    """Makes the archives and their checksums of libraries that were built. Returns their folder."""
    built = {
        f"cross/{LINUX}": ["libdescope_ml.so", "libdescope_ml.a"],
        f"windows/{WINDOWS}": [
            "descope_ml.dll",
            "libdescope_ml.dll.a",
            "descope_ml.lib",
            "descope_ml.def",
            "libdescope_ml.a",
            "driver-c.exe",
        ],
    }
    for folder, files in built.items():
        (build / folder).mkdir(parents=True)
        for file in files:
            (build / folder / file).write_text(f"the content of {file}")
    made = make(
        build, f"dist-linux-{LINUX}", f"dist-windows-{WINDOWS}", "dist-archives", "checksums"
    )
    assert (made.returncode, made.stderr) == (0, "")
    return build / "dist"


def test_archive_for_linux_has_what_is_installed(tmp_path: Path) -> None:
    root = f"libdescope_ml-{VERSION}-x86_64-linux-gnu"
    with tarfile.open(release(tmp_path) / f"{root}.tar.gz") as archive:
        entries = {entry.name[len(root) + 1 :]: entry for entry in archive}
        content = archive.extractfile(f"{root}/lib/libdescope_ml.so.{VERSION}")
        assert content is not None
        assert content.read() == b"the content of libdescope_ml.so"
    assert list(entries) == sorted(entries)
    assert {
        "include/descope_ml.h",
        "include/descope_ml.hpp",
        "lib/cmake/descope_ml/descope_mlConfig.cmake",
        "lib/libdescope_ml.a",
        "lib/pkgconfig/descope_ml.pc",
        "share/descope_ml/LICENSE",
        "share/descope_ml/THIRD-PARTY-NOTICES",
    } <= set(entries)
    assert entries["lib/libdescope_ml.so"].linkname == "libdescope_ml.so.1"
    assert entries["lib/libdescope_ml.so.1"].linkname == f"libdescope_ml.so.{VERSION}"
    assert entries[f"lib/libdescope_ml.so.{VERSION}"].mode == 0o755
    assert entries["include/descope_ml.h"].mode == 0o644
    assert {(entry.uid, entry.gid, entry.mtime) for entry in entries.values()} == {(0, 0, EPOCH)}


def test_archive_for_windows_has_libraries_and_headers(tmp_path: Path) -> None:
    root = f"libdescope_ml-{VERSION}-x86_64-windows"
    with zipfile.ZipFile(release(tmp_path) / f"{root}.zip") as archive:
        names = archive.namelist()
        assert archive.read(f"{root}/bin/descope_ml.dll") == b"the content of descope_ml.dll"
        assert {entry.date_time for entry in archive.infolist()} == {(2023, 11, 14, 22, 13, 20)}
    assert names == sorted(names)
    assert {name[len(root) + 1 :] for name in names if not name.startswith(f"{root}/include")} == {
        "bin/descope_ml.dll",
        "lib/descope_ml.def",
        "lib/descope_ml.lib",
        "lib/libdescope_ml.a",
        "lib/libdescope_ml.dll.a",
        "share/descope_ml/LICENSE",
        "share/descope_ml/THIRD-PARTY-NOTICES",
    }
    assert {f"{root}/include/descope_ml.h", f"{root}/include/descope_ml.hpp"} <= set(names)


def test_same_files_give_the_same_archives(tmp_path: Path) -> None:
    first = release(tmp_path / "first")
    library = tmp_path / "second" / "dist" / "x86_64-linux-gnu" / "lib" / "libdescope_ml.a"
    second = release(tmp_path / "second")
    # Neither the time of a file nor the rights of others to it are in the archive.
    os.utime(library, (EPOCH + 60, EPOCH + 60))
    library.chmod(0o600)
    assert make(tmp_path / "second", "dist-archives", "checksums").returncode == 0
    assert (first / "SHA256SUMS").read_text() == (second / "SHA256SUMS").read_text()


def test_checksums_are_those_of_all_files(tmp_path: Path) -> None:
    dist = release(tmp_path)
    (dist / "descope_ml-0.0.0-py3-none-any.whl").write_text("a wheel")
    assert make(tmp_path, "checksums").returncode == 0
    command = [tool("sha256sum"), "--check", "--strict", "SHA256SUMS"]
    checked = subprocess.run(command, cwd=dist, capture_output=True, text=True, check=True)
    assert checked.stdout.splitlines() == [
        "descope_ml-0.0.0-py3-none-any.whl: OK",
        f"libdescope_ml-{VERSION}-x86_64-linux-gnu.tar.gz: OK",
        f"libdescope_ml-{VERSION}-x86_64-windows.zip: OK",
    ]


def test_without_files_there_is_nothing_to_pack(tmp_path: Path) -> None:
    made = make(tmp_path, "dist-archives")
    assert made.returncode != 0
    assert f"{tmp_path}/dist has no files of a platform: run `make dist-linux`" in made.stderr
    (tmp_path / "dist").mkdir()
    made = make(tmp_path, "checksums")
    assert made.returncode != 0
    assert "has no files: run `make dist-archives`" in made.stdout
