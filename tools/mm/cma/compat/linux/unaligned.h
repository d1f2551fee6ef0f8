/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_UNALIGNED_H
#define _LINUX_UNALIGNED_H

#include <linux/types.h>

/* Byte by byte, so that ASan judges each one. */
static inline u32 get_unaligned_be32(const void *data)
{
	const unsigned char *byte = data;

	return (u32)byte[0] << 24 | (u32)byte[1] << 16 | (u32)byte[2] << 8 |
	       byte[3];
}

#endif
