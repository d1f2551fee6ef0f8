# SPDX-License-Identifier: GPL-2.0
"""Adding up the rings: nothing that went wrong gets lost."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from overlay.common import Problem
from toy import SCRIPTS


@pytest.fixture
def rings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module scripts/test, with its results elsewhere."""
    loader = importlib.machinery.SourceFileLoader("rings", str(SCRIPTS / "test"))
    spec = importlib.util.spec_from_loader("rings", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(__import__("sys").modules, "rings", module)
    loader.exec_module(module)
    monkeypatch.setattr(module, "RESULTS", tmp_path)
    for name in ("T", "SUITE", "ARCH", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)
    return module


@pytest.mark.parametrize("status, counts, want", [
    (0, (3, 0, 0), "3 passed, 0 failed"),
    (1, (3, 2, 1), "3 passed, 2 failed, 1 skipped"),
    (1, (3, 0, 0), "3 passed, 1 failed"),
    (0, (0, 0, 0), "0 passed, 1 failed"),
    (5, (0, 0, 0), "0 passed, 1 failed"),
    (0, (0, 0, 4), "0 passed, 1 failed, 4 skipped"),
])
def test_judging_a_ring(rings: ModuleType, monkeypatch: pytest.MonkeyPatch, status: int,
                        counts: tuple[int, int, int], want: str) -> None:
    monkeypatch.setitem(rings.RINGS, "check", lambda: (status, rings.Count(*counts)))
    assert str(rings.judge("check")) == want


@pytest.mark.parametrize("names, seconds, want", [
    (["debug"], 7.4, "7 s"), (["check", "debug"], 7.4, "7 s"), (["check"], 7.4, "7 s of 240 s"),
    (["check", "kunit"], 540, "540 s of 540 s"), (["kunit"], 310, "310 s of 300 s, 10 s too many")])
def test_time_beside_the_budget(rings: ModuleType, names: list[str], seconds: float,
                                want: str) -> None:
    assert rings.spent(names, seconds) == want


def test_budgets_are_those_of_make_test(rings: ModuleType) -> None:
    makefile = (SCRIPTS.parent / "Makefile").read_text()
    assert f"scripts/test {' '.join(rings.BUDGETS)}\n" in makefile
    assert sum(rings.BUDGETS.values()) == 65 * 60


def test_a_ring_that_cannot_start(rings: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise Problem("no tree")
    monkeypatch.setitem(rings.RINGS, "check", broken)
    assert str(rings.judge("check")) == "0 passed, 1 failed"


@pytest.mark.parametrize("body, want, status", [
    ("def test_a(): pass\ndef test_b(): assert False\n", "1 passed, 1 failed", 1),
    ("import pytest\ndef test_a(): pass\n@pytest.mark.skip\ndef test_b(): pass\n",
     "1 passed, 0 failed, 1 skipped", 0),
    ("import nothing_of_that_name\n", "0 passed, 1 failed", 2),
    ("", "0 passed, 0 failed", 5),
])
def test_counting_pytest(rings: ModuleType, tmp_path: Path, body: str, want: str,
                         status: int) -> None:
    (tmp_path / "test_it.py").write_text(body)
    got, count = rings.pytest("toy", ["--rootdir", str(tmp_path), str(tmp_path / "test_it.py")])
    assert (str(count), got) == (want, status)


@pytest.mark.parametrize("tests", ["tools/testing/cma/boot", "scripts/tests/builds"])
def test_a_ring_finds_its_modules_without_the_others(tests: str) -> None:
    """What the tests of check share is found by builds alone, too."""
    result = subprocess.run([sys.executable, "-m", "pytest", "-q", "--collect-only", tests],
                            cwd=SCRIPTS.parent, text=True, capture_output=True, check=False)
    assert result.returncode == 0, result.stdout


def test_counting_kunit(rings: ModuleType, tmp_path: Path) -> None:
    cases = [{"name": str(number), "status": status} for number, status in
             enumerate(("PASS", "PASS", "FAIL", "SKIP", "ERROR"))]
    path = tmp_path / "kunit.json"
    group = {"test_cases": cases[:1], "sub_groups": [{"test_cases": cases[1:]}]}
    path.write_text(json.dumps(group))
    assert str(rings.read_kunit(path)) == "2 passed, 2 failed, 1 skipped"


TWO = "def test_one(): pass\ndef test_other(): assert False\n"


def test_selecting_by_t(rings: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "test_it.py").write_text(TWO)
    monkeypatch.setenv("T", "one and not other")
    got, count = rings.pytest("toy", ["--rootdir", str(tmp_path), str(tmp_path / "test_it.py")])
    assert (str(count), got) == ("1 passed, 0 failed", 0)


def test_selecting_nothing_says_what_there_is(rings: ModuleType, monkeypatch: pytest.MonkeyPatch,
                                              capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("T", "nothing_like_that")
    monkeypatch.setitem(rings.RINGS, "check",
                        lambda: rings.pytest("toy", ["scripts/tests/test_deps.py"]))
    assert str(rings.judge("check")) == "0 passed, 1 failed"
    said = [line for line in capfd.readouterr().out.splitlines() if "selects no test" in line]
    assert len(said) == 1 and said[0].endswith(" of one of: test_deps")


@pytest.mark.parametrize("ring, name", [("check", "SUITE"), ("boot", "SUITE"), ("kunit", "T")])
def test_the_variable_of_another_ring_is_refused(
        rings: ModuleType, ring: str, name: str, monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv(name, "x")
    assert str(rings.judge(ring)) == "0 passed, 1 failed"
    assert f"\n{ring}: {name}= is not for this ring; select tests by " in capsys.readouterr().out


def suite_file(root: Path, name: str) -> None:
    path = root / f"mm/cma/tests/{name}_kunit.c"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'static struct kunit_suite {name} = {{\n\t.name = "cma_{name}",\n}};\n'
                    'static struct miscdevice device = {\n\t.name = "cma_device",\n};\n')


@pytest.mark.parametrize("wanted", ["", "cma_hold", "cma_h*", "*", "cma_hold.hold_a*"])
def test_selecting_suites(rings: ModuleType, tmp_path: Path, wanted: str,
                          monkeypatch: pytest.MonkeyPatch) -> None:
    suite_file(tmp_path, "hold")
    monkeypatch.setattr(rings, "ROOT", tmp_path)
    monkeypatch.setenv("SUITE", wanted)
    assert rings.wanted_suites() == wanted


@pytest.mark.parametrize("wanted", ["hold", "cma_device", "cma_hold_on.*"])
def test_selecting_no_suite(rings: ModuleType, tmp_path: Path, wanted: str,
                            monkeypatch: pytest.MonkeyPatch) -> None:
    suite_file(tmp_path, "hold")
    suite_file(tmp_path, "bitmap")
    monkeypatch.setattr(rings, "ROOT", tmp_path)
    monkeypatch.setenv("SUITE", wanted)
    with pytest.raises(Problem, match=r"selects no suite; there are: cma_bitmap cma_hold$"):
        rings.wanted_suites()


def test_our_suites_are_found(rings: ModuleType) -> None:
    sources = [path for path in (rings.ROOT / "mm/cma/tests").rglob("*.c")
               if "kunit_test_suite" in path.read_text()]
    assert len(rings.suites()) >= len(sources) > 10


def test_kunit_on_an_unknown_machine(rings: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARCH", "mips")
    with pytest.raises(Problem, match="ARCH=mips is not supported; choose one of um arm64 x86_64"):
        rings.kunit()
