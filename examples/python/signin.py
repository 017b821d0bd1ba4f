"""Sends a magic link by SMS: `DESCOPE_PROJECT_ID=P… python3 signin.py +14155550123`."""

import os
import sys

from descope_ml import DeliveryMethod, DescopeClient, DescopeError


def main() -> int:
    """Sends a link to the login ID from the command line, or from DESCOPE_LOGIN_ID."""
    login_id = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("DESCOPE_LOGIN_ID", "")
    try:
        client = DescopeClient()  # The project ID comes from DESCOPE_PROJECT_ID.
        masked_phone = client.magiclink.sign_in(DeliveryMethod.SMS, login_id)
    except DescopeError as error:
        print(f"{error.name}: {error} ({error.outcome})", file=sys.stderr)
        return 1
    print("sent to", masked_phone)
    return 0


if __name__ == "__main__":
    sys.exit(main())
