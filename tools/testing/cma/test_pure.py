# SPDX-License-Identifier: GPL-2.0
"""Each case of each C test program, under ASan and UBSan, as a 64-bit and as a 32-bit program."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from cmatest import host

FUZZ_SECONDS = int(os.environ.get("FUZZ_SECONDS", "3"))
FUZZ = host.HERE / "fuzz"
# What a fuzzer is told besides.
FUZZERS = {
    "request": ["-max_len=96", f"-dict={FUZZ / 'request.dict'}"],
    "dt": ["-max_len=160"],
}
TARGETS = ["all", "m32"]
CASES = [(program, case) for program in host.programs() for case in host.cases(program)]


def skip_without_tools(target: str) -> None:
    """Skip, naming what to install."""
    if lacking := host.missing(target):
        pytest.skip(f"apt-get install {lacking}")


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("program", "case"), CASES)
def test_case(target: str, program: str, case: str) -> None:
    """The program reports the case, as good."""
    skip_without_tools(target)
    _, output = host.result(target, program)
    assert re.search(rf"^ok \d+ - {case} ", output, re.MULTILINE), output


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("program", host.programs())
def test_program(target: str, program: str) -> None:
    """The program runs to its end, without a sanitizer's complaint or an unknown case."""
    skip_without_tools(target)
    code, output = host.result(target, program)
    assert code == 0, output
    assert f"1..{len(host.cases(program))}\n" in output


def test_no_kernel_header_is_reachable() -> None:
    """A pure file that includes linux/mm.h does not compile on the host."""
    done = subprocess.run(
        ["cc", "-E", f"-I{host.COMPAT}", "-"], input="#include <linux/mm.h>\n",
        capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "linux/mm.h" in done.stderr


def corpus_of(name: str) -> Path:
    """The directory of the inputs to begin with; those of nodes are bytes, kept as text."""
    if name != "dt":
        return FUZZ / "corpus"
    corpus = host.BUILD / "corpus_dt_first"
    corpus.mkdir(exist_ok=True)
    lines = (FUZZ / "dt.corpus").read_text().splitlines()
    inputs = [bytes.fromhex(line) for line in lines if not line.startswith("#")]
    assert len(inputs) > 10
    for number, content in enumerate(inputs):
        (corpus / f"{number:02}").write_bytes(content)
    return corpus


@pytest.mark.parametrize("name", FUZZERS)
def test_fuzz(name: str) -> None:
    """FUZZ_SECONDS of libFuzzer from the corpus on; finds are kept outside the source tree."""
    skip_without_tools("fuzz")
    finds = host.BUILD / f"corpus_{name}"
    program = host.build("fuzz") / f"fuzz_{name}"
    finds.mkdir(exist_ok=True)
    done = subprocess.run(
        [str(program), f"-max_total_time={FUZZ_SECONDS}", f"-artifact_prefix={host.BUILD}/{name}-",
         *FUZZERS[name], str(finds), str(corpus_of(name))],
        capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    runs = re.search(r"^Done (\d+) runs", done.stderr, re.MULTILINE)
    assert runs and int(runs[1]) > 1000, done.stderr[-4000:]
