"""Packs the released files of each platform: `python packaging/archives.py DIST VERSION`.

A folder of DIST with the header in it, such as `x86_64-linux-gnu`, becomes the archive
`libdescope_ml-VERSION-PLATFORM.tar.gz`, or a zip file for Windows. The same files give the same
bytes: names are sorted, owners and permissions are fixed, and all times are `SOURCE_DATE_EPOCH`.
"""

from __future__ import annotations

import gzip
import io
import os
import sys
import tarfile
import time
import zipfile
from pathlib import Path

HEADER = Path("include", "descope_ml.h")
# What zip files can say begins in 1980.
OLDEST_IN_ZIP = 315_532_800
UNIX = 3


def platforms(dist: Path) -> list[Path]:
    """The folders with the files of a platform."""
    return sorted(folder for folder in dist.iterdir() if (folder / HEADER).is_file())


def pack(folder: Path, version: str, epoch: int) -> Path:
    """Packs the files of a platform, into a folder of the archive's name."""
    root = f"libdescope_ml-{version}-{folder.name}"
    if "windows" in folder.name:
        archive = folder.parent / f"{root}.zip"
        pack_zip(folder, root, archive, epoch)
    else:
        archive = folder.parent / f"{root}.tar.gz"
        pack_tar(folder, root, archive, epoch)
    return archive


def contents(folder: Path, root: str) -> list[tuple[Path, str]]:
    """The files and links of a folder, each with its name in the archive."""
    files = [path for path in folder.rglob("*") if path.is_symlink() or path.is_file()]
    return sorted(
        ((path, f"{root}/{path.relative_to(folder).as_posix()}") for path in files), key=name
    )


def name(entry: tuple[Path, str]) -> str:
    """The name in the archive, which has the same order on every machine."""
    return entry[1]


def permissions(path: Path) -> int:
    """Those of a released file: anyone may read it, and run it if its owner may."""
    return 0o755 if path.stat().st_mode & 0o100 else 0o644


def pack_tar(folder: Path, root: str, archive: Path, epoch: int) -> None:
    """Writes a tar file that keeps symbolic links."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for path, inside in contents(folder, root):
            entry = tarfile.TarInfo(inside)
            entry.mtime = epoch
            if path.is_symlink():
                entry.type, entry.linkname = tarfile.SYMTYPE, os.readlink(path)
                entry.mode = 0o777
                tar.addfile(entry)
                continue
            entry.size, entry.mode = path.stat().st_size, permissions(path)
            with path.open("rb") as content:
                tar.addfile(entry, content)
    archive.write_bytes(gzip.compress(buffer.getvalue(), 9, mtime=epoch))


def pack_zip(folder: Path, root: str, archive: Path, epoch: int) -> None:
    """Writes a zip file. Windows has no links there."""
    moment = time.gmtime(max(epoch, OLDEST_IN_ZIP))[:6]
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for path, inside in contents(folder, root):
            entry = zipfile.ZipInfo(inside, moment)
            entry.create_system = UNIX
            entry.external_attr = (0o100000 | permissions(path)) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, path.read_bytes())


def main() -> int:
    """Packs every platform of a folder, and says what it wrote."""
    dist, version = Path(sys.argv[1]), sys.argv[2]
    folders = platforms(dist) if dist.is_dir() else []
    if not folders:
        print(f"{dist} has no files of a platform: run `make dist-linux` first", file=sys.stderr)
        return 1
    for folder in folders:
        print(pack(folder, version, int(os.environ["SOURCE_DATE_EPOCH"])))
    return 0


if __name__ == "__main__":
    sys.exit(main())
