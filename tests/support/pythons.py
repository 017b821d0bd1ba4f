"""The Python interpreters of this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

_OLDEST = 9
_NEWEST = 20


def installed_pythons() -> list[str]:
    """The paths of one interpreter for each version from 3.9 on; first the one that runs the tests.

    They are looked for in PATH and among the versions of pyenv.
    """
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    found = {sys.version_info.minor: sys.executable}
    for minor in range(_OLDEST, _NEWEST):
        name = f"python3.{minor}"
        candidates = [shutil.which(name), *pyenv.glob(f"versions/3.{minor}.*/bin/{name}")]
        for candidate in candidates:
            if candidate and minor not in found and _runs(str(candidate)):
                found[minor] = str(candidate)
    return list(found.values())


def _runs(program: str) -> bool:
    """Whether it is an interpreter with a GIL. A wrapper of pyenv can lead to none.

    A build without a GIL cannot load the package, which has the stable ABI.
    """
    code = "import sysconfig; assert not sysconfig.get_config_var('Py_GIL_DISABLED')"
    return subprocess.run([program, "-c", code], capture_output=True, check=False).returncode == 0
