"""`python -m descope_ml_emulator` runs the program in place of this process."""

from __future__ import annotations

import os
import sys

from descope_ml_emulator import find_emulator

program = find_emulator()
os.execv(program, [program, *sys.argv[1:]])
