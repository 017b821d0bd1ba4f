"""What both clients have: how they are made, and the rights that a session grants."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from descope_ml import _native
from descope_ml.performing import Call, Face, logged, texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
else:
    Any = object

_RIGHTS = ("permissions", "roles", "tenants")


class ClientBase(Face):
    """The part that needs no network; use `DescopeClient` or `DescopeClientAsync`."""

    def __init__(
        self,
        project_id: str | None = None,
        public_key: Mapping[str, Any] | str | None = None,
        skip_verify: bool = False,
        management_key: str | None = None,
        timeout_seconds: float | None = None,
        jwt_validation_leeway: int = 5,
        auth_management_key: str | None = None,
        fga_cache_url: str | None = None,
        *,
        base_url: str | None = None,
        verbose: bool = False,
        ca_file: str | os.PathLike[str] | None = None,
        proxy: str | None = None,
        max_attempts: int | None = None,
        connect_timeout_seconds: float | None = None,
        max_idle_connections: int | None = None,
        idle_timeout_seconds: float | None = None,
        tls_roots: str | None = None,
        user_agent: str | None = None,
        allow_insecure_http: bool | None = None,
        keys_ttl_seconds: float | None = None,
        keys_interval_seconds: float | None = None,
    ) -> None:
        """Makes a client; what is left out comes from the environment, read now.

        Args:
            project_id: The project; else `DESCOPE_PROJECT_ID`.
            public_key: The project's public key, a JSON Web Key or a set of them; else
                `DESCOPE_PUBLIC_KEY`, else the keys are fetched when a token is checked.
            skip_verify: Refused: TLS is always verified. Trust a server of your own by `ca_file`.
            management_key: The key that test users are made with; else `DESCOPE_MANAGEMENT_KEY`.
            timeout_seconds: How long a whole call may take, every attempt included: 10 s unless
                set. The official 60 s count for each phase of each attempt.
            jwt_validation_leeway: By how many seconds clocks may differ when a token is checked.
            auth_management_key: A key that joins the bearer of authentication calls.
            fga_cache_url: Refused: there is nothing here that it could speed up.
            base_url: Where the API is; else `DESCOPE_BASE_URI` or `DESCOPE_BASE_URL`, else by the
                project's region.
            verbose: Refused: answers are not kept. An error has its `request_id`.
            ca_file: A PEM file with the only certificate authorities to trust.
            proxy: `http://[user:password@]host:port`, or `none`; else `HTTPS_PROXY` and its like.
            max_attempts: How many requests a call may try.
            connect_timeout_seconds: How long making one connection may take.
            max_idle_connections: How many unused connections are kept.
            idle_timeout_seconds: How long an unused connection is kept.
            tls_roots: Whom TLS trusts without a `ca_file`: `platform` or `bundled`.
            user_agent: The `User-Agent` header.
            allow_insecure_http: Lets plain http go beyond this machine.
            keys_ttl_seconds: After which time the project's public keys are fetched again.
            keys_interval_seconds: The least time between two fetches of keys.

        Raises:
            ConfigError: There is no project ID, or a value cannot work. It is an `AuthException`
                with `status_code` 400.
        """
        _refuse(
            skip_verify, "skip_verify", "TLS is always verified; trust your server by `ca_file`"
        )
        _refuse(fga_cache_url, "fga_cache_url", "this package has no calls that it would speed up")
        _refuse(verbose, "verbose", "answers are not kept; an error has its `request_id`")
        # As in the official package, what is empty is as good as left out.
        config = _native.config_json(
            {
                "project_id": project_id or None,
                "base_url": base_url or None,
                "public_key": public_key or None,
                "management_key": management_key or None,
                "auth_management_key": auth_management_key or None,
                "timeout_seconds": timeout_seconds,
                "connect_timeout_seconds": connect_timeout_seconds,
                "idle_timeout_seconds": idle_timeout_seconds,
                "jwt_validation_leeway": jwt_validation_leeway,
                "ca_file": ca_file,
                "proxy": proxy,
                "max_attempts": max_attempts,
                "max_idle_connections": max_idle_connections,
                "tls_roots": tls_roots,
                "user_agent": user_agent,
                "allow_insecure_http": allow_insecure_http,
                "keys_ttl_seconds": keys_ttl_seconds,
                "keys_interval_seconds": keys_interval_seconds,
            }
        )
        native = logged(_native.Client, config or "{}")
        native.require_project_id()
        super().__init__(native)

    def validate_permissions(
        self, jwt_response: Mapping[str, Any] | None, permissions: str | Iterable[str]
    ) -> bool:
        """Whether a session grants all of these permissions, tenants apart.

        Args:
            jwt_response: What a validation, verification or refresh returned.
            permissions: One, or several in any collection.

        Returns:
            Whether it grants them all.

        Example:
            >>> from descope_ml import DescopeClient
            >>> DescopeClient().validate_permissions({"permissions": ["read"]}, ["read", "write"])
            False
        """
        return self.validate_tenant_permissions(jwt_response, "", permissions)

    def get_matched_permissions(
        self, jwt_response: Mapping[str, Any] | None, permissions: str | Iterable[str]
    ) -> list[str]:
        """Those of these permissions that a session grants, tenants apart.

        Args:
            jwt_response: What a validation, verification or refresh returned.
            permissions: One, or several in any collection.

        Returns:
            Those that it grants, in the order in which they were asked for.
        """
        return self.get_matched_tenant_permissions(jwt_response, "", permissions)

    def validate_roles(
        self, jwt_response: Mapping[str, Any] | None, roles: str | Iterable[str]
    ) -> bool:
        """Whether a session grants all of these roles, tenants apart. As `validate_permissions`."""
        return self.validate_tenant_roles(jwt_response, "", roles)

    def get_matched_roles(
        self, jwt_response: Mapping[str, Any] | None, roles: str | Iterable[str]
    ) -> list[str]:
        """Those of these roles that a session grants, tenants apart."""
        return self.get_matched_tenant_roles(jwt_response, "", roles)

    def validate_tenant_permissions(
        self, jwt_response: Mapping[str, Any] | None, tenant: str, permissions: str | Iterable[str]
    ) -> bool:
        """Whether a session grants all of these permissions in a tenant.

        Args:
            jwt_response: What a validation, verification or refresh returned.
            tenant: The tenant's ID; empty for what the session grants outside of tenants.
            permissions: One, or several in any collection.

        Returns:
            Whether it grants them all; False where the user is not in the tenant.
        """
        return bool(self._match("permissions", jwt_response, tenant, permissions)["all"])

    def get_matched_tenant_permissions(
        self, jwt_response: Mapping[str, Any] | None, tenant: str, permissions: str | Iterable[str]
    ) -> list[str]:
        """Those of these permissions that a session grants in a tenant.

        Args:
            jwt_response: What a validation, verification or refresh returned.
            tenant: The tenant's ID; empty for what the session grants outside of tenants.
            permissions: One, or several in any collection.

        Returns:
            Those that it grants, in the order in which they were asked for.
        """
        return list(self._match("permissions", jwt_response, tenant, permissions)["matched"])

    def validate_tenant_roles(
        self, jwt_response: Mapping[str, Any] | None, tenant: str, roles: str | Iterable[str]
    ) -> bool:
        """Whether a session grants all of these roles in a tenant. As for permissions."""
        return bool(self._match("roles", jwt_response, tenant, roles)["all"])

    def get_matched_tenant_roles(
        self, jwt_response: Mapping[str, Any] | None, tenant: str, roles: str | Iterable[str]
    ) -> list[str]:
        """Those of these roles that a session grants in a tenant. As for permissions."""
        return list(self._match("roles", jwt_response, tenant, roles)["matched"])

    def get_last_response(self) -> None:
        """None, as in the official package unless it is `verbose`, which is refused here."""

    def _match(
        self,
        key: str,
        jwt_response: Mapping[str, Any] | None,
        tenant: str | None,
        wanted: str | Iterable[str],
    ) -> dict[str, Any]:
        """What a session grants of what is wanted, on this machine."""
        claims: Any = jwt_response or {}
        if tenant is None:
            claims = {}  # No session has a tenant None, and no tenant is not the whole project.
        elif claims and isinstance(claims, Mapping):
            claims = {right: claims.get(right) for right in _RIGHTS}
        request = {
            "claims": claims,
            key: [wanted] if isinstance(wanted, str) else texts(wanted),
            "tenant": tenant or None,
        }
        return self._perform(Call(f"session/match_{key}", request, dict))


def _refuse(value: object, name: str, why: str) -> None:
    """Refuses an official argument that this package cannot honour."""
    if value:
        message = f"`{name}` cannot be set: {why}"
        raise _native.config_error(message)
