"""Not a peer: loads the named module that a peer shares with others, and does nothing else."""

import sys

__import__(sys.argv[1])
