# SPDX-License-Identifier: GPL-2.0
"""The size language once more, from its grammar, for comparison with lib/parse.c.

Numbers are Python's, tokens are regular expressions, errors are exceptions: nothing of the
structure of the C parser is shared.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import IntEnum
from fractions import Fraction

U64_MAX = 2**64 - 1
SHIFT = {letter: 10 * (i + 1) for i, letter in enumerate("KMGTPE")}


class Cause(IntEnum):
    """enum cma_parse_cause"""

    OK, EMPTY, UNEXPECTED, OVERFLOW, PERCENT, NO_BASE, NO_END, END_BEFORE_BASE, \
        RANGE_TOO_SMALL, WRAPS, CUT_SHORT = range(11)


EINVAL, ERANGE, EOVERFLOW = -22, -34, -75
ERRNO = {Cause.OVERFLOW: EOVERFLOW, Cause.WRAPS: EOVERFLOW, Cause.PERCENT: ERANGE,
         Cause.END_BEFORE_BASE: ERANGE, Cause.RANGE_TOO_SMALL: ERANGE}


class Rejected(Exception):
    """The text is wrong at a position."""

    def __init__(self, cause: Cause, at: int) -> None:
        super().__init__(f"{cause.name} at {at}")
        self.cause, self.at = cause, at


@dataclass(frozen=True)
class Term:
    """Bytes, or percent of RAM."""

    value: int = 0
    percent: bool = False

    def of(self, ram: int) -> Fraction:
        """Exact share, not rounded to whole bytes."""
        return Fraction(ram * self.value, 100) if self.percent else Fraction(self.value)


@dataclass
class Request:
    """struct cma_request; op 0 to 2 and placement 0 to 2 as in the C enums."""

    op: int = 0
    terms: list[Term] = field(default_factory=list)
    placement: int = 0
    base: int = 0
    end: int = 0

    def winner(self, ram: int) -> Term:
        """The term that decides; compared in whole bytes, bytes before percent in a tie."""
        if self.op == 0:
            return self.terms[0]
        first = sorted(self.terms, key=lambda term: term.percent)
        pick = max if self.op == 1 else min
        return pick(first, key=lambda term: int(term.of(ram)))

    def resolve(self, ram: int, granule: int) -> tuple[int, int]:
        """Errno and bytes of cma_amount_resolve()."""
        term = self.winner(ram)
        blocks = term.of(ram) / granule
        count = int(blocks) if term.percent else -int(-blocks // 1)
        if term.percent and count == 0:
            return ERANGE, 0
        if count * granule > U64_MAX:
            return EOVERFLOW, 0
        return 0, count * granule


class Reader:
    """Reads one text."""

    def __init__(self, text: str, addr_max: int) -> None:
        self.text, self.addr_max, self.at = text, addr_max, 0

    def match(self, pattern: str) -> str | None:
        """Consume a pattern."""
        found = re.compile(pattern, re.DOTALL).match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        return found[0]

    def wrong_here(self, at_end: Cause) -> Rejected:
        """What to raise for whatever stands here."""
        return Rejected(Cause.UNEXPECTED if self.at < len(self.text) else at_end, self.at)

    def want(self, char: str) -> None:
        """Consume this character or reject."""
        if self.match(re.escape(char)) is None:
            raise self.wrong_here(Cause.CUT_SHORT)

    def number(self) -> tuple[int, bool]:
        """Value and whether it is written in decimal."""
        start = self.at
        if self.match("0[xX]") is not None:
            radix, digits = 16, self.match("[0-9a-fA-F]+")
        elif self.match("0(?=[0-9])") is not None:
            radix, digits = 8, self.match("[0-7]*") or "0"
        else:
            radix, digits = 10, self.match("[0-9]+")
        if digits is None:
            raise self.wrong_here(Cause.EMPTY)
        value = int(digits, radix)
        if value > U64_MAX:
            raise Rejected(Cause.OVERFLOW, start)
        return value, radix == 10

    def unit(self, value: int, start: int) -> int:
        """Bytes, with the suffix that follows."""
        letter = self.match("[KMGTPEkmgtpe]")
        if letter and self.match("B") is None and self.match("i") is not None:
            self.want("B")
        value <<= SHIFT[letter.upper()] if letter else 0
        if value > self.addr_max:
            raise Rejected(Cause.OVERFLOW, start)
        return value

    def size(self) -> int:
        """A size in bytes."""
        start = self.at
        return self.unit(self.number()[0], start)

    def term(self) -> Term:
        """A size or a percentage."""
        start = self.at
        value, decimal = self.number()
        if not decimal or self.match("%") is None:
            return Term(self.unit(value, start))
        if not 1 <= value <= 90:
            raise Rejected(Cause.PERCENT, start)
        return Term(value, True)

    def amount(self, request: Request) -> None:
        """One term or two."""
        word = self.match("max|min")
        if word is None:
            request.terms = [self.term()]
            return
        request.op = 1 if word == "max" else 2
        self.want("(")
        request.terms.append(self.term())
        self.want(",")
        request.terms.append(self.term())
        self.want(")")

    def address(self, cause: Cause) -> int:
        """An address, which may be missing."""
        if self.text[self.at:self.at + 1] in ("", "-"):
            raise Rejected(cause, self.at)
        return self.size()

    def place(self, request: Request) -> None:
        """What follows the '@', and whether the least amount can be there."""
        least = int(request.winner(0).of(0))
        at = self.at
        request.placement, request.base = 1, self.address(Cause.NO_BASE)
        if self.match("-") is None:
            # The address after the last byte is to fit 64 bit, the last byte addr_max.
            if request.base + least > min(self.addr_max + 1, U64_MAX):
                raise Rejected(Cause.WRAPS, at)
            return
        at = self.at
        request.placement, request.end = 2, self.address(Cause.NO_END)
        if request.end < request.base:
            raise Rejected(Cause.END_BEFORE_BASE, at)
        if request.end - request.base < max(least, 1):
            raise Rejected(Cause.RANGE_TOO_SMALL, at)


def parse(text: str, addr_max: int) -> Request:
    """Read a text or raise Rejected."""
    reader, request = Reader(text, addr_max), Request()
    reader.amount(request)
    if reader.match("@") is not None:
        reader.place(request)
    if reader.at < len(text):
        raise Rejected(Cause.UNEXPECTED, reader.at)
    return request
