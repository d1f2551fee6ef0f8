/* SPDX-License-Identifier: GPL-2.0 */
/* A network interface, and QEMU's server behind it that returns all that it gets. */
#ifndef CMA_GUEST_NET_H
#define CMA_GUEST_NET_H

#include <stddef.h>

struct traffic {
	unsigned long good;		/* bytes that came back as they were */
	unsigned long long sent;	/* what the driver has counted */
	unsigned long long received;
};

void net_up(char *name, size_t len);
struct traffic net_echo(const char *name, unsigned long bytes);

#endif /* CMA_GUEST_NET_H */
