"""The fixture `descope_emulator` in the tests of users, and the class for unittest."""

from __future__ import annotations

import sys
from pathlib import Path

from support.user_tests import assert_passed, run_in, run_user_tests

# A phone number and an address of nobody.
PRELUDE = """
import os
import pytest
import descope_ml
from descope_ml import ApiError, DeliveryMethod, DescopeClient, TokenError
from descope_ml.testing import Emulator

EMAIL = "ada@example.com"


def sign_in(emulator):
    DescopeClient().magiclink.sign_up_or_in(DeliveryMethod.EMAIL, EMAIL)
    return DescopeClient().magiclink.verify(emulator.inbox.wait_for(to=EMAIL).token)
"""

EACH_TEST_HAS_ITS_OWN = """
def test_first(descope_emulator):
    assert sign_in(descope_emulator)["firstSeen"]
    bob = descope_emulator.users.add("bob", name="Bob", role_names=["reader"])
    assert bob["name"] == "Bob"
    assert {user["name"] for user in descope_emulator.users} == {"", "Bob"}
    assert descope_emulator.users.get("bob")["roleNames"] == ["reader"]
    descope_emulator.fail_next(times=5)
    descope_emulator.advance("1h")


def test_second(descope_emulator):
    assert len(descope_emulator.users) == 0
    assert descope_emulator.inbox.messages() == []
    assert descope_emulator.requests() == []
    login = sign_in(descope_emulator)
    assert login["firstSeen"]
    DescopeClient().validate_session(login["sessionToken"]["jwt"])
"""

TIME_AND_FAULTS = """
def test_sessions_expire(descope_emulator):
    session_jwt = sign_in(descope_emulator)["sessionToken"]["jwt"]
    client = DescopeClient()
    descope_emulator.advance("9m")
    client.validate_session(session_jwt)
    descope_emulator.advance("2m")
    with pytest.raises(TokenError) as caught:
        client.validate_session(session_jwt)
    assert caught.value.reason == "expired"


def test_links_expire(descope_emulator):
    client = DescopeClient()
    client.magiclink.sign_up_or_in(DeliveryMethod.EMAIL, EMAIL)
    token = descope_emulator.inbox.wait_for(to=EMAIL).token
    descope_emulator.advance("5m")
    with pytest.raises(ApiError):
        client.magiclink.verify(token)


def test_the_next_call_fails(descope_emulator):
    descope_emulator.fail_next("/v1/auth/magiclink/*", status=403)
    with pytest.raises(ApiError) as caught:
        sign_in(descope_emulator)
    assert caught.value.status_code == 403
    sign_in(descope_emulator)


def test_mistakes_are_explained(descope_emulator):
    with pytest.raises(ValueError, match="a duration is a number with a unit"):
        descope_emulator.advance("soon")
    with pytest.raises(ValueError, match="unknown field `nickname`"):
        descope_emulator.users.add("ada", nickname="A")
    with pytest.raises(TimeoutError, match="the inbox has 0 to others"):
        descope_emulator.inbox.wait_for(to=EMAIL, timeout=0.1)
    message = repr(sign_in(descope_emulator) and descope_emulator.inbox.wait_for(to=EMAIL))
    assert EMAIL not in message and "token" not in message
"""

THE_ENVIRONMENT_IS_PUT_BACK = """
MINE = {"DESCOPE_PROJECT_ID": "P2mine", "DESCOPE_PUBLIC_KEY": "{}", "NO_PROXY": "example.com"}


def environment():
    return {name: os.environ[name] for name in os.environ if name != "PYTEST_CURRENT_TEST"}


@pytest.fixture(autouse=True, scope="module")
def mine():
    os.environ.update(MINE)
    descope_ml.configure(project_id="P2mine", base_url="http://127.0.0.1:1", max_attempts=1,
                         environment=False)
    before = environment()
    yield
    assert environment() == before
    with pytest.raises(descope_ml.NetworkError):
        descope_ml.magiclink_signup_in_email({"loginId": EMAIL})


def test_functions_without_a_client_use_the_emulator(descope_emulator):
    descope_ml.magiclink_signup_in_email({"loginId": EMAIL})
    assert descope_emulator.inbox.wait_for(to=EMAIL).channel == "email"
    assert os.environ["DESCOPE_PROJECT_ID"] == descope_emulator.project_id
    assert os.environ["DESCOPE_BASE_URI"] == descope_emulator.base_url
    assert "DESCOPE_PUBLIC_KEY" not in os.environ
    assert "127.0.0.1" in os.environ["NO_PROXY"] and "example.com" in os.environ["NO_PROXY"]


def test_an_emulator_for_fixtures_of_a_session(descope_emulator_server):
    assert descope_emulator_server.base_url.startswith("http://127.0.0.1:")
    assert os.environ["DESCOPE_PROJECT_ID"] == "P2mine"
"""

UNITTEST = """
import os
import unittest

from descope_ml import DeliveryMethod, DescopeClient
from descope_ml.testing import Emulator, EmulatorError


class SignInTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.emulator = Emulator("--link-ttl=1m").start()
        cls.addClassCleanup(cls.emulator.stop)

    def setUp(self):
        self.emulator.reset()

    def sign_in(self):
        DescopeClient().magiclink.sign_up_or_in(DeliveryMethod.SMS, "+14155550123")
        token = self.emulator.inbox.wait_for(to="+14155550123").token
        return DescopeClient().magiclink.verify(token)

    def test_one(self):
        self.assertTrue(self.sign_in()["firstSeen"])

    def test_two(self):
        self.assertTrue(self.sign_in()["firstSeen"])


class WithBlockTest(unittest.TestCase):
    def test_it_ends_with_the_block(self):
        with Emulator() as emulator:
            self.assertEqual(os.environ["DESCOPE_BASE_URL"], emulator.base_url)
        self.assertNotIn("DESCOPE_BASE_URL", os.environ)
        with self.assertRaisesRegex(EmulatorError, "does not run"):
            emulator.base_url
        with self.assertRaisesRegex(EmulatorError, "is not ready: error: unexpected argument"):
            Emulator("--no-such-flag").start()


class TlsTest(unittest.TestCase):
    def test_clients_trust_its_certificate(self):
        with Emulator("--tls") as emulator:
            self.assertTrue(emulator.base_url.startswith("https:"))
            emulator.users.add("ada@example.com")
            DescopeClient().magiclink.sign_in(DeliveryMethod.EMAIL, "ada@example.com")
            self.assertEqual(len(emulator.inbox.messages("ada@example.com")), 1)
"""

NOTHING_IS_LOADED = """
import sys

def test_nothing_of_the_package_is_loaded():
    assert "descope_ml_pytest.plugin" in sys.modules
    assert [name for name in sys.modules if name.split(".")[0] == "descope_ml"] == []
"""

ONE_PER_WORKER = """
import os
from pathlib import Path
import pytest

@pytest.mark.parametrize("number", range(3))
def test_one(descope_emulator, number):
    with Path("urls").open("a") as file:
        file.write(os.environ["PYTEST_XDIST_WORKER"] + " " + descope_emulator.base_url + "\\n")
    descope_emulator.users.add("ada")
    assert len(descope_emulator.users) == 1
"""


def test_each_test_has_an_emulator_without_traces_of_others(tmp_path: Path) -> None:
    done = run_user_tests(tmp_path, {"test_it.py": PRELUDE + EACH_TEST_HAS_ITS_OWN})
    assert_passed(done, 2)


def test_time_passes_and_requests_fail_on_demand(tmp_path: Path) -> None:
    assert_passed(run_user_tests(tmp_path, {"test_it.py": PRELUDE + TIME_AND_FAULTS}), 4)


def test_environment_and_default_client_are_put_back(tmp_path: Path) -> None:
    done = run_user_tests(tmp_path, {"test_it.py": PRELUDE + THE_ENVIRONMENT_IS_PUT_BACK})
    assert_passed(done, 2)


def test_arguments_of_the_emulator_are_in_the_configuration(tmp_path: Path) -> None:
    files = {
        "pytest.ini": "[pytest]\ndescope_emulator_args = --approved-domain example.com\n",
        "test_it.py": """
            import pytest
            from descope_ml import ApiError, DeliveryMethod, DescopeClient

            def test_it(descope_emulator):
                with pytest.raises(ApiError):
                    DescopeClient().magiclink.sign_up_or_in(
                        DeliveryMethod.EMAIL, "ada@example.com", "https://other.example.org")
            """,
    }
    assert_passed(run_user_tests(tmp_path, files), 1)


def test_each_worker_of_xdist_has_one_emulator(tmp_path: Path) -> None:
    done = run_user_tests(tmp_path, {"test_it.py": ONE_PER_WORKER}, "-n2", "--dist=each")
    assert_passed(done, 6)
    lines = (tmp_path / "urls").read_text().splitlines()
    assert len(lines) == 6
    workers = dict(line.split() for line in set(lines))
    assert len(set(lines)) == 2
    assert len(set(workers.values())) == 2


def test_the_class_for_unittest(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(UNITTEST)
    done = run_in(tmp_path, [sys.executable, "-W", "error", "-m", "unittest"])
    assert done.returncode == 0, done.stderr
    assert "Ran 4 tests" in done.stderr
    assert "ResourceWarning" not in done.stderr


def test_without_an_emulator_the_error_says_what_to_install(tmp_path: Path) -> None:
    files = {"test_it.py": "def test_it(descope_emulator): pass\n"}
    done = run_user_tests(tmp_path, files, DESCOPE_ML_EMULATOR="", PATH="/usr/bin:/bin")
    assert done.returncode == 1
    assert "not installed: run `pip install descope-ml[testing]`" in done.stdout
    done = run_user_tests(tmp_path, files, DESCOPE_ML_EMULATOR="/nowhere/emulator")
    assert "/nowhere/emulator cannot be run: No such file or directory" in done.stdout
    done = run_user_tests(tmp_path, files, DESCOPE_ML_EMULATOR="/bin/echo")
    assert "/bin/echo is not ready" in done.stdout


def test_the_plugin_loads_nothing_unless_a_fixture_is_used(tmp_path: Path) -> None:
    files = {"test_it.py": NOTHING_IS_LOADED}
    assert_passed(run_user_tests(tmp_path, files), 1)
    (tmp_path / "pytest.ini").write_text("[pytest]\ndescope_block_network = true\n")
    assert_passed(run_user_tests(tmp_path, files), 1)
    assert_passed(run_user_tests(tmp_path, files, "--disable-socket"), 1)


def test_the_examples_in_its_documentation_run(tmp_path: Path) -> None:
    options = ["--doctest-modules", "--pyargs", "descope_ml.testing"]
    assert_passed(run_user_tests(tmp_path, {}, *options), 4)
