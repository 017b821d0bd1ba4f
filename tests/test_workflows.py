"""The workflows of GitHub Actions: what they run, what they may do, and what they are made of."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from support.programs import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
MAKEFILES = [ROOT / "Makefile", ROOT / "benches" / "Makefile", *(ROOT / "packaging").glob("*.mk")]


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.stem)
def workflow(request: pytest.FixtureRequest) -> Path:
    """Each workflow."""
    return Path(request.param)


def jobs(workflow: Path) -> dict[str, Any]:
    """The jobs of a workflow, by name."""
    return dict(yaml.safe_load(workflow.read_text())["jobs"])


def release_jobs() -> dict[str, Any]:
    """The jobs of a release."""
    return jobs(ROOT / ".github" / "workflows" / "release.yml")


def release_targets() -> set[str]:
    """The targets that a release makes in a container."""
    matrices = [release_jobs()[name]["strategy"]["matrix"] for name in ("test", "build")]
    built = [target for row in matrices[1]["include"] for target in row["targets"].split()]
    return {*matrices[0]["target"], *built}


def test_there_are_two_workflows() -> None:
    assert [workflow.stem for workflow in WORKFLOWS] == ["ci", "release"]


def test_actions_are_pinned_by_commit_and_name_its_version(workflow: Path) -> None:
    used = re.findall(r"uses: (?!\./)(.*)", workflow.read_text())
    assert used
    for action in used:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action


def test_an_action_has_one_version_everywhere() -> None:
    used = re.findall(r"uses: (?!\./)(.*)", "".join(path.read_text() for path in WORKFLOWS))
    pinned = {action.split("@")[0]: action for action in used}
    assert set(used) == set(pinned.values())


def test_a_job_has_only_the_permissions_that_it_states(workflow: Path) -> None:
    assert yaml.safe_load(workflow.read_text())["permissions"] == {}
    for name, job in jobs(workflow).items():
        assert "permissions" in job, name


def test_only_what_publishes_may_write_and_nothing_has_a_secret() -> None:
    writing = {
        name: {key for key, access in job["permissions"].items() if access != "read"}
        for name, job in release_jobs().items()
    }
    assert {name: rights for name, rights in writing.items() if rights} == {
        "collect": {"id-token", "attestations"},
        "pypi": {"id-token"},
        "github": {"contents"},
    }
    assert not any("secrets." in workflow.read_text() for workflow in WORKFLOWS)


def test_nothing_is_published_before_all_tests_have_passed() -> None:
    release = release_jobs()
    assert set(release["collect"]["needs"]) == {"check", "ci", "test", "build"}
    assert release["check"]["if"] == "github.ref_type == 'tag'"
    assert release["pypi"]["needs"] == "collect"
    assert release["github"]["needs"] == "pypi"


def test_makefiles_have_the_targets_of_a_release() -> None:
    makefiles = "".join(path.read_text() for path in MAKEFILES)
    targets = set(re.findall(r"^([\w -]+):(?!=)", makefiles, re.MULTILINE))
    known = {target for line in targets for target in line.split()}
    assert release_targets() - known == set()


def test_what_is_run_before_a_release_is_in_its_workflow() -> None:
    rows = (ROOT / "CONTRIBUTING.md").read_text().splitlines()
    before = [row for row in rows if row.startswith("| `make") and "before a release" in row]
    named = {target for row in before for target in re.findall(r"^\| `make ([\w-]+)`", row)}
    assert {"oom", "test-dist-linux"} <= named
    assert named - release_targets() == set()
