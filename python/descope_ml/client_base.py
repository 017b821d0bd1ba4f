"""The base class of both clients: the constructor, and the checks of permissions and roles."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

from descope_ml import operations, request_builders
from descope_ml.error_frames import methods_hide_locals
from descope_ml.errors import config_error
from descope_ml.json_codec import config_json
from descope_ml.native_client import ClientOrPart, NativeClient


@methods_hide_locals
class ClientBase(ClientOrPart):
    """Everything that runs without waiting. Use `DescopeClient` or `DescopeClientAsync`."""

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
        max_connections: int | None = None,
        max_idle_connections: int | None = None,
        idle_timeout_seconds: float | None = None,
        connection_max_age_seconds: float | None = None,
        tls_roots: str | None = None,
        user_agent: str | None = None,
        allow_insecure_http: bool | None = None,
        keys_ttl_seconds: float | None = None,
        keys_interval_seconds: float | None = None,
        verified_tokens: int | None = None,
        refresh_grace_seconds: float | None = None,
        environment: bool | None = None,
        interruptible: bool | None = None,
    ) -> None:
        """Makes a client. Options that are not given come from the environment, read now.

        Args:
            project_id: The project ID. Default: `DESCOPE_PROJECT_ID`.
            public_key: The public key of the project, a JSON Web Key or a set of them. Default:
                `DESCOPE_PUBLIC_KEY`; if that is not set, the keys are fetched when needed.
            skip_verify: Accepts any certificate of a server on this machine, with a warning. Any
                other server is refused: the address of the connection decides. To trust your own
                CA, use `ca_file`.
            management_key: The key for test users and embedded links. Default:
                `DESCOPE_MANAGEMENT_KEY`.
            timeout_seconds: The timeout of a whole call with all attempts. Default: 10 s. The
                official 60 s apply to each phase of each attempt.
            jwt_validation_leeway: The clock difference, in seconds, that is allowed when a token is
                validated.
            auth_management_key: A key that is sent with authentication calls, in the
                `Authorization` header. Default: `DESCOPE_AUTH_MANAGEMENT_KEY`.
            fga_cache_url: Rejected: this package has no calls that use such a cache.
            base_url: The URL of the API. Default: `DESCOPE_BASE_URI` or `DESCOPE_BASE_URL`; if
                neither is set, the URL of the project's region.
            verbose: Rejected: responses are not kept. An error has its `request_id`.
            ca_file: A PEM file. Only the certificate authorities in it are trusted.
            proxy: `http://[user:password@]host[:port]`, or the same with `https://`, `socks5://` or
                `socks5h://` (the proxy resolves host names), or `none`. Default: `HTTPS_PROXY`,
                `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`. A proxy from there that cannot be used
                raises `ConfigError` in each call that would go through it.
            max_attempts: The maximum number of attempts of a call.
            connect_timeout_seconds: The timeout for opening one connection.
            max_connections: The maximum number of connections that calls use at the same time;
                0: no limit. Further calls wait, within their timeout.
            max_idle_connections: The maximum number of idle connections that are kept.
            idle_timeout_seconds: How long an idle connection is kept.
            connection_max_age_seconds: For how long a connection is used, however busy it is;
                0: without a limit.
            tls_roots: The trusted certificate authorities if there is no `ca_file`: `platform` or
                `bundled`.
            user_agent: The `User-Agent` header.
            allow_insecure_http: Whether `http://` is allowed to other machines than this one.
            keys_ttl_seconds: How long the fetched public keys of the project are cached.
            keys_interval_seconds: The time in which the allowance of requests for public keys grows
                by one, up to 5.
            verified_tokens: How many tokens are remembered whose signature was verified, so that it
                need not be verified again; 0: none. Everything else is checked every time.
            refresh_grace_seconds: How long the response of a refresh is kept for calls with the
                same refresh token that come just after it, at most 60 s. Default: 0, so that only
                calls that overlap share one request.
            environment: Whether options that are not given come from environment variables. If
                not, no variable is read. Default: true.
            interruptible: Whether a signal that is sent to a thread other than the main one, and
                has a handler, ends the blocking call of that thread. Default: false.

        Raises:
            ConfigError: There is no project ID, or a value is invalid. It is an `AuthException`
                with `status_code` 400.
        """
        _reject(fga_cache_url, "fga_cache_url", "this package has no calls that use such a cache")
        _reject(verbose, "verbose", "responses are not kept; an error has its `request_id`")
        # As in the official package, an empty value counts as not given.
        config = config_json(
            {
                "project_id": project_id or None,
                "base_url": base_url or None,
                "public_key": public_key or None,
                "management_key": management_key or None,
                "auth_management_key": auth_management_key or None,
                "timeout_seconds": timeout_seconds,
                "connect_timeout_seconds": connect_timeout_seconds,
                "idle_timeout_seconds": idle_timeout_seconds,
                "connection_max_age_seconds": connection_max_age_seconds,
                "jwt_validation_leeway": jwt_validation_leeway,
                "ca_file": ca_file,
                "proxy": proxy,
                "max_attempts": max_attempts,
                "max_connections": max_connections,
                "max_idle_connections": max_idle_connections,
                "tls_roots": tls_roots,
                "user_agent": user_agent,
                "allow_insecure_http": allow_insecure_http,
                "keys_ttl_seconds": keys_ttl_seconds,
                "keys_interval_seconds": keys_interval_seconds,
                "verified_tokens": verified_tokens,
                "refresh_grace_seconds": refresh_grace_seconds,
                "skip_verify": skip_verify or None,
                "environment": environment,
                "interruptible": interruptible,
            }
        )
        self._client = NativeClient(config or "{}")
        if skip_verify:
            message = "skip_verify: the server's certificate is not verified; use it only in tests"
            warnings.warn(message, stacklevel=3)  # `methods_hide_locals` adds a frame

    def close(self) -> None:
        """Closes the client and its parts, such as `magiclink`.

        Its connections are closed. Calls in progress finish; later calls raise `ConfigError`.
        """
        self._client.close()

    def validate_permissions(
        self, jwt_response: Mapping[str, Any] | None, permissions: str | Iterable[str]
    ) -> bool:
        """Whether a session has all of these project-level permissions. Tenants are ignored.

        Args:
            jwt_response: The result of a validation, verification or refresh.
            permissions: One permission, or a collection of permissions.

        Returns:
            Whether the session has all of them.

        Example:
            >>> from descope_ml import DescopeClient
            >>> DescopeClient().validate_permissions({"permissions": ["read"]}, ["read", "write"])
            False
        """
        return self.validate_tenant_permissions(jwt_response, "", permissions)

    def get_matched_permissions(
        self, jwt_response: Mapping[str, Any] | None, permissions: str | Iterable[str]
    ) -> list[str]:
        """Which of these project-level permissions a session has. Tenants are ignored.

        Args:
            jwt_response: The result of a validation, verification or refresh.
            permissions: One permission, or a collection of permissions.

        Returns:
            Those that the session has, in the order of `permissions`.
        """
        return self.get_matched_tenant_permissions(jwt_response, "", permissions)

    def validate_roles(
        self, jwt_response: Mapping[str, Any] | None, roles: str | Iterable[str]
    ) -> bool:
        """Whether a session has all of these project-level roles. Like `validate_permissions`."""
        return self.validate_tenant_roles(jwt_response, "", roles)

    def get_matched_roles(
        self, jwt_response: Mapping[str, Any] | None, roles: str | Iterable[str]
    ) -> list[str]:
        """Which of these project-level roles a session has. Like `get_matched_permissions`."""
        return self.get_matched_tenant_roles(jwt_response, "", roles)

    def validate_tenant_permissions(
        self, jwt_response: Mapping[str, Any] | None, tenant: str, permissions: str | Iterable[str]
    ) -> bool:
        """Whether a session has all of these permissions in a tenant.

        Args:
            jwt_response: The result of a validation, verification or refresh.
            tenant: The ID of the tenant; "" for project-level permissions.
            permissions: One permission, or a collection of permissions.

        Returns:
            Whether the session has all of them; False if the user is not in the tenant.
        """
        request = request_builders.match("permissions", jwt_response, tenant, permissions)
        return bool(self._client.call(operations.SESSION_MATCH_PERMISSIONS, request)["all"])

    def get_matched_tenant_permissions(
        self, jwt_response: Mapping[str, Any] | None, tenant: str, permissions: str | Iterable[str]
    ) -> list[str]:
        """Which of these permissions a session has in a tenant.

        Args:
            jwt_response: The result of a validation, verification or refresh.
            tenant: The ID of the tenant; "" for project-level permissions.
            permissions: One permission, or a collection of permissions.

        Returns:
            Those that the session has, in the order of `permissions`.
        """
        request = request_builders.match("permissions", jwt_response, tenant, permissions)
        return list(self._client.call(operations.SESSION_MATCH_PERMISSIONS, request)["matched"])

    def validate_tenant_roles(
        self, jwt_response: Mapping[str, Any] | None, tenant: str, roles: str | Iterable[str]
    ) -> bool:
        """Whether a session has all of these roles in a tenant.

        Like `validate_tenant_permissions`.
        """
        request = request_builders.match("roles", jwt_response, tenant, roles)
        return bool(self._client.call(operations.SESSION_MATCH_ROLES, request)["all"])

    def get_matched_tenant_roles(
        self, jwt_response: Mapping[str, Any] | None, tenant: str, roles: str | Iterable[str]
    ) -> list[str]:
        """Which of these roles a session has in a tenant. Like `get_matched_tenant_permissions`."""
        request = request_builders.match("roles", jwt_response, tenant, roles)
        return list(self._client.call(operations.SESSION_MATCH_ROLES, request)["matched"])

    def get_last_response(self) -> None:
        """Returns None, like the official one without `verbose`. `verbose` is rejected here."""


def _reject(value: object, name: str, reason: str) -> None:
    """Rejects an official argument that has no effect in this package."""
    if value:
        raise config_error(f"`{name}` cannot be set: {reason}")
