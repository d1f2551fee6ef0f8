# SPDX-License-Identifier: GPL-2.0
# No packages: what this tree brings is a patch and a configuration of the kernel.
