# SPDX-License-Identifier: GPL-2.0
"""Consumers of buffers: the boot tests that have one, on ours and on stock."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as xml
from pathlib import Path

from cmatest import guest, vm
from cmatest.suites.cells import Consumer
from cmatest.suites.look import Found, distinct, splats

BOOTS = guest.ROOT / "tools/testing/cma/boot"


def outcome(case: xml.Element) -> str:
    if case.find("skipped") is not None:
        return "skip"
    return "fail" if case.find("failure") is not None or case.find("error") is not None else "pass"


def log(name: str, stock: bool) -> Path:
    return vm.LOGS / f"boot-{'stock-' * stock}{name}.log"


def take_boots(found: Found, consumer: Consumer, stock: bool) -> None:
    """What the kernel and the guest said in the boots of @consumer."""
    for name in consumer.boots:
        path = log(name, stock)
        if not path.is_file():
            found.problem = f"boot {name} was not made"
            continue
        result = vm.Result()
        for raw in path.read_text(encoding="utf-8", errors="replace").splitlines():
            result.add(raw)
        found.splats = distinct([*found.splats, *splats(result)])
        found.told |= {f"{name}: {key}": result.facts[key] for key in consumer.facts
                       if key in result.facts}


def run(name: str, consumer: Consumer, by: tuple[str, str, str]) -> tuple[Found, float]:
    """@by: the kernel, the commit, the date. Returns what was found, and the seconds."""
    stock = by[0] == "stock"
    found = Found(name, *by)
    for boot in consumer.boots:
        log(boot, stock).unlink(missing_ok=True)
    results = guest.ROOT / f"build/results/suites/{name}.{by[0]}.xml"
    results.unlink(missing_ok=True)
    start = time.monotonic()
    env = {key: value for key, value in os.environ.items() if key not in ("STOCK", "T", "CELLS")}
    subprocess.run([sys.executable, "-m", "pytest", "-q", f"--junitxml={results}", "-k",
                    " or ".join(consumer.boots), str(BOOTS)], check=False, cwd=guest.ROOT,
                   env=env | {"STOCK": "1"} if stock else env, stdout=subprocess.DEVNULL)
    if results.is_file():
        for case in xml.parse(results).getroot().iter("testcase"):
            found.outcomes[f"{consumer.title}: {case.get('name', '')}"] = outcome(case)
    if not found.outcomes:
        found.problem = "no test ran"
    take_boots(found, consumer, stock)
    return found, time.monotonic() - start
