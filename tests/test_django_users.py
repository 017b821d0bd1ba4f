"""`request.user` in Django, and Django REST framework: in a process with a database of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from descope_ml import DeliveryMethod, DescopeClient

PROGRAM = Path(__file__).parent / "support" / "django_users_program.py"
URI = "https://app.example.com/verify"


def sign_in(options: dict[str, Any], *roles: str) -> dict[str, Any]:
    """A login of a test user with roles."""
    client = DescopeClient(**options)
    email = "ada@example.com"
    client.mgmt.user.create_test_user(email, email=email, verified_email=True, role_names=[*roles])
    link = client.mgmt.user.generate_magic_link_for_test_user(DeliveryMethod.EMAIL, email, URI)
    return client.magiclink.verify(str(link["link"]).partition("t=")[2])


def cookie(login: dict[str, Any], key: str, name: str) -> dict[str, str]:
    """The headers of a browser with one of the tokens."""
    return {"Cookie": f"{name}={login[key]['jwt']}"}


def run_site(
    options: dict[str, Any],
    folder: Path,
    requests: list[tuple[str, dict[str, str]]],
    **settings: Any,
) -> list[dict[str, Any]]:
    """Makes requests in the site and returns their responses."""
    given = {
        "client": options,
        "database": str(folder / "db.sqlite3"),
        "requests": requests,
        "settings": settings,
    }
    done = subprocess.run(
        [sys.executable, str(PROGRAM)], input=json.dumps(given), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_a_session_has_a_user_of_django(options: dict[str, Any], tmp_path: Path) -> None:
    login = sign_in(options, "editor")
    user = login["userId"]
    session = cookie(login, "sessionToken", "DS")
    requests = [
        ("/who", session),
        ("/async_who", session),
        ("/private", session),
        ("/who", cookie(login, "refreshSessionToken", "DSR")),
        ("/who", {}),
        ("/who", {"Cookie": "DS=garbage"}),
        ("/private", {}),
        ("/open_page", session),
        ("/backend", {}),
        ("/deactivate", session),
        ("/who", session),
    ]
    found = run_site(options, tmp_path, requests)
    assert [response["text"] for response in found] == [
        *[f"{user} 1 0"] * 4,
        *[" 0 0"] * 2,
        "",
        "open",
        "U-backend 1 0 None None",
        "done",
        " 0 0",
    ]
    assert found[3]["cookies"] == ["DS", "DSR"]
    assert found[6]["headers"]["Location"] == "/sign-in?next=/private"
    # Only who asks for the user depends on the user.
    assert found[0]["headers"]["Vary"] == "Cookie, Authorization"
    assert found[7]["headers"]["Vary"] == ""


def test_roles_decide_at_each_request(options: dict[str, Any], tmp_path: Path) -> None:
    login = sign_in(options, "editor", "admin")
    session = cookie(login, "sessionToken", "DS")
    (both,) = run_site(options, tmp_path, [("/who", session)])
    assert both["text"] == f"{login['userId']} 1 1"
    (none,) = run_site(options, tmp_path, [("/who", session)], superuser_roles=[], staff_roles=[])
    assert none["text"] == f"{login['userId']} 0 0"


def test_an_application_can_find_users_itself(options: dict[str, Any], tmp_path: Path) -> None:
    login = sign_in(options)
    session = cookie(login, "sessionToken", "DS")
    (own,) = run_site(options, tmp_path, [("/who", session)], user="__main__.own_user")
    assert own["text"] == f"own {login['userId']} 0 0"


def test_a_service_that_fails_is_no_error_of_the_application(
    options: dict[str, Any], tmp_path: Path
) -> None:
    login = sign_in(options)
    session = cookie(login, "sessionToken", "DS")
    unreachable = {**options, "base_url": "http://127.0.0.1:1"}
    found = run_site(unreachable, tmp_path, [("/who", session), ("/api", session)])
    assert [response["status"] for response in found] == [503, 503]


def test_django_rest_framework_knows_the_user(options: dict[str, Any], tmp_path: Path) -> None:
    login = sign_in(options, "editor")
    user = login["userId"]
    token = login["sessionToken"]["jwt"]
    requests = [
        ("/api", {"Authorization": f"Bearer {token}"}),
        ("/api", cookie(login, "sessionToken", "DS")),
        ("/api", cookie(login, "refreshSessionToken", "DSR")),
        ("/api", {}),
        ("/api", {"Authorization": "Bearer garbage"}),
        ("/deactivate", {"Authorization": f"Bearer {token}"}),
        ("/api", {"Authorization": f"Bearer {token}"}),
    ]
    found = run_site(options, tmp_path, requests)
    assert [response["status"] for response in found] == [200, 200, 200, 401, 401, 200, 401]
    assert {response["text"] for response in found[:3]} == {f'"{user} 1 0 {user}"'}
    assert found[2]["cookies"] == ["DS", "DSR"]
    assert found[3]["headers"]["WWW-Authenticate"] == "Bearer"
    assert "sign in first" in found[4]["text"]
