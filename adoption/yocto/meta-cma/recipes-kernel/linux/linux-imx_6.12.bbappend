# SPDX-License-Identifier: GPL-2.0
require cma.inc
