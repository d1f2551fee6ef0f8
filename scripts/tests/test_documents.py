# SPDX-License-Identifier: GPL-2.0
"""What documents name exists: the tests of rules, the files of MAINTAINERS."""

from __future__ import annotations

import re

import pytest
from repo import ROOT, all_files

BLOCKS = (ROOT / "Documentation/mm/cma-rules.rst").read_text().split("\n\n")
# By name of the rule: what stands after it about its tests.
RULES = {block.split("\n")[0]: after for block, after in zip(BLOCKS, BLOCKS[1:])
         if re.match(r"[^\s.].*\n  \S", block)}


@pytest.fixture(scope="module")
def existing() -> set[str]:
    """The names of all KUnit suites, and of all files below tools/testing/cma."""
    suites = {suite for name in all_files() if re.match(r"mm/cma/tests/.*\.c$", name)
              for suite in re.findall(r"\.name = \"(\w+)\"", (ROOT / name).read_text())}
    return suites | {"/".join(name.split("/")[-parts:]) for name in all_files()
                     if name.startswith("tools/testing/cma/") for parts in (1, 2)}


def test_there_are_rules() -> None:
    assert len(RULES) > 40


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_names_tests_that_exist(existing: set[str], rule: str) -> None:
    after = RULES[rule]
    named = re.findall(r"``([\w./]+)``", after)
    assert after.startswith("  Tests: " if named else "  No test"), after
    assert set(named) <= existing, sorted(set(named) - existing)


def named_in_maintainers() -> list[str]:
    return re.findall(r"^[FP]:\t(.+)$", (ROOT / "MAINTAINERS").read_text(), re.M)


@pytest.mark.parametrize("path", named_in_maintainers())
def test_maintainers_name_what_exists(path: str) -> None:
    assert list(ROOT.glob(path))


def test_maintainers_leave_out_nothing() -> None:
    """Each file that goes into a kernel tree is listed; the rest stays here."""
    listed = {hit for path in named_in_maintainers() for hit in ROOT.glob(path)}
    left = [name for name in all_files() if "/" in name
            and not name.startswith(("scripts/", ".ci/", "adoption/"))
            and not listed & {ROOT / name, *(ROOT / name).parents}]
    assert not left
