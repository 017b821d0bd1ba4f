"""The files that `make install` writes, and the flags with which programs link to them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from support.artefacts import tool
from support.programs import ROOT

_PREFIX = "opt/descope"


class Installed:
    """An installation under a prefix."""

    def __init__(self, prefix: Path, libraries: str = "lib") -> None:
        """Takes the prefix, and the folder of the libraries below it."""
        self.prefix = prefix
        self.libraries = prefix / libraries

    @property
    def archive(self) -> Path:
        """The static library."""
        return self.libraries / "libdescope_ml.a"

    @property
    def shared_files(self) -> Path:
        """The folder of notices and of the files for tools."""
        return self.prefix / "share" / "descope_ml"

    @property
    def pkg_config_environment(self) -> dict[str, str]:
        """The environment variables with which pkg-config finds the installation."""
        return {"PKG_CONFIG_PATH": str(self.libraries / "pkgconfig")}

    def flags(self, *options: str) -> list[str]:
        """What pkg-config prints with the options."""
        done = subprocess.run(
            [tool("pkg-config"), *options, "descope_ml"],
            env={**os.environ, **self.pkg_config_environment},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.split()

    def archive_flags(self) -> list[str]:
        """The flags that link the static library into a dynamic program, as in docs/linking.md."""
        flags = self.flags("--static", "--cflags", "--libs")
        return ["-l:libdescope_ml.a" if flag == "-ldescope_ml" else flag for flag in flags]


def make_install(staging: Path) -> Installed:
    """Runs `make install` into the folder, as a packager does, and moves the prefix away."""
    make = ["make", "install", f"PREFIX=/{_PREFIX}", f"DESTDIR={staging}"]
    subprocess.run(make, cwd=ROOT, check=True, capture_output=True)
    return Installed((staging / _PREFIX).rename(staging / "moved"))
