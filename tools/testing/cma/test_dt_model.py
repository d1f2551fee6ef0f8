# SPDX-License-Identifier: GPL-2.0
"""lib/fdt.c against the independent reader of dt_model.py, on generated nodes."""

from __future__ import annotations

import os
import random
import subprocess
from collections import Counter

import pytest

from cmatest import dt_model, host
from cmatest.dt_model import Cause, Node

ADDR_MAX = [2**64 - 1, 2**64 - 1, 2**40 - 1, 2**32 - 1]
COUNT = 20000


def value(rng: random.Random, granule: int) -> int:
    """An address or a size: zero, near a power of two, a few pageblocks, or anything."""
    kind = rng.random()
    if kind < 0.04:
        return 0
    if kind < 0.16:
        return (1 << rng.choice([32, 40, 64])) - granule * rng.randint(0, 3) + rng.randint(-1, 1)
    if kind < 0.92:
        return granule * rng.randint(1, 1 << rng.randint(0, 12)) + (rng.random() < 0.1)
    return rng.getrandbits(rng.randint(1, 64))


def cells(number: int, count: int) -> bytes:
    """A number in so many cells, cut if it does not fit."""
    width = 4 * max(count, 0)
    return (number % (1 << 8 * width)).to_bytes(width, "big")


def spans(rng: random.Random, widths: tuple[int, int], granule: int) -> bytes:
    """A few addresses and sizes."""
    return b"".join(cells(value(rng, granule), width)
                    for _ in range(rng.choice([0, 1, 1, 1, 2, 3])) for width in widths)


def alignment(rng: random.Random) -> bytes:
    """A power of two in either width, at times none."""
    power = (1 << rng.randint(0, 63)) * rng.choice([0, 1, 1, 1, 1, 1, 1, 1, 3, 2**31 + 1])
    return cells(power, rng.choice([1, 2]))


def damaged(rng: random.Random, data: bytes) -> bytes | None:
    """A property that, at times, is absent, too short, too long or noise."""
    kind = rng.random()
    if kind < 0.04:
        return data[:-rng.randint(1, 8)]
    if kind < 0.08:
        return data + rng.randbytes(rng.randint(1, 8))
    if kind < 0.1:
        return rng.randbytes(rng.randint(0, 40))
    return None if kind < 0.45 else data


def node(rng: random.Random) -> Node:
    """A node in the circumstances in which it is read."""
    widths = rng.choice([1, 2]), rng.choice([1, 2])
    if rng.random() < 0.03:
        widths = rng.choice([widths[0], 0, 3]), rng.choice([widths[1], -1, 2**30])
    written = min(widths[0], 3), min(widths[1], 3)
    granule = 1 << rng.randint(12, 29)
    reg = damaged(rng, spans(rng, written, granule)) if rng.random() < 0.5 else None
    return Node(*widths, rng.choice(ADDR_MAX), granule, rng.random() < 0.8, rng.random() < 0.05,
                reg, damaged(rng, cells(value(rng, granule), written[1])),
                damaged(rng, alignment(rng)), damaged(rng, spans(rng, written, granule)))


def nodes(seed: int) -> list[Node]:
    """COUNT nodes."""
    rng = random.Random(seed)
    return [node(rng) for _ in range(COUNT)]


def answers(target: str, questions: list[Node]) -> list[str]:
    """What the reader in C says."""
    program = host.build(target) / "dt_cli"
    done = subprocess.run([str(program)], text=True, capture_output=True,
                          input="".join(entry.line() for entry in questions), check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("target", ["all", "m32"])
def test_both_readers_agree(target: str) -> None:
    """The same pool, or cause and property, for every node; the same entries."""
    if lacking := host.missing(target):
        pytest.skip(f"apt-get install {lacking}")
    questions = nodes(int(os.environ.get("CMA_TEST_SEED", "0"), 0))
    for entry, got in zip(questions, answers(target, questions), strict=True):
        assert got == dt_model.verdict(entry)[1], entry


def test_the_generated_nodes_reach_every_verdict() -> None:
    """Each cause, and a good share of accepted nodes of both kinds, is among them."""
    verdicts = [dt_model.verdict(entry) for entry in nodes(0)]
    causes = Counter(cause for cause, _ in verdicts)
    assert set(causes) == set(Cause) and min(causes.values()) > COUNT // 200, causes
    for is_fixed in range(2):
        assert sum(text.startswith(f"good {is_fixed} ") for _, text in verdicts) > COUNT // 20
