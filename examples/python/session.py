"""Verifies the token of a magic link, and validates the session like each later request does.

session.py TOKEN. The project ID comes from the environment variable DESCOPE_PROJECT_ID.
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
        login = client.magiclink.verify(sys.argv[1])
        session_jwt = login[SESSION_TOKEN_NAME]["jwt"]  # Store it in a cookie.
        session = client.validate_session(session_jwt)  # On each later request.
    except DescopeError as error:
        print(f"{error.name}: {error}", file=sys.stderr)
        return 1
    print(f"session of {session['userId']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
