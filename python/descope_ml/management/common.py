"""The tenants and families of a user, in the module where the official package has them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from descope_ml.options import AssociatedFamily, AssociatedTenant

__all__ = [
    "AssociatedFamily",
    "AssociatedTenant",
    "associated_families_to_dict",
    "associated_tenants_to_dict",
]


def associated_tenants_to_dict(
    associated_tenants: Iterable[AssociatedTenant] | None,
) -> list[dict[str, Any]]:
    """The tenants with the API's names, as in the official package.

    Args:
        associated_tenants: The tenants of a user.

    Returns:
        An object for each tenant. One without roles has an empty list of them.
    """
    return [
        {"tenantId": one.tenant_id, "roleNames": one.role_names or []}
        for one in associated_tenants or ()
    ]


def associated_families_to_dict(
    associated_families: Iterable[AssociatedFamily],
) -> list[dict[str, Any]]:
    """The families with the API's names.

    Args:
        associated_families: The families of a user.

    Returns:
        An object for each family.
    """
    return [one.to_dict() for one in associated_families]
