"""Options of sign-ins, sign-ups, access keys and new users, with their official names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from descope_ml.constants import DeliveryMethod
from descope_ml.json_codec import ApiObject

__all__ = [
    "AccessKeyLoginOptions",
    "AssociatedFamily",
    "AssociatedTenant",
    "CreateUserObj",
    "DeliveryMethod",
    "LoginOptions",
    "SignUpOptions",
]

_Claims = Mapping[str, Any]


class _CustomClaims(ApiObject):
    """The camel-case attribute that all official option classes have, as an alias."""

    custom_claims: _Claims | None

    @property
    def customClaims(self) -> _Claims | None:  # noqa: N802
        """The same as `custom_claims`."""
        return self.custom_claims

    @customClaims.setter
    def customClaims(self, value: _Claims | None) -> None:  # noqa: N802
        self.custom_claims = value


class _OfficialAttributes(_CustomClaims):
    """More camel-case attributes of the official option classes, as aliases."""

    revoke_other_sessions: bool | None
    template_options: Mapping[str, str] | None
    template_id: str | None

    @property
    def revokeOtherSessions(self) -> bool | None:  # noqa: N802
        """The same as `revoke_other_sessions`."""
        return self.revoke_other_sessions

    @revokeOtherSessions.setter
    def revokeOtherSessions(self, value: bool | None) -> None:  # noqa: N802
        self.revoke_other_sessions = value

    @property
    def templateOptions(self) -> Mapping[str, str] | None:  # noqa: N802
        """The same as `template_options`."""
        return self.template_options

    @templateOptions.setter
    def templateOptions(self, value: Mapping[str, str] | None) -> None:  # noqa: N802
        self.template_options = value

    @property
    def templateId(self) -> str | None:  # noqa: N802
        """The same as `template_id`."""
        return self.template_id

    @templateId.setter
    def templateId(self, value: str | None) -> None:  # noqa: N802
        self.template_id = value


class LoginOptions(_OfficialAttributes):
    """Options of a sign-in and of its session. An option that is None is not used.

    The first seven are those of the official package, in its order. `repr()` shows no option that
    may contain personal data.

    Attributes:
        stepup: Whether to step up the session of the refresh token.
        mfa: Whether to add a second factor to the session of the refresh token.
        revoke_other_sessions: Whether to end the user's other sessions when the link is verified.
        custom_claims: Claims for the session token, of any JSON type.
        template_options: Values for the placeholders of the message template.
        template_id: The message template. Default: the one set in the project.
        locale: The language of the message, such as `pl-PL`.
        sso_app_id: The application that the user signs in to.
        pkce_challenge: Base64. The service uses it for enchanted links only.
        revoke_other_sessions_types: The kinds of other sessions to end.
        tenant_id: The tenant of the session.

    Example:
        >>> LoginOptions(locale="pl-PL").document()["locale"]
        'pl-PL'
    """

    _MEMBERS = (
        "stepup",
        "mfa",
        "revoke_other_sessions",
        "custom_claims",
        "template_options",
        "template_id",
        "locale",
        "sso_app_id",
        "pkce_challenge",
        "revoke_other_sessions_types",
        "tenant_id",
    )
    _HIDDEN = frozenset({"custom_claims", "template_options", "pkce_challenge"})

    def __init__(
        self,
        stepup: bool | None = False,
        mfa: bool | None = False,
        revoke_other_sessions: bool | None = None,
        custom_claims: _Claims | None = None,
        template_options: Mapping[str, str] | None = None,
        template_id: str | None = None,
        locale: str | None = None,
        sso_app_id: str | None = None,
        pkce_challenge: str | None = None,
        revoke_other_sessions_types: Sequence[str] | None = None,
        tenant_id: str | None = None,
    ) -> None:
        """Takes all attributes."""
        self.stepup = stepup
        self.mfa = mfa
        self.revoke_other_sessions = revoke_other_sessions
        self.custom_claims = custom_claims
        self.template_options = template_options
        self.template_id = template_id
        self.locale = locale
        self.sso_app_id = sso_app_id
        self.pkce_challenge = pkce_challenge
        self.revoke_other_sessions_types = revoke_other_sessions_types
        self.tenant_id = tenant_id


class SignUpOptions(_OfficialAttributes):
    """Options of a sign-up and of its session. An option that is None is not used.

    The first four are those of the official package, in its order. `repr()` shows no option that
    may contain personal data.

    Attributes:
        revoke_other_sessions: Whether to end the user's other sessions when the link is verified.
        custom_claims: Claims for the session token, of any JSON type.
        template_options: Values for the placeholders of the message template.
        template_id: The message template. Default: the one set in the project.
        locale: The language of the message, such as `pl-PL`.
        pkce_challenge: Base64. The service uses it for enchanted links only.
        revoke_other_sessions_types: The kinds of other sessions to end.
        tenant_id: The tenant of the session.

    Example:
        >>> SignUpOptions(template_id="T1").document()["templateId"]
        'T1'
    """

    _MEMBERS = (
        "revoke_other_sessions",
        "custom_claims",
        "template_options",
        "template_id",
        "locale",
        "pkce_challenge",
        "revoke_other_sessions_types",
        "tenant_id",
    )
    _HIDDEN = frozenset({"custom_claims", "template_options", "pkce_challenge"})

    def __init__(
        self,
        revoke_other_sessions: bool | None = None,
        custom_claims: _Claims | None = None,
        template_options: Mapping[str, str] | None = None,
        template_id: str | None = None,
        locale: str | None = None,
        pkce_challenge: str | None = None,
        revoke_other_sessions_types: Sequence[str] | None = None,
        tenant_id: str | None = None,
    ) -> None:
        """Takes all attributes."""
        self.revoke_other_sessions = revoke_other_sessions
        self.custom_claims = custom_claims
        self.template_options = template_options
        self.template_id = template_id
        self.locale = locale
        self.pkce_challenge = pkce_challenge
        self.revoke_other_sessions_types = revoke_other_sessions_types
        self.tenant_id = tenant_id


class AccessKeyLoginOptions(_CustomClaims):
    """Options of the session of an access key. An option that is None is not used.

    `repr()` shows no custom claims.

    Attributes:
        custom_claims: Claims for the session token, of any JSON type.
        selected_tenant: The ID of the tenant of the session. It becomes the claim `dct`.

    Example:
        >>> AccessKeyLoginOptions(selected_tenant="T1").document()["selectedTenant"]
        'T1'
    """

    _MEMBERS = (
        "custom_claims",
        "selected_tenant",
    )
    _HIDDEN = frozenset({"custom_claims"})

    def __init__(
        self,
        custom_claims: _Claims | None = None,
        selected_tenant: str | None = None,
    ) -> None:
        """Takes all attributes."""
        self.custom_claims = custom_claims
        self.selected_tenant = selected_tenant

    @property
    def selectedTenant(self) -> str | None:  # noqa: N802
        """The same as `selected_tenant`."""
        return self.selected_tenant

    @selectedTenant.setter
    def selectedTenant(self, value: str | None) -> None:  # noqa: N802
        self.selected_tenant = value


class CreateUserObj(ApiObject):
    """The details of a new user. `repr()` shows none of them.

    Differs from the official one: the names are sent as `givenName`, `middleName` and
    `familyName`, the names of the published API.

    Attributes:
        email: The email address.
        phone: The phone number, such as `+14155550123`.
        name: The full name.
        given_name: The given name.
        middle_name: The middle name.
        family_name: The family name.

    Example:
        >>> CreateUserObj(name="Ada").document()["name"]
        'Ada'
    """

    _MEMBERS = (
        "email",
        "phone",
        "name",
        "given_name",
        "middle_name",
        "family_name",
    )
    _HIDDEN = frozenset(_MEMBERS)

    def __init__(
        self,
        email: str | None = None,
        phone: str | None = None,
        name: str | None = None,
        given_name: str | None = None,
        middle_name: str | None = None,
        family_name: str | None = None,
    ) -> None:
        """Takes all attributes."""
        self.email = email
        self.phone = phone
        self.name = name
        self.given_name = given_name
        self.middle_name = middle_name
        self.family_name = family_name


class AssociatedTenant(ApiObject):
    """A tenant of a user.

    Attributes:
        tenant_id: The ID of the tenant.
        role_names: The user's roles in the tenant.

    Example:
        >>> AssociatedTenant("T1", ["editor"]).document()
        {'tenantId': 'T1', 'roleNames': ['editor']}
    """

    _MEMBERS = (
        "tenant_id",
        "role_names",
    )

    def __init__(
        self,
        tenant_id: str,
        role_names: Sequence[str] | None = None,
    ) -> None:
        """Takes all attributes."""
        self.tenant_id = tenant_id
        self.role_names = role_names


class AssociatedFamily(ApiObject):
    """A family of a user.

    Attributes:
        family_id: The ID of the family.
        role_names: The user's roles in the family.
        family_scoped_attributes: The user's attributes in the family.
    """

    _MEMBERS = (
        "family_id",
        "role_names",
        "family_scoped_attributes",
    )

    def __init__(
        self,
        family_id: str,
        role_names: Sequence[str] | None = None,
        family_scoped_attributes: Mapping[str, Any] | None = None,
    ) -> None:
        """Takes all attributes."""
        self.family_id = family_id
        self.role_names = role_names
        self.family_scoped_attributes = family_scoped_attributes

    def document(self) -> dict[str, Any]:
        """The fields with the API's names, without those that are None.

        Returns:
            A JSON object.
        """
        return {key: value for key, value in super().document().items() if value is not None}

    def to_dict(self) -> dict[str, Any]:
        """The same as `document`, with its official name."""
        return self.document()
