# SPDX-License-Identifier: GPL-2.0
"""What requests cost, in instructions of the guest: ours against stock."""
