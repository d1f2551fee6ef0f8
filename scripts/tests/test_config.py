# SPDX-License-Identifier: GPL-2.0
"""Configurations: what is asked for comes out, or is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from overlay import config
from overlay.common import Problem
from toy import SCRIPTS, Toy, make_toy


def fragment(where: Path, name: str, text: str) -> config.Fragment:
    path = where / name
    path.write_text(text)
    return config.load(path)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/Kconfig").write_text("config A\n\tbool\nconfig B\n\tbool\nconfig C\n\tint\n")
    return tmp_path / "tree"


def outcome(tmp_path: Path, text: str) -> Path:
    path = tmp_path / ".config"
    path.write_text(text)
    return path


def test_the_later_fragment_holds(tmp_path: Path) -> None:
    first = fragment(tmp_path, "1", "CONFIG_A=y\nCONFIG_B=y\n# a word\n")
    second = fragment(tmp_path, "2", "# CONFIG_A is not set\nCONFIG_C=3\n")
    assert config.merge([first, second]) == "# CONFIG_A is not set\nCONFIG_B=y\nCONFIG_C=3\n"


def test_what_came_out_as_asked_passes(tmp_path: Path, tree: Path) -> None:
    asked = fragment(tmp_path, "1", "CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C=3\n")
    got = outcome(tmp_path, "CONFIG_A=y\nCONFIG_C=3\n")
    assert config.verify([asked], None, got, tree) == []


@pytest.mark.parametrize("text, got, words", [
    ("CONFIG_A=y\n", "", "A=y (came out n)"),
    ("CONFIG_A=y\n", "CONFIG_A=m\n", "A=y (came out m)"),
    ("# CONFIG_A is not set\n", "CONFIG_A=y\n", "A=n (came out y)"),
    ("CONFIG_C=3\n", "CONFIG_C=4\n", "C=3 (came out 4)"),
    ("CONFIG_TYPO=y\n", "", "TYPO=y (no such symbol)"),
])
@pytest.mark.parametrize("extra", [False, True])
def test_what_did_not_is_named(tmp_path: Path, tree: Path, text: str, got: str, words: str,
                               extra: bool) -> None:
    asked = fragment(tmp_path, "asked", text)
    with pytest.raises(Problem, match="asked asks for what this kernel cannot have") as problem:
        config.verify([] if extra else [asked], asked if extra else None,
                      outcome(tmp_path, got), tree)
    assert words in str(problem.value)


def test_optional_symbols_may_be_absent(tmp_path: Path, tree: Path) -> None:
    asked = fragment(tmp_path, "1", "# optional: B\nCONFIG_A=y\nCONFIG_B=y\n")
    assert config.verify([asked], None, outcome(tmp_path, "CONFIG_A=y\n"), tree) == []


def test_extra_may_switch_off_what_hangs_on_it(tmp_path: Path, tree: Path) -> None:
    asked = fragment(tmp_path, "1", "CONFIG_A=y\nCONFIG_B=y\n")
    extra = fragment(tmp_path, "2", "# CONFIG_A is not set\n")
    assert config.verify([asked], extra, outcome(tmp_path, ""), tree) == ["B"]


def test_a_line_that_sets_nothing(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"bad:2: 'A=y' is no configuration line"):
        fragment(tmp_path, "bad", "CONFIG_B=y\nA=y\n")


@pytest.mark.parametrize("env, words", [
    ({"ARCH": "mips"}, "kernel: ARCH=mips is not supported; choose one of arm64 arm x86_64 um\n"),
    ({"DEBUG": "yes"}, "kernel: DEBUG=yes is neither 0 nor 1\n"),
    ({"EXTRA_CONFIG": "/none"}, "kernel: the configuration fragment /none does not exist\n"),
])
def test_bad_orders(tmp_path: Path, env: dict[str, str], words: str) -> None:
    toy: Toy = make_toy(tmp_path)
    result = toy.run("kernel", **env)
    assert (result.returncode, result.stdout, result.stderr) == (1, "", words)


def test_our_fragments_can_be_read() -> None:
    paths = [path for where in ("kernel/configs", "arch/*/configs")
             for path in SCRIPTS.parent.glob(f"{where}/cma*.config")]
    assert len(paths) >= 8
    for path in paths:
        config.load(path)
