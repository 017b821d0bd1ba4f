"""How a user is signed in or up: the options, by their official names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from descope_ml.common import DeliveryMethod
from descope_ml.documents import Document

__all__ = [
    "AssociatedFamily",
    "AssociatedTenant",
    "DeliveryMethod",
    "Document",
    "LoginOptions",
    "Options",
    "SignUpOptions",
]

_Claims = Mapping[str, Any]


def _official(name: str) -> Any:
    """An option under the name that the official class keeps it by."""
    return property(
        lambda options: getattr(options, name),
        lambda options, value: setattr(options, name, value),
        doc=f"The same as `{name}`, as the official class calls it.",
    )


class Options(Document):
    """What all options have: the names that the official classes keep them by."""

    customClaims = _official("custom_claims")  # noqa: N815
    revokeOtherSessions = _official("revoke_other_sessions")  # noqa: N815
    templateOptions = _official("template_options")  # noqa: N815
    templateId = _official("template_id")  # noqa: N815


@dataclass
class LoginOptions(Options):
    """What a sign-in is for, and what its session is to carry. None leaves an option out.

    The first seven are the official package's, in its order. `repr()` shows none that may hold
    personal data.

    Attributes:
        stepup: Asks for a step-up of the session that the refresh token belongs to.
        mfa: Adds a second factor to the session that the refresh token belongs to.
        revoke_other_sessions: Ends the user's other sessions once the link is verified.
        custom_claims: Claims of any JSON type for the session token.
        template_options: Values for the placeholders of the message template.
        template_id: The message template; else the project's own.
        locale: The language of the message, such as `pl-PL`.
        sso_app_id: The application that the user signs in to.
        pkce_challenge: Base64; the service ignores it outside enchanted links.
        revoke_other_sessions_types: Which kinds of other sessions end.
        tenant_id: The tenant that the session is for.

    Example:
        >>> LoginOptions(locale="pl-PL").document()["locale"]
        'pl-PL'
    """

    stepup: bool | None = False
    mfa: bool | None = False
    revoke_other_sessions: bool | None = None
    custom_claims: _Claims | None = field(default=None, repr=False)
    template_options: Mapping[str, str] | None = field(default=None, repr=False)
    template_id: str | None = None
    locale: str | None = None
    sso_app_id: str | None = None
    pkce_challenge: str | None = field(default=None, repr=False)
    revoke_other_sessions_types: Sequence[str] | None = None
    tenant_id: str | None = None


@dataclass
class SignUpOptions(Options):
    """What a sign-up is to carry. None leaves an option out.

    The first four are the official package's, in its order. `repr()` shows none that may hold
    personal data.

    Attributes:
        revoke_other_sessions: Ends the user's other sessions once the link is verified.
        custom_claims: Claims of any JSON type for the session token.
        template_options: Values for the placeholders of the message template.
        template_id: The message template; else the project's own.
        locale: The language of the message, such as `pl-PL`.
        pkce_challenge: Base64; the service ignores it outside enchanted links.
        revoke_other_sessions_types: Which kinds of other sessions end.
        tenant_id: The tenant that the session is for.

    Example:
        >>> SignUpOptions(template_id="T1").document()["templateId"]
        'T1'
    """

    revoke_other_sessions: bool | None = None
    custom_claims: _Claims | None = field(default=None, repr=False)
    template_options: Mapping[str, str] | None = field(default=None, repr=False)
    template_id: str | None = None
    locale: str | None = None
    pkce_challenge: str | None = field(default=None, repr=False)
    revoke_other_sessions_types: Sequence[str] | None = None
    tenant_id: str | None = None


@dataclass
class AssociatedTenant(Document):
    """A tenant that a user is in.

    Attributes:
        tenant_id: The tenant.
        role_names: The roles that the user has there.

    Example:
        >>> AssociatedTenant("T1", ["editor"]).document()
        {'tenantId': 'T1', 'roleNames': ['editor']}
    """

    tenant_id: str
    role_names: Sequence[str] | None = None


@dataclass
class AssociatedFamily(Document):
    """A family that a user is in.

    Attributes:
        family_id: The family.
        role_names: The roles that the user has there.
        family_scoped_attributes: The user's attributes there.
    """

    family_id: str
    role_names: Sequence[str] | None = None
    family_scoped_attributes: Mapping[str, Any] | None = None

    def document(self) -> dict[str, Any]:
        """The association under the API's own names; what is None is left out.

        Returns:
            A JSON object.
        """
        return {key: value for key, value in super().document().items() if value is not None}
