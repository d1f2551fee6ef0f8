# SPDX-License-Identifier: GPL-2.0
"""Names what was not run, and counts it as that; the last line has the totals."""

from __future__ import annotations

from collections import Counter

import pytest

COUNT = Counter[str]()
NOT_RUN: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """A skip is no pass, whatever its reason."""
    if report.skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.nodeid
        NOT_RUN.append(reason.removeprefix("Skipped: ").removeprefix("not run: "))
    elif report.failed:
        COUNT["failed"] += 1
    elif report.when == "call":
        COUNT["passed"] += 1


def pytest_unconfigure() -> None:
    for reason in NOT_RUN:
        print(f"not run: {reason}")
    print(f"adoption-check: {COUNT['passed']} passed, {COUNT['failed']} failed, "
          f"{len(NOT_RUN)} not run")
