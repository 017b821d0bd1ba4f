"""`mgmt.user` and the details of a new user, in the module where the official package has them."""

from __future__ import annotations

from descope_ml.management import Users as User
from descope_ml.options import CreateUserObj

__all__ = ["CreateUserObj", "User"]
