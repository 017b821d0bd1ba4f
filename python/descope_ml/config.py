"""`Config`: the keys of the configuration and their types."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, TypedDict


class Config(TypedDict, total=False):
    """The configuration, as keyword arguments. None is the same as not given.

    The keys are those of the library's configuration in snake case. Times can also be given in
    seconds. A value that is given here overrides the environment, which overrides the default.

    Attributes:
        project_id: The project ID. Default: `DESCOPE_PROJECT_ID`.
        base_url: The URL of the API. Default: `DESCOPE_BASE_URI` or `DESCOPE_BASE_URL`; if neither
            is set, the URL of the project's region.
        timeout_ms: The timeout of a whole call with all attempts, in milliseconds.
        timeout_seconds: The same in seconds.
        connect_timeout_ms: The timeout for opening one connection, in milliseconds.
        connect_timeout_seconds: The same in seconds.
        max_attempts: The maximum number of attempts of a call.
        max_connections: The maximum number of connections that calls use at the same time;
            0: no limit. Further calls wait, within their timeout.
        max_idle_connections: The maximum number of idle connections that are kept.
        idle_timeout_ms: How long an idle connection is kept, in milliseconds.
        idle_timeout_seconds: The same in seconds.
        connection_max_age_ms: For how long a connection is used, however busy it is, in
            milliseconds; 0: without a limit.
        connection_max_age_seconds: The same in seconds.
        proxy: `http://[user:password@]host[:port]`, or the same with `https://`, `socks5://` or
            `socks5h://` (the proxy resolves host names), or `none`. Default: `HTTPS_PROXY`,
            `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`. A proxy from there that cannot be used raises
            `ConfigError` in each call that would go through it.
        ca_file: A PEM file. Only the certificate authorities in it are trusted.
        tls_roots: The trusted certificate authorities if there is no `ca_file`: `platform` or
            `bundled`.
        user_agent: The `User-Agent` header.
        auth_management_key: A key that is sent with authentication calls, in the `Authorization`
            header. Default: `DESCOPE_AUTH_MANAGEMENT_KEY`.
        management_key: The key for test users and embedded links. Default:
            `DESCOPE_MANAGEMENT_KEY`.
        public_key: The public key of the project, a JSON Web Key or a set of them, as text or as a
            mapping. Default: `DESCOPE_PUBLIC_KEY`; if that is not set, the keys are fetched.
        jwt_leeway_seconds: The clock difference that is allowed when a token is validated.
        jwt_validation_leeway: The same, with its official name.
        keys_ttl_ms: How long the fetched public keys of the project are cached, in milliseconds.
        keys_ttl_seconds: The same in seconds.
        keys_interval_ms: The time in which the allowance of requests for public keys grows by one,
            up to 5, in milliseconds.
        keys_interval_seconds: The same in seconds.
        verified_tokens: How many tokens are remembered whose signature was verified; 0: none.
        refresh_grace_ms: How long the response of a refresh is kept for calls with the same refresh
            token that come just after it, in milliseconds; at most 60,000.
        refresh_grace_seconds: The same in seconds.
        allow_insecure_http: Whether `http://` is allowed to other machines than this one.
        skip_verify: Whether any certificate of a server on this machine is accepted. Any other
            server is refused.
        environment: Whether values that are not given come from environment variables. If not, no
            variable is read. Default: true.
        interruptible: Whether a signal that is sent to a thread other than the main one, and
            has a handler, ends the blocking call of that thread. Default: false.
    """

    project_id: str | None
    base_url: str | None
    timeout_ms: int | None
    timeout_seconds: float | None
    connect_timeout_ms: int | None
    connect_timeout_seconds: float | None
    max_attempts: int | None
    max_connections: int | None
    max_idle_connections: int | None
    idle_timeout_ms: int | None
    idle_timeout_seconds: float | None
    connection_max_age_ms: int | None
    connection_max_age_seconds: float | None
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
    verified_tokens: int | None
    refresh_grace_ms: int | None
    refresh_grace_seconds: float | None
    allow_insecure_http: bool | None
    skip_verify: bool | None
    environment: bool | None
    interruptible: bool | None
