"""Test users: what each method sends, returns and raises."""

from __future__ import annotations

from typing import Any

import pytest

import descope_ml
from descope_ml import ConfigError, DescopeClient
from local_server import LocalServer
from tokens import PROJECT


def test_test_users_need_the_management_key(server: LocalServer, client: DescopeClient) -> None:
    with pytest.raises(ConfigError, match="DESCOPE_MANAGEMENT_KEY"):
        client.mgmt.user.delete_all_test_users()
    assert server.received == []


def test_test_users_are_created_linked_and_deleted(server: LocalServer) -> None:
    client = DescopeClient(PROJECT, base_url=server.url, management_key="mk")
    tenants: list[Any] = [descope_ml.AssociatedTenant("T1", ["clerk"]), {"tenantId": "T2"}]
    families = [descope_ml.AssociatedFamily("F1")]
    server.respond_with(200, {"user": {"userId": "U2test"}})
    made = client.mgmt.user.create_test_user(
        "ada",
        "ada@example.com",
        display_name="Ada",
        user_tenants=tenants,
        additional_login_ids=["x"],
        sso_app_ids=["s"],
        family_associations=families,
        recovery_email="b@example.com",
    )
    assert made == {"user": {"userId": "U2test"}}
    assert server.last.path == "/v1/mgmt/user/create/test"
    assert server.last.headers["authorization"] == f"Bearer {PROJECT}:mk"
    assert server.last.body == {
        "loginId": "ada",
        "email": "ada@example.com",
        "name": "Ada",
        "userTenants": [{"tenantId": "T1", "roleNames": ["clerk"]}, {"tenantId": "T2"}],
        "test": True,
        "additionalIdentifiers": ["x"],
        "ssoAppIds": ["s"],
        "recoveryEmail": "b@example.com",
        "familyAssociations": [{"familyId": "F1"}],
    }
    link = {"link": "https://x.org?t=1", "loginId": "ada"}
    server.respond_with(200, link)
    generate = client.mgmt.user.generate_magic_link_for_test_user
    assert generate(descope_ml.DeliveryMethod.EMBEDDED, "ada", "https://x.org") == link
    assert server.last.body["deliveryMethod"] == "Embedded"
    options = descope_ml.LoginOptions(locale="de")
    assert generate(descope_ml.DeliveryMethod.SMS, "ada", login_options=options) == link
    assert server.last.body == {
        "loginId": "ada",
        "deliveryMethod": "sms",
        "loginOptions": {"stepup": False, "mfa": False, "locale": "de"},
    }
    server.respond_with(200, {})
    client.mgmt.user.delete_all_test_users()
    assert (server.last.method, server.last.path) == ("DELETE", "/v1/mgmt/user/test/delete/all")


def test_a_user_is_deleted_by_login_id(server: LocalServer) -> None:
    server.respond_with(200, {})
    client = DescopeClient(PROJECT, base_url=server.url, management_key="mk")
    client.mgmt.user.delete("ada")
    config: Any = {"project_id": PROJECT, "base_url": server.url, "management_key": "mk"}
    assert descope_ml.management_delete_user({"loginId": "bob"}, **config) == {}
    assert [(one.method, one.path, one.body) for one in server.received] == [
        ("POST", "/v1/mgmt/user/delete", {"loginId": name}) for name in ("ada", "bob")
    ]


def test_each_test_user_operation_has_a_function(server: LocalServer) -> None:
    config: Any = {"project_id": PROJECT, "base_url": server.url, "management_key": "mk"}
    server.respond_with(200, {"user": {}, "link": "https://x.org?t=1"})
    made = descope_ml.test_create_user({"loginId": "ada"}, **config)
    request = {"loginId": "ada", "deliveryMethod": "sms"}
    assert descope_ml.test_generate_magiclink(request, **config) == made
    assert descope_ml.test_delete_all_users({}, **config) == made
