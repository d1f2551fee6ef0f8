# SPDX-License-Identifier: GPL-2.0
"""Suites of others and real consumers in a Debian guest, on ours and on stock."""
