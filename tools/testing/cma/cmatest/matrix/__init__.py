# SPDX-License-Identifier: GPL-2.0
"""Kernels and machines of many kinds under stress, ours against stock.

cells: which kinds meet, and a small set in which each pair of values does; run: the
boots of a cell; look: what is concluded from them; show: lines and the table.
"""
