# SPDX-License-Identifier: GPL-2.0
"""Lays the files of this repository over a stock kernel tree, and configures and builds that.

lay: brings the staged tree up to date; base: the pristine tree below it; join: the
edits to stock files that are no C; hooks: those that are, in scripts/hooks;
config, make: kernel configurations, and the kernel's make; common: the rest.

series: patches out of what lay changes, as plan and scripts/series.d say; proof: that
they apply; series_check: that each builds and boots; checkpatch: what that has to say;
release: all of it in one file.
"""
