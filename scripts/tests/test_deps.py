# SPDX-License-Identifier: GPL-2.0
"""Installing what is missing, against a package manager that only writes down what it is told."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from toy import SCRIPTS

DPKG = """#!/bin/sh
shift 2
for package in "$@"; do
    case " $ABSENT " in
    *" $package "*) echo "no packages found matching $package" >&2; status=1 ;;
    *) echo "installed $package" ;;
    esac
done
exit ${status:-0}
"""
APT = """#!/bin/sh
echo "$*" >>"$CALLS"
case "$*" in *" $FAIL"*) exit 100 ;; esac
"""


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    (tmp_path / "scripts").mkdir()
    shutil.copy(SCRIPTS / "deps", tmp_path / "scripts/deps")
    for name, text in (("dpkg-query", DPKG), ("apt-get", APT), ("sudo", '#!/bin/sh\nexec "$@"\n')):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    return tmp_path


def deps(repo: Path, absent: str = "", fail: str = "-none-",
         ksrc: str = "", *words: str) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run scripts/deps; return its result and what apt-get was asked for."""
    calls = repo / "calls"
    calls.write_text("")
    env = os.environ | {"PATH": f"{repo}:{os.environ['PATH']}", "ABSENT": absent, "FAIL": fail,
                        "CALLS": str(calls), "KSRC": ksrc}
    result = subprocess.run([str(repo / "scripts/deps"), *words], env=env, capture_output=True,
                            text=True, check=False)
    return result, calls.read_text().splitlines()


def test_nothing_is_said_or_done_when_all_is_there(repo: Path) -> None:
    result, calls = deps(repo)
    assert (result.returncode, result.stdout, result.stderr, calls) == (0, "", "", [])


def test_what_is_missing_is_named_and_installed(repo: Path) -> None:
    result, calls = deps(repo, absent="sparse bison")
    assert result.returncode == 0
    assert result.stderr == ("deps: installing bison: builds Kconfig and dtc\n"
                             "deps: installing sparse: checks kernel C code\n")
    assert len(calls) == 2
    assert calls[0].endswith(" update")
    assert calls[1].endswith(" install --no-install-recommends bison sparse")


def test_the_kernel_source_is_debians_unless_given(repo: Path) -> None:
    assert deps(repo, absent="linux-source-6.12")[1][1].endswith(" linux-source-6.12")
    assert deps(repo, absent="linux-source-6.12", ksrc="/tree")[1] == []


def test_a_failed_update_does_not_stop_the_install(repo: Path) -> None:
    result, calls = deps(repo, absent="bc", fail="update")
    assert (result.returncode, len(calls)) == (0, 2)
    assert "'apt-get update' failed" in result.stderr


def test_a_failed_install_says_what_to_do(repo: Path) -> None:
    result, _ = deps(repo, absent="linux-source-6.12", fail="install")
    assert result.returncode == 1
    assert "the whole log is build/log/deps.log" in result.stderr
    assert "give KSRC=<6.12.y tree or tarball>" in result.stderr


def test_staging_needs_neither_root_nor_a_package_manager(tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("bash", "dirname", "python3", "git", "rsync", "tar", "xz", "patch"):
        found = shutil.which(name)
        assert found
        (tools / name).symlink_to(found)
    command = [str(tools / "bash"), str(SCRIPTS / "deps"), "stage"]
    env = {"PATH": str(tools)}
    result = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (
        1, "deps: spatch is missing; install the package coccinelle: "
           "joins C code with the stock tree\n")
    (tools / "spatch").symlink_to("/bin/true")
    result = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def listed(target: str) -> set[str]:
    done = subprocess.run([str(SCRIPTS / "deps"), "--list", target], capture_output=True,
                          text=True, check=True)
    rows = [line.split(": ") for line in done.stdout.splitlines()]
    assert all(len(row) == 2 and row[1] for row in rows), "a package without a reason"
    names = [row[0] for row in rows]
    assert len(set(names)) == len(names)
    return set(names)


def test_what_one_target_needs_is_installed_for_it_alone(repo: Path) -> None:
    assert deps(repo, "xfsprogs")[1] == []
    assert any("xfsprogs" in call for call in deps(repo, "xfsprogs", "-none-", "", "everyday")[1])


def test_a_first_run_fetches_one_compiler_and_one_machine() -> None:
    other = re.compile("gnueabihf|armhf|x86|matplotlib|pytest|clang|sparse")
    assert not [name for name in listed("run") if other.search(name)]
    assert {"gcc-aarch64-linux-gnu", "qemu-system-arm"} < listed("run")


def test_checks_on_the_host_need_no_machine_and_no_cross_compiler() -> None:
    assert not [name for name in listed("check") if re.search("qemu|-cross|linux-gnu", name)]


def test_each_target_that_installs_is_known() -> None:
    text = (SCRIPTS.parent / "Makefile").read_text()
    for targets in re.findall(r"^([a-z -]+):\n\t@scripts/deps \$@", text, re.MULTILINE):
        for target in targets.split():
            assert listed(target)


def test_a_target_that_is_not_known_is_refused(repo: Path) -> None:
    result, calls = deps(repo, "", "-none-", "", "unknown-target")
    assert (result.returncode, calls) == (1, [])
    assert "there is no target unknown-target" in result.stderr
