# SPDX-License-Identifier: GPL-2.0
"""lib/parse.c against the independent reader of language.py, on generated texts."""

from __future__ import annotations

import os
import random
import subprocess
from dataclasses import dataclass

import pytest

from cmatest import host, language

U32_MAX = 2**32 - 1
ALPHABET = "0123456789aAbBeEfFgGiIkKmMnNpPtTxX%@-(),. +\t\xff"
COUNT = 20000


@dataclass(frozen=True)
class Question:
    """One line of input for request_cli."""

    text: str
    addr_max: int
    ram: int
    granule: int

    def line(self) -> str:
        """The form that request_cli reads."""
        code = self.text.encode("latin-1").hex() or "-"
        return f"{self.addr_max} {self.ram} {self.granule} .{code}\n"


def expected(question: Question) -> str:
    """The answer that request_cli should give."""
    try:
        request = language.parse(question.text, question.addr_max)
    except language.Rejected as error:
        ret = language.ERRNO.get(error.cause, language.EINVAL)
        return f"bad {ret} {error.cause.value} {error.at}"
    terms = [*request.terms, language.Term()][:2]
    words = " ".join(f"{term.value} {int(term.percent)}" for term in terms)
    ret, size = request.resolve(question.ram, question.granule)
    return (f"good {request.op} {words} {request.placement} {request.base} {request.end} "
            f"{ret} {size}")


def number(rng: random.Random, bits: int) -> str:
    """A number of up to so many bits, in any spelling."""
    value = rng.getrandbits(rng.randint(1, bits))
    return rng.choice([f"{value}", f"0x{value:x}", f"0X{value:X}", f"0{value:o}"])


def size(rng: random.Random) -> str:
    """A size, sometimes too large."""
    if rng.random() < 0.1:
        edge = rng.choice([2**64, 2**32]) + rng.randint(-2, 2)
        return f"{edge >> 10 * rng.randint(0, 6)}{rng.choice(['', *'KMGTPE'])}"
    suffix = rng.choice("KMGTPEkmgtpe") + rng.choice(["", "B", "iB"])
    return number(rng, 12) + suffix if rng.random() < 0.7 else number(rng, 66)


def term(rng: random.Random) -> str:
    """A size or a percentage, at times outside of 1 to 90."""
    return f"{rng.randint(0, 95)}%" if rng.random() < 0.4 else size(rng)


def sentence(rng: random.Random) -> str:
    """A text that follows the grammar, if not always the rules for the values."""
    text = term(rng)
    if rng.random() < 0.4:
        text = f"{rng.choice(['max', 'min'])}({text},{term(rng)})"
    if rng.random() < 0.5:
        text += f"@{size(rng)}"
        if rng.random() < 0.6:
            text += f"-{size(rng)}"
    return text


def damaged(rng: random.Random, text: str) -> str:
    """A text with a few characters lost, added or replaced."""
    chars = list(text)
    for _ in range(rng.choice([0, 1, 1, 2])):
        at = rng.randint(0, len(chars))
        chars[at:at + rng.randint(0, 2)] = rng.choice(["", rng.choice(ALPHABET)])
    return "".join(chars)


def noise(rng: random.Random) -> str:
    """A text without any plan."""
    return "".join(rng.choice(ALPHABET) for _ in range(rng.randint(0, 8)))


def question(rng: random.Random) -> Question:
    """A text with the circumstances in which it is read."""
    text = noise(rng) if rng.random() < 0.1 else damaged(rng, sentence(rng))
    return Question(text, rng.choice([language.U64_MAX, language.U64_MAX, U32_MAX]),
                    rng.getrandbits(rng.randint(1, 64)), 1 << rng.randint(0, 30))


def answers(target: str, questions: list[Question]) -> list[str]:
    """What the C parser says."""
    program = host.build(target) / "request_cli"
    done = subprocess.run([str(program)], text=True, capture_output=True,
                          input="".join(entry.line() for entry in questions), check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("target", ["all", "m32"])
def test_both_readers_agree(target: str) -> None:
    """The same answer, cause and position for every text."""
    if lacking := host.missing(target):
        pytest.skip(f"apt-get install {lacking}")
    rng = random.Random(int(os.environ.get("CMA_TEST_SEED", "0"), 0))
    questions = [question(rng) for _ in range(COUNT)]
    for entry, got in zip(questions, answers(target, questions), strict=True):
        assert got == expected(entry), entry


def test_the_generated_texts_reach_every_verdict() -> None:
    """Each cause, and a good share of accepted texts, is among the generated ones."""
    rng = random.Random(0)
    verdicts = [expected(question(rng)).split() for _ in range(COUNT)]
    causes = {int(verdict[2]) for verdict in verdicts if verdict[0] == "bad"}
    assert causes == set(language.Cause) - {language.Cause.OK}
    assert sum(verdict[0] == "good" for verdict in verdicts) > COUNT // 10
