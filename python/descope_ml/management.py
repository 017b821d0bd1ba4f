"""Test users and magic links for them: `mgmt.user` of both clients. Needs the management key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from descope_ml import operations, request_builders
from descope_ml.constants import DeliveryMethod
from descope_ml.native_client import ClientPart, NativeClient, NotPicklable
from descope_ml.options import AssociatedFamily, AssociatedTenant, LoginOptions


class TestUsers(ClientPart):
    """Users for tests, who need no phone: `DescopeClient.mgmt.user`.

    Differs from the official one: without a management key, the method call raises `ConfigError`.
    There, the access to `mgmt.user` raises.
    """

    __test__ = False  # Else pytest collects this class as a test.

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
    ) -> dict[str, Any]:
        """Creates a test user.

        Differs from the official one: it sends `name`, `additionalIdentifiers` and `ssoAppIds`, the
        names of the published API. The service, not the client, validates `status`.

        Args:
            login_id: The login ID. No other user may have it.
            email: The email address.
            phone: The phone number, such as `+14155550123`.
            display_name: The full name.
            given_name: The given name.
            middle_name: The middle name.
            family_name: The family name.
            role_names: The user's project-level roles.
            user_tenants: The user's tenants; or mappings with the API's names.
            picture: The URL of a picture.
            custom_attributes: Custom attributes of the project.
            verified_email: Whether the email address is verified.
            verified_phone: Whether the phone number is verified.
            invite_url: The URL of an invitation.
            additional_login_ids: More login IDs.
            sso_app_ids: The applications that the user is assigned to.
            status: `enabled`, `disabled`, `invited` or `expired`.
            family_associations: The user's families. They are sent unchecked: the published API
                does not have them.
            recovery_email: The email address for a sign-in with `use_recovery`.
            recovery_phone: The phone number for a sign-in with `use_recovery`.
            verified_recovery_email: Whether the recovery email address is verified.
            verified_recovery_phone: Whether the recovery phone number is verified.

        Returns:
            `{"user": {...}}`.

        Raises:
            ConfigError: The client has no management key.
            AuthException: The service rejected the request.
            DescopeError: Any other failure.
        """
        request = request_builders.create_test_user(
            login_id=login_id,
            email=email,
            phone=phone,
            display_name=display_name,
            given_name=given_name,
            middle_name=middle_name,
            family_name=family_name,
            role_names=role_names,
            user_tenants=user_tenants,
            picture=picture,
            custom_attributes=custom_attributes,
            verified_email=verified_email,
            verified_phone=verified_phone,
            invite_url=invite_url,
            additional_login_ids=additional_login_ids,
            sso_app_ids=sso_app_ids,
            status=status,
            family_associations=family_associations,
            recovery_email=recovery_email,
            recovery_phone=recovery_phone,
            verified_recovery_email=verified_recovery_email,
            verified_recovery_phone=verified_recovery_phone,
        )
        return self._client.call(operations.TEST_CREATE_USER, request)

    def delete_all_test_users(self) -> None:
        """Deletes all test users of the project.

        Raises:
            ConfigError: The client has no management key.
            AuthException: The service rejected the request.
            DescopeError: Any other failure.
        """
        self._client.call(operations.TEST_DELETE_ALL_USERS, {})

    def generate_magic_link_for_test_user(
        self,
        method: DeliveryMethod,
        login_id: str,
        uri: str | None = None,
        login_options: LoginOptions | Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Returns a magic link for a test user. No message is sent.

        Args:
            method: The delivery method of the link.
            login_id: The login ID of a test user.
            uri: The URL of the link; `?t=<token>` is added. Default: the URL set in the project.
            login_options: Options of the sign-in; or a mapping with the API's names.

        Returns:
            `{"link": "...", "loginId": "..."}`.

        Raises:
            ConfigError: The client has no management key.
            AuthException: The service rejected the request.
            DescopeError: Any other failure.
        """
        request = request_builders.generate_magic_link(method, login_id, uri, login_options)
        return self._client.call(operations.TEST_GENERATE_MAGICLINK, request)


class TestUsersAsync(ClientPart):
    """Users for tests: `DescopeClientAsync.mgmt.user`. See `TestUsers` for the arguments."""

    __test__ = False

    async def create_test_user(
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
    ) -> dict[str, Any]:
        """Creates a test user. See `TestUsers.create_test_user`."""
        request = request_builders.create_test_user(
            login_id=login_id,
            email=email,
            phone=phone,
            display_name=display_name,
            given_name=given_name,
            middle_name=middle_name,
            family_name=family_name,
            role_names=role_names,
            user_tenants=user_tenants,
            picture=picture,
            custom_attributes=custom_attributes,
            verified_email=verified_email,
            verified_phone=verified_phone,
            invite_url=invite_url,
            additional_login_ids=additional_login_ids,
            sso_app_ids=sso_app_ids,
            status=status,
            family_associations=family_associations,
            recovery_email=recovery_email,
            recovery_phone=recovery_phone,
            verified_recovery_email=verified_recovery_email,
            verified_recovery_phone=verified_recovery_phone,
        )
        return await self._client.call_async(operations.TEST_CREATE_USER, request)

    async def delete_all_test_users(self) -> None:
        """Deletes all test users of the project. See `TestUsers.delete_all_test_users`."""
        await self._client.call_async(operations.TEST_DELETE_ALL_USERS, {})

    async def generate_magic_link_for_test_user(
        self,
        method: DeliveryMethod,
        login_id: str,
        uri: str | None = None,
        login_options: LoginOptions | Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Returns a magic link for a test user.

        See `TestUsers.generate_magic_link_for_test_user`.
        """
        request = request_builders.generate_magic_link(method, login_id, uri, login_options)
        return await self._client.call_async(operations.TEST_GENERATE_MAGICLINK, request)


class Management(NotPicklable):
    """The part of the management API that this package has: `DescopeClient.mgmt`."""

    def __init__(self, client: NativeClient) -> None:
        """Makes its calls with this client."""
        self._user = TestUsers(client)

    def close(self) -> None:
        """Closes this part and `user`. The client stays open."""
        self._user.close()

    @property
    def user(self) -> TestUsers:
        """Test users."""
        return self._user


class ManagementAsync(NotPicklable):
    """The part of the management API that this package has: `DescopeClientAsync.mgmt`."""

    def __init__(self, client: NativeClient) -> None:
        """Makes its calls with this client."""
        self._user = TestUsersAsync(client)

    def close(self) -> None:
        """Closes this part and `user`. The client stays open."""
        self._user.close()

    @property
    def user(self) -> TestUsersAsync:
        """Test users."""
        return self._user
