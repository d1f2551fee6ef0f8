# SPDX-License-Identifier: GPL-2.0
"""Bisecting: which of a few toy commits broke a test, and which commits cannot tell."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from toy import SCRIPTS

# Writes what the ring's file says as its results; a commit is made of such files.
TEST = """#!/bin/sh
mkdir -p build/results
case "$PYTEST_ADDOPTS" in "-k '$T'" | "-k $T") ;; *) exit 1 ;; esac
if [ -f "$1.xml" ]; then cp "$1.xml" build/results/; fi
if [ -f "$1.json" ]; then cp "$1.json" build/results/; fi
exit 1
"""
STAGE = "#!/bin/sh\n"
GOOD, BAD, SKIP = 0, 1, 125


def junit(*outcomes: str) -> str:
    """A file of results: each outcome is empty, or the element that tells it."""
    cases = "".join(f'<testcase name="test">{outcome}</testcase>' for outcome in outcomes)
    return f"<testsuites><testsuite>{cases}</testsuite></testsuites>"


PASSED, FAILED, SKIPPED = "", '<failure message="x"/>', '<skipped message="x"/>'
BOOT_FAILED = '<error message="failed on setup"/>'
UNREADABLE = '<error message="collection failure"/>'


def kunit(**suites: dict[str, str]) -> str:
    return json.dumps({"sub_groups": [
        {"name": name, "test_cases": [{"name": case, "status": status}
                                      for case, status in cases.items()]}
        for name, cases in suites.items()]})


class Repo:
    """A repository whose commits hold no more than what their tests come to."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "scripts").mkdir(parents=True)
        shutil.copy(SCRIPTS / "bisect-run", root / "scripts")
        self.git("init", "-q", "-b", "main")
        self.write(**{".gitignore": "build/\n", "Makefile": "kernel:\n\t@true\n"})
        self.script("stage", STAGE)
        self.script("test", TEST)

    def git(self, *arguments: str) -> str:
        return subprocess.run(
            ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *arguments],
            cwd=self.root, check=True, capture_output=True, text=True).stdout.strip()

    def write(self, **files: str) -> None:
        for name, text in files.items():
            (self.root / name).write_text(text)

    def script(self, name: str, text: str) -> None:
        path = self.root / "scripts" / name
        path.write_text(text)
        path.chmod(0o755)

    def commit(self) -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "x")
        return self.git("rev-parse", "HEAD")

    def run(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items()
                if name not in ("T", "SUITE", "PYTEST_ADDOPTS", "MAKEFLAGS", "MAKELEVEL")}
        return subprocess.run([str(self.root / "scripts/bisect-run"), *arguments], cwd=self.root,
                              env=kept | env, capture_output=True, text=True, check=False)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo")


@pytest.mark.parametrize("check, boot, status", [
    (junit(PASSED, SKIPPED), None, GOOD),
    (junit(PASSED, FAILED), None, BAD),
    (junit(), junit(PASSED), GOOD),
    (junit(), junit(BOOT_FAILED, PASSED), BAD),
    (junit(), junit(), SKIP),
    (junit(SKIPPED), junit(SKIPPED), SKIP),
    (junit(UNREADABLE), None, SKIP),
    (None, None, SKIP),
])
def test_a_step_of_pytest(repo: Repo, check: str | None, boot: str | None, status: int) -> None:
    repo.write(**{name: text for name, text in (("check.xml", check), ("boot.xml", boot)) if text})
    assert repo.run("step", T="one or other").returncode == status


@pytest.mark.parametrize("suite, status", [
    ("cma_hold", GOOD), ("cma_*", BAD), ("cma_put", BAD), ("cma_put.one", GOOD),
    ("cma_put.o*er", BAD), ("cma_none", SKIP), ("cma_skip", SKIP)])
def test_a_step_of_kunit(repo: Repo, suite: str, status: int) -> None:
    repo.write(**{"kunit.json": kunit(cma_hold={"one": "PASS", "two": "SKIP"},
                                      cma_put={"one": "PASS", "other": "TEST_CRASHED"},
                                      cma_skip={"one": "SKIP"})})
    assert repo.run("step", SUITE=suite).returncode == status


def test_a_commit_that_does_not_stage(repo: Repo) -> None:
    repo.write(**{"check.xml": junit(FAILED)})
    repo.script("stage", "#!/bin/sh\nexit 1\n")
    assert repo.run("step", T="x").returncode == SKIP


def test_a_kernel_that_does_not_build(repo: Repo) -> None:
    repo.write(**{"check.xml": junit(), "boot.xml": junit(FAILED),
                  "Makefile": "kernel:\n\t@false\n"})
    assert repo.run("step", T="x").returncode == SKIP


def test_a_host_program_that_does_not_build(repo: Repo) -> None:
    (repo.root / "tools/mm/cma").mkdir(parents=True)
    repo.write(**{"check.xml": junit(FAILED), "tools/mm/cma/Makefile": "all:\n\t@false\n"})
    assert repo.run("step", T="x").returncode == SKIP


@pytest.mark.parametrize("env", [
    {}, {"GOOD": "HEAD"}, {"GOOD": "HEAD", "T": "x", "SUITE": "y"}, {"T": "x"}])
def test_what_cannot_begin(repo: Repo, env: dict[str, str]) -> None:
    result = repo.run(**env)
    assert result.returncode == 255 and len(result.stderr.splitlines()) == 1
    assert result.stderr.startswith("bisect-run: give GOOD=<commit>, and one of T=")


def test_the_commit_is_found_without_those_that_cannot_tell(repo: Repo) -> None:
    """One commit does not stage, and no one but the last has a script to bisect with."""
    (repo.root / "scripts/bisect-run").rename(repo.root / "new")
    repo.write(**{"check.xml": junit(PASSED), ".gitignore": "build/\nnew\n"})
    good = repo.commit()
    for _ in range(3):
        repo.commit()
    repo.script("stage", "#!/bin/sh\nexit 1\n")
    repo.commit()
    repo.script("stage", STAGE)
    repo.commit()
    repo.write(**{"check.xml": junit(PASSED, FAILED)})
    wanted = repo.commit()
    repo.commit()
    (repo.root / "new").rename(repo.root / "scripts/bisect-run")
    repo.commit()
    result = repo.run(T="x", GOOD=good)
    assert result.returncode == 0, result.stderr
    assert f"{wanted} is the first bad commit" in result.stdout
