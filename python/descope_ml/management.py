"""Test users, by the names of the official package: made, signed in and deleted by the key."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from descope_ml import _native
from descope_ml.options import AssociatedFamily, AssociatedTenant, DeliveryMethod, LoginOptions
from descope_ml.performing import Call, Face, awaiting, blocking


class TestUsers(Face):
    """Users for tests, who need no phone; `DescopeClient.mgmt.user` is one.

    Differs from the official one: a missing management key is found out by the call, as a
    `ConfigError`, and not where `mgmt.user` is written.
    """

    __test__ = False  # pytest is not to take it for a test.

    @blocking
    def create_test_user(
        self,
        login_id: str,
        email: str | None = None,
        phone: str | None = None,
        display_name: str | None = None,
        given_name: str | None = None,
        middle_name: str | None = None,
        family_name: str | None = None,
        role_names: Sequence[str] | None = None,
        user_tenants: Sequence[AssociatedTenant | Mapping[str, Any]] | None = None,
        picture: str | None = None,
        custom_attributes: Mapping[str, Any] | None = None,
        verified_email: bool | None = None,
        verified_phone: bool | None = None,
        invite_url: str | None = None,
        additional_login_ids: Sequence[str] | None = None,
        sso_app_ids: Sequence[str] | None = None,
        status: str | None = None,
        family_associations: Sequence[AssociatedFamily | Mapping[str, Any]] | None = None,
        *,
        recovery_email: str | None = None,
        recovery_phone: str | None = None,
        verified_recovery_email: bool | None = None,
        verified_recovery_phone: bool | None = None,
    ) -> Call[dict[str, Any]]:
        """Makes a test user.

        Differs from the official one: what the published API calls `name`, `additionalIdentifiers`
        and `ssoAppIds` is sent by these names; which status there is the service says.

        Args:
            login_id: The login ID, one that no other user has.
            email: The email address.
            phone: The phone number, such as `+14155550123`.
            display_name: The full name.
            given_name: The given name.
            middle_name: The middle name.
            family_name: The family name.
            role_names: The roles that the user has outside of tenants.
            user_tenants: The tenants that the user is in; or mappings in the API's own names.
            picture: The URL of a picture.
            custom_attributes: Attributes of the project's own.
            verified_email: Whether the email address counts as the user's.
            verified_phone: Whether the phone number counts as the user's.
            invite_url: The URL of an invitation.
            additional_login_ids: More login IDs.
            sso_app_ids: The applications that the user is assigned to.
            status: `enabled`, `disabled`, `invited` or `expired`.
            family_associations: The families that the user is in, sent unchecked: the published API
                does not have them.
            recovery_email: The address for a sign-in with `use_recovery`.
            recovery_phone: The number for a sign-in with `use_recovery`.
            verified_recovery_email: Whether that address counts as the user's.
            verified_recovery_phone: Whether that number counts as the user's.

        Returns:
            `{"user": {...}}`.

        Raises:
            ConfigError: There is no management key.
            AuthException: The service said no.
            DescopeError: Anything else.
        """
        request = {
            "loginId": login_id,
            "email": email,
            "phone": phone,
            "name": display_name,
            "givenName": given_name,
            "middleName": middle_name,
            "familyName": family_name,
            "roleNames": role_names,
            "userTenants": user_tenants,
            "test": True,
            "picture": picture,
            "customAttributes": custom_attributes,
            "verifiedEmail": verified_email,
            "verifiedPhone": verified_phone,
            "inviteUrl": invite_url,
            "additionalIdentifiers": additional_login_ids,
            "ssoAppIds": sso_app_ids,
            "status": status,
            "recoveryEmail": recovery_email,
            "recoveryPhone": recovery_phone,
            "verifiedRecoveryEmail": verified_recovery_email,
            "verifiedRecoveryPhone": verified_recovery_phone,
        }
        if family_associations is not None:
            request["extra"] = {"familyAssociations": family_associations}
        return Call("test/create_user", request, dict)

    @blocking
    def delete_all_test_users(self) -> Call[None]:
        """Deletes every test user of the project.

        Raises:
            ConfigError: There is no management key.
            AuthException: The service said no.
            DescopeError: Anything else.
        """
        return Call("test/delete_all_users", {}, _nothing)

    @blocking
    def generate_magic_link_for_test_user(
        self,
        method: DeliveryMethod,
        login_id: str,
        uri: str | None = None,
        login_options: LoginOptions | Mapping[str, Any] | None = None,
    ) -> Call[dict[str, Any]]:
        """The link that a test user would be sent, which no message carries.

        Args:
            method: By which method it would be delivered.
            login_id: The login ID of a test user.
            uri: The URL that the link leads to, `?t=<token>` added; else the project's own.
            login_options: How the user is signed in; or a mapping in the API's own names.

        Returns:
            `{"link": "...", "loginId": "..."}`.

        Raises:
            ConfigError: There is no management key.
            AuthException: The service said no.
            DescopeError: Anything else.
        """
        if not isinstance(method, DeliveryMethod):
            message = "`method` must be a DeliveryMethod, such as DeliveryMethod.SMS"
            raise _native.argument_error(message)
        name = "Embedded" if method is DeliveryMethod.EMBEDDED else method.name.lower()
        request = {
            "loginId": login_id,
            "deliveryMethod": name,
            "redirectUrl": uri,
            "loginOptions": login_options,
        }
        return Call("test/generate_magiclink", request, dict)


class TestUsersAsync(Face):
    """`DescopeClientAsync.mgmt.user` is one: as `TestUsers`, to be awaited."""

    __test__ = False

    create_test_user = awaiting(TestUsers.create_test_user)
    delete_all_test_users = awaiting(TestUsers.delete_all_test_users)
    generate_magic_link_for_test_user = awaiting(TestUsers.generate_magic_link_for_test_user)


class Management(Face):
    """What this package has of the management API; `DescopeClient.mgmt` is one."""

    @functools.cached_property
    def user(self) -> TestUsers:
        """The test users."""
        return TestUsers(self._open())


class ManagementAsync(Face):
    """What this package has of the management API; `DescopeClientAsync.mgmt` is one."""

    @functools.cached_property
    def user(self) -> TestUsersAsync:
        """The test users."""
        return TestUsersAsync(self._open())


def _nothing(_: dict[str, Any]) -> None:
    """What a call without a result returns."""
