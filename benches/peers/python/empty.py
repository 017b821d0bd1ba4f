"""No peer: what some of them have loaded before the library that they measure, by its name."""

import sys

__import__(sys.argv[1])
