# SPDX-License-Identifier: GPL-2.0
# prepare gives it the name of your kernel's recipe: bitbake refuses an append without one.
require cma.inc
