"""Request builders: the arguments of a method as a request with the API's names.

The sync and the async client share them. Members that are None are not sent. Options and user
tenants may also be mappings with the API's names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from descope_ml.constants import DeliveryMethod
from descope_ml.errors import argument_error
from descope_ml.options import (
    AccessKeyLoginOptions,
    AssociatedFamily,
    AssociatedTenant,
    CreateUserObj,
    LoginOptions,
    SignUpOptions,
)

Request = dict[str, Any]

_AUTHORIZATION_CLAIMS = ("permissions", "roles", "tenants")


def sign_in(
    login_id: str,
    uri: str | None,
    options: LoginOptions | SignUpOptions | Mapping[str, Any] | None,
    refresh_token: str | None,
    *,
    provider_id: str | None,
    template_id: str | None,
    sso_app_id: str | None,
    use_recovery: bool | None,
) -> Request:
    """For `magiclink/signin/…` and `magiclink/signup-in/…`."""
    return {
        "loginId": login_id,
        "redirectUrl": uri,
        "loginOptions": options,
        "refreshToken": refresh_token,
        "providerId": provider_id,
        "templateId": template_id,
        "ssoAppId": sso_app_id,
        "useRecovery": use_recovery,
    }


def sign_up(
    method: DeliveryMethod,
    login_id: str,
    uri: str | None,
    user: Mapping[str, Any] | None,
    options: SignUpOptions | Mapping[str, Any] | None,
    *,
    provider_id: str | None,
    template_id: str | None,
) -> Request:
    """For `magiclink/signup/…`.

    Like the official package, it sends the address twice: in `user` and beside it. If `user` has no
    address, the login ID is the address.
    """
    request: Request = {
        "loginId": login_id,
        "redirectUrl": uri,
        "user": user,
        "loginOptions": options,
        "providerId": provider_id,
        "templateId": template_id,
    }
    if user is None or isinstance(user, Mapping):
        key = "email" if method is DeliveryMethod.EMAIL else "phone"
        address = (user or {}).get(key) or login_id
        request["user"] = {**(user or {}), key: address}
        request[key] = address
    return request


def verify(token: str, audience: str | Iterable[str] | None) -> Request:
    """For `magiclink/verify`."""
    return {"token": token, "audience": to_string_list(audience)}


def update_user(
    address: Mapping[str, str],
    login_id: str,
    refresh_token: str,
    add_to_login_ids: bool,
    on_merge_use_existing: bool,
    template_options: Mapping[str, str] | None,
    template_id: str | None,
    provider_id: str | None,
    *,
    uri: str | None,
    locale: str | None,
    fail_on_conflict: bool | None,
) -> Request:
    """For `magiclink/update/…`. `address` is `{"email": …}` or `{"phone": …}`."""
    return {
        "loginId": login_id,
        **address,
        "refreshToken": refresh_token,
        "addToLoginIDs": add_to_login_ids,
        "onMergeUseExisting": on_merge_use_existing,
        "templateOptions": template_options,
        "templateId": template_id,
        "providerId": provider_id,
        "redirectUrl": uri,
        "locale": locale,
        "failOnConflict": fail_on_conflict,
    }


def validate_session(session_token: str, audience: str | Iterable[str] | None) -> Request:
    """For `session/validate`."""
    return {"sessionToken": session_token, "audience": to_string_list(audience)}


def refresh_session(
    refresh_token: str, audience: str | Iterable[str] | None, external_token: str | None
) -> Request:
    """For `session/refresh`."""
    return {
        "refreshToken": refresh_token,
        "audience": to_string_list(audience),
        "externalToken": external_token,
    }


def select_tenant(
    tenant_id: str, refresh_token: str, audience: str | Iterable[str] | None
) -> Request:
    """For `session/select_tenant`."""
    return {
        "tenant": tenant_id,
        "refreshToken": refresh_token,
        "audience": to_string_list(audience),
    }


def tenants(refresh_token: str, dct: bool, ids: Iterable[str] | None) -> Request:
    """For `session/tenants`."""
    return {"refreshToken": refresh_token, "dct": dct, "ids": to_string_list(ids)}


def exchange_access_key(
    access_key: str,
    audience: str | Iterable[str] | None,
    login_options: AccessKeyLoginOptions | Mapping[str, Any] | None,
) -> Request:
    """For `session/exchange_access_key`."""
    return {
        "accessKey": access_key,
        "audience": to_string_list(audience),
        "loginOptions": login_options,
    }


def logout(refresh_token: str, logout_type: Sequence[str] | None) -> Request:
    """For `session/logout` and `session/logout_all`."""
    return {"refreshToken": refresh_token, "logoutType": logout_type}


def match(
    key: str,
    jwt_response: Mapping[str, Any] | None,
    tenant: str | None,
    required: str | Iterable[str],
) -> Request:
    """For `session/match_permissions` and `session/match_roles`; `key` is the last word.

    The tenant "" stands for the permissions and roles outside of tenants. The tenant None is in no
    session, so it matches nothing.
    """
    claims: Any = jwt_response or {}
    if tenant is None:
        claims = {}
    elif claims and isinstance(claims, Mapping):
        claims = {claim: claims.get(claim) for claim in _AUTHORIZATION_CLAIMS}
    return {
        "claims": claims,
        key: [required] if isinstance(required, str) else to_string_list(required),
        "tenant": tenant or None,
    }


def create_test_user(
    *,
    login_id: str,
    email: str | None,
    phone: str | None,
    display_name: str | None,
    given_name: str | None,
    middle_name: str | None,
    family_name: str | None,
    role_names: Sequence[str] | None,
    user_tenants: Sequence[AssociatedTenant | Mapping[str, Any]] | None,
    picture: str | None,
    custom_attributes: Mapping[str, Any] | None,
    verified_email: bool | None,
    verified_phone: bool | None,
    invite_url: str | None,
    additional_login_ids: Sequence[str] | None,
    sso_app_ids: Sequence[str] | None,
    status: str | None,
    family_associations: Sequence[AssociatedFamily | Mapping[str, Any]] | None,
    recovery_email: str | None,
    recovery_phone: str | None,
    verified_recovery_email: bool | None,
    verified_recovery_phone: bool | None,
) -> Request:
    """For `test/create_user`.

    The published API has no family associations, so core does not check them: they go into `extra`.
    """
    request: Request = {
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
    return request


def embedded_link(login_id: str, custom_claims: Mapping[str, Any] | None, timeout: int) -> Request:
    """For `management/embedded_link`."""
    return {"loginId": login_id, "customClaims": custom_claims, "timeout": timeout}


def sign_up_embedded_link(
    login_id: str,
    user: CreateUserObj | Mapping[str, Any] | None,
    email_verified: bool,
    phone_verified: bool,
    login_options: LoginOptions | Mapping[str, Any] | None,
    timeout: int,
) -> Request:
    """For `management/embedded_link_signup`."""
    return {
        "loginId": login_id,
        "user": user,
        "emailVerified": email_verified,
        "phoneVerified": phone_verified,
        "loginOptions": login_options,
        "timeout": timeout,
    }


def delete_user(login_id: str) -> Request:
    """For `management/delete_user`."""
    return {"loginId": login_id}


def generate_magic_link(
    method: DeliveryMethod,
    login_id: str,
    uri: str | None,
    login_options: LoginOptions | Mapping[str, Any] | None,
) -> Request:
    """For `test/generate_magiclink`."""
    if not isinstance(method, DeliveryMethod):
        raise argument_error("`method` must be a DeliveryMethod, such as DeliveryMethod.SMS")
    return {
        "loginId": login_id,
        "deliveryMethod": "Embedded" if method is DeliveryMethod.EMBEDDED else method.name.lower(),
        "redirectUrl": uri,
        "loginOptions": login_options,
    }


def to_string_list(value: str | Iterable[str] | None) -> str | Iterable[str] | None:
    """One or several strings in a form that can be encoded as JSON.

    Args:
        value: A string, a collection of strings, or None.

    Returns:
        A string and None as they are, a collection as a list. A value of another type is returned
        as it is: core rejects it.
    """
    if value is None or isinstance(value, str) or not isinstance(value, Iterable):
        return value
    return list(value)
