/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's ARRAY_SIZE() needs this header; the host's does without. */
