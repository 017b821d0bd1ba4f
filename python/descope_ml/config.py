"""The configuration's keys and their types."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, TypedDict


class Config(TypedDict, total=False):
    """What can be configured; None is as good as left out.

    The keys are those of the library's configuration, with `_` for capitals, and for times the
    same in seconds. An explicit value wins over the environment, which wins over the default.

    Attributes:
        project_id: The project; else `DESCOPE_PROJECT_ID`.
        base_url: Where the API is; else `DESCOPE_BASE_URI` or `DESCOPE_BASE_URL`, else by region.
        timeout_ms: How long a whole call may take, every attempt included.
        timeout_seconds: The same in seconds.
        connect_timeout_ms: How long making one connection may take.
        connect_timeout_seconds: The same in seconds.
        max_attempts: How many requests a call may try.
        max_idle_connections: How many unused connections are kept.
        idle_timeout_ms: How long an unused connection is kept.
        idle_timeout_seconds: The same in seconds.
        proxy: `http://[user:password@]host:port`, or `none`; else `HTTPS_PROXY` and its like.
        ca_file: A PEM file with the only certificate authorities to trust.
        tls_roots: Whom TLS trusts without a file: `platform` or `bundled`.
        user_agent: The `User-Agent` header.
        auth_management_key: A key that joins the bearer of authentication calls.
        management_key: The key that test users are made with; else `DESCOPE_MANAGEMENT_KEY`.
        public_key: The project's public key, a JSON Web Key or a set of them, as text or mapping;
            else `DESCOPE_PUBLIC_KEY`, else the keys are fetched.
        jwt_leeway_seconds: By how much clocks may differ when a session is validated.
        jwt_validation_leeway: The same, by its official name.
        keys_ttl_ms: After which time the project's public keys are fetched again.
        keys_ttl_seconds: The same in seconds.
        keys_interval_ms: The least time between two fetches of keys, whatever tokens come in.
        keys_interval_seconds: The same in seconds.
        allow_insecure_http: Lets plain http go beyond this machine.
    """

    project_id: str | None
    base_url: str | None
    timeout_ms: int | None
    timeout_seconds: float | None
    connect_timeout_ms: int | None
    connect_timeout_seconds: float | None
    max_attempts: int | None
    max_idle_connections: int | None
    idle_timeout_ms: int | None
    idle_timeout_seconds: float | None
    proxy: str | None
    ca_file: str | os.PathLike[str] | None
    tls_roots: str | None
    user_agent: str | None
    auth_management_key: str | None
    management_key: str | None
    public_key: str | Mapping[str, Any] | None
    jwt_leeway_seconds: int | None
    jwt_validation_leeway: int | None
    keys_ttl_ms: int | None
    keys_ttl_seconds: float | None
    keys_interval_ms: int | None
    keys_interval_seconds: float | None
    allow_insecure_http: bool | None
