"""Command prefixes that give a program other files, in a mount namespace of its own."""

from __future__ import annotations

import functools
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from support.artefacts import skip_or_fail, tool

# Mounts an empty folder over each of the folders that exist, up to `--`.
_HIDE = """
while [ "$1" != -- ]; do
    if [ -d "$1" ]; then mount --bind "$0" "$1" || exit 1; fi
    shift
done
shift
exec "$@"
"""

# Makes all mounts read-only. The program does not start if the file can still be written.
_MAKE_READ_ONLY = """
mounts=$(cut -d " " -f 2 /proc/self/mounts)
for folder in $mounts; do
    mount -o remount,bind,ro "$folder" || exit 1
done
if (: >"$0") 2>/dev/null; then exit 1; fi
exec "$@"
"""


@functools.cache
def own_mounts() -> Sequence[str]:
    """The command prefix that gives a program its own mount namespace."""
    become_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    command = [tool("unshare"), "--mount", *become_root]
    if subprocess.run([*command, "true"], capture_output=True, check=False).returncode != 0:
        skip_or_fail("the system allows no mount namespace: run the tests as root")
    return command


def without_content_of(folders: Sequence[str], empty: Path) -> list[str]:
    """The command prefix behind which folders are empty.

    Args:
        folders: The folders. Those that do not exist are left out.
        empty: An empty folder.
    """
    return [*own_mounts(), "sh", "-c", _HIDE, str(empty), *folders, "--"]


def read_only_files(probe: Path) -> list[str]:
    """The command prefix behind which no file can be written.

    Args:
        probe: A file that could be written otherwise.
    """
    return [*own_mounts(), "sh", "-c", _MAKE_READ_ONLY, str(probe)]
