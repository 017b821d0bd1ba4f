"""Test users and embedded links: `mgmt.user` of both clients. Needs the management key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from descope_ml import operations, request_builders
from descope_ml.constants import DeliveryMethod
from descope_ml.error_frames import methods_hide_locals
from descope_ml.native_client import ClientPart, Part
from descope_ml.options import AssociatedFamily, AssociatedTenant, CreateUserObj, LoginOptions


@methods_hide_locals
class Users(ClientPart):
    """Users for tests, who need no phone, and embedded links: `DescopeClient.mgmt.user`.

    Differs from the official one: without a management key, the method call raises `ConfigError`.
    There, the access to `mgmt.user` raises.
    """

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

    def delete(self, login_id: str) -> None:
        """Deletes a user, whether a test user or not. This cannot be undone.

        Args:
            login_id: A login ID of the user.

        Raises:
            ConfigError: The client has no management key.
            AuthException: The service rejected the request.
            DescopeError: Any other failure.
        """
        request = request_builders.delete_user(login_id)
        self._client.call(operations.MANAGEMENT_DELETE_USER, request)

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

    def generate_embedded_link(
        self, login_id: str, custom_claims: Mapping[str, Any] | None = None, timeout: int = 0
    ) -> str:
        """Returns a token that signs an existing user in. No message is sent.

        Deliver the token yourself, for example in a link of your own, and pass it to
        `magiclink.verify`. It works once.

        Args:
            login_id: The login ID of the user.
            custom_claims: Claims for the session token, of any JSON type.
            timeout: How many seconds the token is valid. 0: the default of the service.

        Returns:
            The token.

        Raises:
            ConfigError: The client has no management key.
            AuthException: The service rejected the request.
            DescopeError: Any other failure.
        """
        request = request_builders.embedded_link(login_id, custom_claims, timeout)
        return self._client.call(operations.MANAGEMENT_EMBEDDED_LINK, request)

    def generate_sign_up_embedded_link(
        self,
        login_id: str,
        user: CreateUserObj | Mapping[str, Any] | None = None,
        email_verified: bool = False,
        phone_verified: bool = False,
        login_options: LoginOptions | Mapping[str, Any] | None = None,
        timeout: int = 0,
    ) -> str:
        """Returns a token that signs a new user up. See `generate_embedded_link`.

        Args:
            login_id: The login ID of the new user.
            user: Details of the user; or a mapping with the API's names.
            email_verified: Whether the email address is verified.
            phone_verified: Whether the phone number is verified.
            login_options: Options of the session; or a mapping with the API's names.
            timeout: How many seconds the token is valid. 0: the default of the service.

        Returns:
            The token.

        Raises:
            ConfigError: The client has no management key.
            AuthException: The service rejected the request.
            DescopeError: Any other failure.
        """
        request = request_builders.sign_up_embedded_link(
            login_id, user, email_verified, phone_verified, login_options, timeout
        )
        return self._client.call(operations.MANAGEMENT_EMBEDDED_LINK_SIGNUP, request)


@methods_hide_locals
class UsersAsync(ClientPart):
    """Test users and embedded links: `DescopeClientAsync.mgmt.user`. See `Users`."""

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
        """Creates a test user. See `Users.create_test_user`."""
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

    async def delete(self, login_id: str) -> None:
        """Deletes a user, whether a test user or not. See `Users.delete`."""
        request = request_builders.delete_user(login_id)
        await self._client.call_async(operations.MANAGEMENT_DELETE_USER, request)

    async def delete_all_test_users(self) -> None:
        """Deletes all test users of the project. See `Users.delete_all_test_users`."""
        await self._client.call_async(operations.TEST_DELETE_ALL_USERS, {})

    async def generate_magic_link_for_test_user(
        self,
        method: DeliveryMethod,
        login_id: str,
        uri: str | None = None,
        login_options: LoginOptions | Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Returns a magic link for a test user.

        See `Users.generate_magic_link_for_test_user`.
        """
        request = request_builders.generate_magic_link(method, login_id, uri, login_options)
        return await self._client.call_async(operations.TEST_GENERATE_MAGICLINK, request)

    async def generate_embedded_link(
        self, login_id: str, custom_claims: Mapping[str, Any] | None = None, timeout: int = 0
    ) -> str:
        """Returns a token that signs an existing user in. See `Users.generate_embedded_link`."""
        request = request_builders.embedded_link(login_id, custom_claims, timeout)
        return await self._client.call_async(operations.MANAGEMENT_EMBEDDED_LINK, request)

    async def generate_sign_up_embedded_link(
        self,
        login_id: str,
        user: CreateUserObj | Mapping[str, Any] | None = None,
        email_verified: bool = False,
        phone_verified: bool = False,
        login_options: LoginOptions | Mapping[str, Any] | None = None,
        timeout: int = 0,
    ) -> str:
        """Returns a token that signs a new user up. See `Users.generate_sign_up_embedded_link`."""
        request = request_builders.sign_up_embedded_link(
            login_id, user, email_verified, phone_verified, login_options, timeout
        )
        return await self._client.call_async(operations.MANAGEMENT_EMBEDDED_LINK_SIGNUP, request)


class Management(ClientPart):
    """The part of the management API that this package has: `DescopeClient.mgmt`."""

    user = Part(Users, "Test users and embedded links.")

    def close(self) -> None:
        """Closes this part and `user`. The client stays open."""
        super().close()
        self.user.close()


class ManagementAsync(ClientPart):
    """The part of the management API that this package has: `DescopeClientAsync.mgmt`."""

    user = Part(UsersAsync, "Test users and embedded links.")

    def close(self) -> None:
        """Closes this part and `user`. The client stays open."""
        super().close()
        self.user.close()
