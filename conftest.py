# SPDX-License-Identifier: GPL-2.0
"""Says what there is to select from when -k selects no test."""

from __future__ import annotations

import pytest

NAMES = pytest.StashKey[dict[str, None]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[NAMES] = {}


def pytest_itemcollected(item: pytest.Item) -> None:
    """Files, and the words that a test goes by besides: functions would be too many."""
    item.config.stash[NAMES] |= dict.fromkeys(
        [item.path.stem, *sorted(item.extra_keyword_matches)])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int,
                            config: pytest.Config) -> None:
    expression = config.option.keyword
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and expression:
        terminalreporter.write_line(
            f"'{expression}' selects no test; give a part of a test's name, or of one of: "
            f"{' '.join(config.stash[NAMES])}")
