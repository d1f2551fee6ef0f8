# SPDX-License-Identifier: GPL-2.0
"""The bench uses what the boot tests are made of."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "boot"))
