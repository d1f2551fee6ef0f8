# SPDX-License-Identifier: GPL-2.0
"""How much unmovable memory is to be had beside movable: ours against stock."""
