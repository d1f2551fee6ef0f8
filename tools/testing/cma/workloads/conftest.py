# SPDX-License-Identifier: GPL-2.0
"""The workloads use what bench and boot tests are made of."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / part) for part in ("bench", "boot")]
