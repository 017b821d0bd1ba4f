"""No peer: what each of them has loaded before the library that it measures."""

import harness  # noqa: F401
