"""Turns the token of a magic link into a session, and checks it as each later request would.

session.py TOKEN; the project comes from the environment (DESCOPE_PROJECT_ID).
"""

from __future__ import annotations

import sys

from descope_ml import SESSION_TOKEN_NAME, DescopeClient, DescopeError


def main() -> int:
    """Runs the example."""
    if len(sys.argv) != 2:
        print(f"usage: {sys.argv[0]} TOKEN", file=sys.stderr)
        return 2
    try:
        client = DescopeClient()
        signed_in = client.magiclink.verify(sys.argv[1])
        jwt = signed_in[SESSION_TOKEN_NAME]["jwt"]  # Keep it in a cookie.
        session = client.validate_session(jwt)  # On each request that it comes back with.
    except DescopeError as error:
        print(f"{error.name}: {error}", file=sys.stderr)
        return 1
    print(f"session of {session['userId']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
