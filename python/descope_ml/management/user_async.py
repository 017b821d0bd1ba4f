"""`mgmt.user` of the asynchronous client, in the module where the official package has it."""

from __future__ import annotations

from descope_ml.management import UsersAsync as UserAsync

__all__ = ["UserAsync"]
